package gunzip

import (
	"encoding/binary"
	"errors"
)

// errUnusual is what makes the judge look. It never leaves the package.
var errUnusual = errors.New("not plain, valid gzip")

const (
	history   = 32 << 10 // how far back a distance reaches
	chunk     = 128 << 10
	slack     = 384 // more than a turn of a loop may write: six literals, a match of 258, and what is copied behind it
	windowLen = history + chunk + slack
	inRoom    = 16 // what one turn of codedAVX2 may read
	litMask   = 1<<litBits - 1
)

// inflater unpacks one deflate stream into a window, a part at a time.
type inflater struct {
	src []byte
	pos int
	// Bits taken from src and not used yet, the next one lowest. What lies above the
	// lowest nbits is not defined.
	bits  uint64
	nbits uint
	over  int // bytes taken behind the end of src, which count as zeros

	win  []byte // where it is unpacked to: up to slack behind the end of what was unpacked is written to
	from int    // where the member begins in win, or what is kept of it: no distance goes farther
	out  int    // end of what was unpacked

	block  blockKind
	last   bool
	stored int // bytes left of a stored block

	lit     [litSize]uint32
	pairs   [1 << litBits]uint32 // of lit, for codedAVX2
	dist    [distSize]uint32
	lengths [numLit + numDist]uint8
}

type blockKind uint8

const (
	between blockKind = iota // in front of a block's header
	storedBlock
	codedBlock
	ended
)

// begin starts a stream at the current position, with no history.
func (z *inflater) begin() {
	z.bits, z.nbits, z.over = 0, 0, 0
	z.from, z.block, z.last = z.out, between, false
}

