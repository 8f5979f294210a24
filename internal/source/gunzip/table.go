package gunzip

import "math/bits"

// The tables turn the next bits of the input into what they stand for, RFC 1951 §3.2.
// An entry holds:
//
//	bits 0–7    how many bits it takes from the input, extra bits included
//	bits 8–13   how many of these are the code itself
//	bit  14     it points to a further table: bits 16–31 say where, bits 8–13 how wide
//	bit  15     it is no length and no distance: the end of the block, a pointer, or nothing
//	bits 16–30  the literal, or the least length or distance
//	bit  31     it is a literal
//
// An entry of nothing, which no valid input leads to, has of the flags the one in bit 15 alone.
const (
	isLiteral = 1 << 31
	isOther   = 1 << 15
	isPointer = 1 << 14
	nothing   = isOther

	litBits  = 11 // of the first table of literals and lengths
	distBits = 8  // of the first table of distances
	maxCode  = 15 // bits of a code

	numLit  = 288
	numDist = 32
)

// Sizes that no complete code exceeds, from zlib's enough.c for these widths.
const (
	litSize  = 2342
	distSize = 402
)

var lengthBase = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}

var lengthExtra = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}

var distBase = [30]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}

var distExtra = [30]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}

// endOfBlock marks, beside isOther, the end of a block.
const endOfBlock = 1 << 16

// Entries by symbol, with their extra bits alone in the lowest byte: what the code
// itself takes is added when a table is built.
var (
	litEntries = func() (t [numLit]uint32) {
		for sym := range t {
			switch {
			case sym < 256:
				t[sym] = isLiteral | uint32(sym)<<16
			case sym == 256:
				t[sym] = isOther | endOfBlock
			case sym < 257+len(lengthBase):
				t[sym] = uint32(lengthBase[sym-257])<<16 | uint32(lengthExtra[sym-257])
			default:
				t[sym] = nothing
			}
		}
		return t
	}()
	distEntries = func() (t [numDist]uint32) {
		for sym := range t {
			t[sym] = nothing
			if sym < len(distBase) {
				t[sym] = uint32(distBase[sym])<<16 | uint32(distExtra[sym])
			}
		}
		return t
	}()
	preEntries = func() (t [19]uint32) {
		for sym := range t {
			t[sym] = uint32(sym) << 16
		}
		return t
	}()
)

// build fills table for the code whose lengths by symbol are given; first is the width
// of the first table, entries tells what the symbols stand for. It reports whether the code is one: neither ambiguous nor, but for
// the single distance that encoders write where they need none, incomplete.
func build(table []uint32, lengths []uint8, first int, entries []uint32) bool {
	var count [maxCode + 1]int
	for _, l := range lengths {
		count[l]++
	}
	codes, space := len(lengths)-count[0], 0
	for l := 1; l <= maxCode; l++ {
		space += count[l] << (maxCode - l)
	}
	if whole := space == 1<<maxCode; !whole {
		if few := codes == 0 || codes == 1 && count[1] == 1; !few {
			return false
		}
	}
	var next [maxCode + 2]int // the next code of each length, RFC 1951 §3.2.2
	var at [maxCode + 2]int   // where the symbols of each length stand in sorted
	for l := 1; l <= maxCode; l++ {
		next[l+1] = (next[l] + count[l]) << 1
		at[l+1] = at[l] + count[l]
	}
	var sorted [numLit]uint16
	for sym, l := range lengths {
		if l > 0 {
			sorted[at[l]] = uint16(sym)
			at[l]++
		}
	}
	// The table for codes of up to l bits is that for one bit less, twice over, and the codes
	// of l bits. What no code leads to stays nothing.
	table[0] = nothing
	done := 0
	for l := 1; l <= first; l++ {
		copy(table[1<<(l-1):1<<l], table[:1<<(l-1)])
		for range count[l] {
			sym := sorted[done]
			done++
			code := bits.Reverse16(uint16(next[l])) >> (16 - l) // the input has codes with their first bit lowest
			next[l]++
			table[code] = entries[sym] + uint32(l)<<8 + uint32(l)
		}
	}
	free := 1 << first // where the next further table begins
	pointed := -1      // the prefix of the one in hand
	var sub, subBits int
	left := count // symbols of each length not yet placed
	for _, sym := range sorted[done:codes] {
		l := int(lengths[sym])
		code := int(bits.Reverse16(uint16(next[l]))) >> (16 - l)
		next[l]++
		entry := entries[sym] + uint32(l)<<8 + uint32(l)
		prefix := code & (1<<first - 1)
		if prefix != pointed {
			// Codes of one prefix come one after the other. The further table is as
			// wide as what they fill: until their lengths use up its space.
			pointed, sub, subBits = prefix, free, l-first
			for used := left[l]; used < 1<<subBits && subBits < maxCode-first; {
				subBits++
				used = used<<1 + left[first+subBits]
			}
			free += 1 << subBits
			if free > len(table) {
				return false
			}
			table[prefix] = isOther | isPointer | uint32(sub)<<16 | uint32(subBits)<<8 | uint32(first)
		}
		left[l]--
		entry -= uint32(first)<<8 + uint32(first) // these bits are taken before the further table is asked
		for i := code >> first; i < 1<<subBits; i += 1 << (l - first) {
			table[sub+i] = entry
		}
	}
	return true
}
