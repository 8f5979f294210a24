package jsonstream

import (
	"encoding/binary"
	"math/bits"
)

// Quotes are looked for in blocks.
const block = 64

// quotesPortable writes the positions of the quotes in data, from position from on, to
// at, in order. It gives their number n, and upto where it looked: in blocks, up to one
// that is not whole, one that holds a backslash, a control character or a byte that is
// not ASCII, or one for which at might have too little room.
func quotesPortable(at []uint32, data []byte, from int) (n, upto int) {
	for upto = from; upto+block <= len(data) && n+block <= len(at); upto += block {
		b := data[upto : upto+block]
		var odd uint64
		for i := 0; i < block; i += 8 {
			x := binary.LittleEndian.Uint64(b[i:])
			slash := x ^ ones*'\\'
			// As in plain: there is a high bit exactly if some byte of x is odd.
			odd |= x | (slash-ones)&^slash | (x-ones*' ')&^x
		}
		if odd&highs != 0 {
			return n, upto
		}
		for i := 0; i < block; i += 8 {
			// All is ASCII, so the sum carries into no neighbour, and its high bit is off
			// for a quote alone.
			x := binary.LittleEndian.Uint64(b[i:]) ^ ones*'"'
			for found := ^(x + ones*0x7f) & highs; found != 0; found &= found - 1 {
				at[n] = uint32(upto + i + bits.TrailingZeros64(found)>>3)
				n++
			}
		}
	}
	return n, upto
}
