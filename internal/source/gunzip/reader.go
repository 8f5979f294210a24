package gunzip

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Reader unpacks all members of one gzip file that is in memory. Reset it before use;
// the zero Reader may be reset.
type Reader struct {
	inflater
	data   []byte
	window []byte // of our own
	given  int    // end of what was read of the window
	total  int64  // bytes read so far
	crc    uint32
	size   int64 // of the member so far
	there  bool  // ReadOn has unpacked into the reader's memory: the window lacks that

	judge   *gzip.Reader // has taken over, if judged
	judged  bool
	verdict error // why even the judge cannot begin
	done    bool
}

// Reset begins to unpack data, which must not change meanwhile. The error is that of
// gzip.Reader.Reset: data does not begin like gzip.
func (z *Reader) Reset(data []byte) error {
	if z.window == nil {
		z.window = make([]byte, windowLen)
	}
	z.win, z.there = z.window, false
	z.data, z.src = data, data
	z.pos, z.out, z.given, z.total = 0, 0, 0, 0
	z.judged, z.verdict, z.done = false, nil, false
	if !z.member() {
		return z.ask()
	}
	return nil
}

// Release forgets the data, so that a Reader may wait for its next use.
func (z *Reader) Release() { z.data, z.src, z.judge = nil, nil, nil }

// Read implements io.Reader. Its errors are those of gzip.Reader.
func (z *Reader) Read(p []byte) (int, error) {
	if z.there && !z.judged && !z.done { // nobody does that
		if err := z.ask(); err != nil {
			return 0, err
		}
	}
	for !z.judged {
		if z.given < z.out {
			n := copy(p, z.win[z.given:z.out])
			z.given += n
			z.total += int64(n)
			return n, nil
		}
		if z.done {
			return 0, io.EOF
		}
		if len(p) == 0 {
			return 0, nil
		}
		if z.more() != nil {
			if z.given < z.out {
				z.out = z.given // not checked: let the judge give it
			}
			if err := z.ask(); err != nil {
				return 0, err
			}
		}
	}
	if z.verdict != nil {
		return 0, z.verdict
	}
	return z.judge.Read(p)
}

// History is how much of the text before ReadOn wants to see.
const History = history

// ReadOn is Read into text[n:]. text[:n] must end with what was read before: all of it, or
// History bytes. So matches are copied from where they are, and nothing is copied from
// window to window. What lies behind the bytes that were read may be written to.
func (z *Reader) ReadOn(text []byte, n int) (int, error) {
	if z.judged || z.done || z.given < z.out || len(text)-n < leastRoom {
		return z.Read(text[n:])
	}
	z.win, z.there = text[:min(len(text), n+chunk)], true
	z.out, z.from = n, int(max(0, int64(n)-z.size, int64(n)-history))
	defer func() { z.win, z.out, z.given = z.window, 0, 0 }()
	for z.out == n {
		if z.more() != nil {
			if err := z.ask(); err != nil {
				return 0, err
			}
			return z.judge.Read(text[n:])
		}
		if z.done {
			return 0, io.EOF
		}
	}
	z.total += int64(z.out - n)
	return z.out - n, nil
}

// leastRoom is enough for ReadOn to be worth its while.
const leastRoom = 4 << 10

// more unpacks the next part, all of what was there being read.
func (z *Reader) more() error {
	if z.block == ended {
		return z.next()
	}
	if !z.there && z.out > history+chunk/2 { // make room, and keep what distances may reach
		keep := min(z.out-z.from, history)
		copy(z.win, z.win[z.out-keep:z.out])
		z.from, z.out, z.given = 0, keep, keep
	}
	before := z.out
	if err := z.run(); err != nil {
		return err
	}
	z.crc = crc32.Update(z.crc, crc32.IEEETable, z.win[before:z.out])
	z.size += int64(z.out - before)
	return nil
}

// next checks the end of a member and begins the one behind it.
func (z *Reader) next() error {
	tail := z.src[z.pos:]
	if len(tail) < 8 || binary.LittleEndian.Uint32(tail) != z.crc || binary.LittleEndian.Uint32(tail[4:]) != uint32(z.size) {
		return errUnusual
	}
	z.pos += 8
	if z.done = z.pos == len(z.src); z.done {
		return nil
	}
	if !z.there {
		z.out, z.given = 0, 0
	}
	if !z.member() {
		return errUnusual
	}
	return nil
}

// member reads the header of a member, RFC 1952 §2.3.
func (z *Reader) member() bool {
	const hasExtra, hasName, hasComment, known = 1 << 2, 1 << 3, 1 << 4, 1<<5 - 1
	head := z.src[z.pos:]
	if len(head) < 10 || head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 {
		return false
	}
	flags := head[3]
	if flags&^known != 0 || flags&(1<<1) != 0 { // reserved bits, and a checksum of the header, are for the judge
		return false
	}
	at := 10
	if flags&hasExtra != 0 {
		if len(head) < at+2 {
			return false
		}
		at += 2 + int(binary.LittleEndian.Uint16(head[at:]))
	}
	for _, text := range []byte{hasName, hasComment} {
		if flags&text == 0 {
			continue
		}
		n := -1
		if at < len(head) {
			n = bytes.IndexByte(head[at:min(len(head), at+512)], 0) // longer ones the judge refuses
		}
		if n < 0 {
			return false
		}
		at += n + 1
	}
	if at > len(head) {
		return false
	}
	z.pos += at
	z.crc, z.size = 0, 0
	z.begin()
	return true
}

// ask lets the judge take over, from the first byte that was not read yet.
func (z *Reader) ask() error {
	z.judged = true
	z.judge = new(gzip.Reader) // one that was used before may tell other offsets of damage
	if z.verdict = z.judge.Reset(bytes.NewReader(z.data)); z.verdict != nil {
		return z.verdict
	}
	if _, err := io.CopyN(io.Discard, z.judge, z.total); err != nil {
		z.verdict = err
		if err == io.EOF { // never: it would hold less than what matched its checksums
			z.verdict = io.ErrUnexpectedEOF
		}
	}
	return z.verdict
}