// run unpacks until the window is full or the stream ends.
func (z *inflater) run() error {
	for {
		var err error
		switch z.block {
		case between:
			if z.last {
				z.block = ended
				return z.unread()
			}
			err = z.header()
		case storedBlock:
			if z.stored == 0 {
				z.block = between
				continue
			}
			n := copy(z.win[z.out:len(z.win)-slack], z.src[z.pos:min(z.pos+z.stored, len(z.src))])
			if n == 0 {
				if z.pos == len(z.src) {
					return errUnusual
				}
				return nil
			}
			z.out, z.pos, z.stored = z.out+n, z.pos+n, z.stored-n
		case codedBlock:
			if z.out > len(z.win)-slack {
				return nil
			}
			if err = z.coded(); err == nil && z.block == codedBlock {
				return nil
			}
		case ended:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// refill makes sure that at least 56 bits can be used.
func (z *inflater) refill() {
	if z.pos+8 <= len(z.src) {
		z.bits |= binary.LittleEndian.Uint64(z.src[z.pos:]) << (z.nbits & 63)
		z.pos += int((63 - z.nbits) >> 3)
		z.nbits |= 56
		return
	}
	z.bits &= 1<<(z.nbits&63) - 1 // what the other way leaves above would be ORed twice
	for z.nbits <= 56 {
		if z.pos < len(z.src) {
			z.bits |= uint64(z.src[z.pos]) << (z.nbits & 63)
			z.pos++
		} else {
			z.over++
		}
		z.nbits += 8
	}
}

func (z *inflater) take(n uint) uint32 {
	v := uint32(z.bits & (1<<n - 1))
	z.bits >>= n
	z.nbits -= n
	return v
}

// unread gives whole bytes that were taken from src and not used back to it.
func (z *inflater) unread() error {
	whole := int(z.nbits >> 3)
	if z.over > whole {
		return errUnusual // it ended inside the stream
	}
	z.pos -= whole - z.over
	z.bits, z.nbits, z.over = 0, 0, 0
	return nil
}

// header reads the header of a block.
func (z *inflater) header() error {
	z.refill()
	if z.over > 8 {
		return errUnusual
	}
	z.last = z.take(1) == 1
	switch z.take(2) {
	case 0:
		if err := z.unread(); err != nil {
			return err
		}
		if z.pos+4 > len(z.src) {
			return errUnusual
		}
		n, check := binary.LittleEndian.Uint16(z.src[z.pos:]), binary.LittleEndian.Uint16(z.src[z.pos+2:])
		if n != ^check {
			return errUnusual
		}
		z.pos += 4
		z.stored, z.block = int(n), storedBlock
		return nil
	case 1:
		z.fixed()
	case 2:
		if err := z.dynamic(); err != nil {
			return err
		}
	default:
		return errUnusual
	}
	if fast {
		pairAVX2(&z.pairs, &z.lit)
	}
	z.block = codedBlock
	return nil
}

// fixed makes the tables of RFC 1951 §3.2.6.
func (z *inflater) fixed() {
	l := &z.lengths
	for i := range numLit {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		default:
			l[i] = 8
		}
	}
	for i := range numDist {
		l[numLit+i] = 5
	}
	build(z.lit[:], l[:numLit], litBits, litEntries[:])
	build(z.dist[:], l[numLit:], distBits, distEntries[:])
}

// orderOfLengths is the order in which the lengths of the code of lengths come.
var orderOfLengths = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block, RFC 1951 §3.2.7.
func (z *inflater) dynamic() error {
	numLits, numDists, numPre := int(z.take(5))+257, int(z.take(5))+1, int(z.take(4))+4
	if numLits > 286 || numDists > 30 {
		return errUnusual
	}
	var pre [19]uint8
	for _, at := range orderOfLengths[:numPre] {
		if z.nbits < 3 {
			z.refill()
		}
		pre[at] = uint8(z.take(3))
	}
	const preBits = 7
	var table [1 << preBits]uint32
	if !build(table[:], pre[:], preBits, preEntries[:]) {
		return errUnusual
	}
	l := &z.lengths
	for i := 0; i < numLits+numDists; {
		z.refill()
		e := table[z.bits&(1<<preBits-1)]
		if e == nothing || z.over > 8 {
			return errUnusual
		}
		z.take(uint(e & 63))
		var value uint8
		var times int
		switch sym := e >> 16; sym {
		case 16:
			if i == 0 {
				return errUnusual
			}
			value, times = l[i-1], 3+int(z.take(2))
		case 17:
			times = 3 + int(z.take(3))
		case 18:
			times = 11 + int(z.take(7))
		default:
			l[i] = uint8(sym)
			i++
			continue
		}
		if i+times > numLits+numDists {
			return errUnusual
		}
		for range times {
			l[i] = value
			i++
		}
	}
	if l[256] == 0 || !build(z.lit[:], l[:numLits], litBits, litEntries[:]) || !build(z.dist[:], l[numLits:numLits+numDists], distBits, distEntries[:]) {
		return errUnusual
	}
	return nil
}

// coded unpacks a coded block until it ends, which sets block, or the window is full.
// This loop is where the time goes: its state is in local variables, which nothing else
// refers to, so that the compiler keeps them in registers.
func (z *inflater) coded() (err error) {
	lit, dist := &z.lit, &z.dist
	src, pos, bits, nbits := z.src, z.pos, z.bits, z.nbits
	win, out, from := z.win, z.out, z.from
	full := len(win) - slack
symbols:
	for out <= full {
		if fast && pos+inRoom <= len(src) {
			z.pos, z.bits, z.nbits, z.out = pos, bits, nbits, out
			if !codedAVX2(z) {
				return errUnusual
			}
			pos, bits, nbits, out = z.pos, z.bits, z.nbits, z.out
			if out > full {
				break
			}
		}
		if pos+8 <= len(src) {
			bits |= binary.LittleEndian.Uint64(src[pos:]) << (nbits & 63)
			pos += int((63 - nbits) >> 3)
			nbits |= 56
		} else {
			z.pos, z.bits, z.nbits = pos, bits, nbits
			z.refill()
			pos, bits, nbits = z.pos, z.bits, z.nbits
			if z.over > 8 {
				err = errUnusual
				break symbols
			}
		}
		// At most two literals of 11 bits each, and a length of 15 and 5: 42 bits.
		// Its distance, of up to 28, may need another refill.
		e := lit[bits&(1<<litBits-1)]
		for {
			if e&isLiteral != 0 {
				bits >>= e & 63
				nbits -= uint(e & 63)
				win[out] = byte(e >> 16)
				out++
				if e = lit[bits&(1<<litBits-1)]; e&isLiteral != 0 {
					bits >>= e & 63
					nbits -= uint(e & 63)
					win[out] = byte(e >> 16)
					out++
					if e = lit[bits&(1<<litBits-1)]; e&isLiteral != 0 {
						bits >>= e & 63
						nbits -= uint(e & 63)
						win[out] = byte(e >> 16)
						out++
						continue symbols
					}
				}
			}
			if e&isOther != 0 {
				if e&isPointer != 0 {
					bits >>= litBits
					nbits -= litBits
					e = lit[uint64(e>>16)+bits&(1<<(e>>8&15)-1)]
					if e&isLiteral != 0 {
						bits >>= e & 63
						nbits -= uint(e & 63)
						win[out] = byte(e >> 16)
						out++
						continue symbols
					}
				}
				if e&isOther != 0 {
					if e&endOfBlock == 0 {
						err = errUnusual
						break symbols
					}
					bits >>= e & 63
					nbits -= uint(e & 63)
					z.block = between
					break symbols
				}
			}
			length := int(e>>16 + uint32(bits&(1<<(e&63)-1))>>(e>>8&63))
			bits >>= e & 63
			nbits -= uint(e & 63)
			if nbits < 28 {
				if pos+8 <= len(src) {
					bits |= binary.LittleEndian.Uint64(src[pos:]) << (nbits & 63)
					pos += int((63 - nbits) >> 3)
					nbits |= 56
				} else {
					z.pos, z.bits, z.nbits = pos, bits, nbits
					z.refill()
					pos, bits, nbits = z.pos, z.bits, z.nbits
				}
			}
			e = dist[bits&(1<<distBits-1)]
			if e&isOther != 0 {
				if e&isPointer == 0 {
					err = errUnusual
					break symbols
				}
				bits >>= distBits
				nbits -= distBits
				if e = dist[uint64(e>>16)+bits&(1<<(e>>8&15)-1)]; e&isOther != 0 {
					err = errUnusual
					break symbols
				}
			}
			distance := int(e>>16 + uint32(bits&(1<<(e&63)-1))>>(e>>8&63))
			bits >>= e & 63
			nbits -= uint(e & 63)
			at, end := out-distance, out+length
			if at < from {
				err = errUnusual
				break symbols
			}
			// What comes next is looked up before the match is copied, whose length nobody can
			// predict.
			if pos+8 <= len(src) {
				bits |= binary.LittleEndian.Uint64(src[pos:]) << (nbits & 63)
				pos += int((63 - nbits) >> 3)
				nbits |= 56
			}
			e = lit[bits&(1<<litBits-1)]
			if distance >= 8 {
				// Four words at a time; what goes beyond the end is written over later.
				for {
					to, from := win[out:out+32], win[at:at+32]
					binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
					binary.LittleEndian.PutUint64(to[8:], binary.LittleEndian.Uint64(from[8:]))
					binary.LittleEndian.PutUint64(to[16:], binary.LittleEndian.Uint64(from[16:]))
					binary.LittleEndian.PutUint64(to[24:], binary.LittleEndian.Uint64(from[24:]))
					at += 32
					out += 32
					if out >= end {
						break
					}
				}
			} else {
				for out < end {
					win[out] = win[at]
					at++
					out++
				}
			}
			out = end
			if fast || pos+8 > len(src) || out > full {
				continue symbols
			}
		}
	}
	z.pos, z.bits, z.nbits, z.out = pos, bits, nbits, out
	return err
}
