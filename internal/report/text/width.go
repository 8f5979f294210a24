package text

import "unicode"

// columns is how many cells of a terminal a string takes.
// It goes by letters, not by what a terminal joins: an emoji of several parts is counted
// part by part, and costs some columns of padding.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

// runeColumns is 0 for what is drawn over the letter before it, 2 for wide letters.
func runeColumns(r rune) int {
	// Below U+0300 there are neither marks nor wide letters, and nearly all text is there.
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide is what terminals draw over two cells: the blocks of East Asian width W and F.
// Source: Unicode 15, EastAsianWidth.txt, by block; a lone exception costs one cell of padding.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0x33ff, 1}, {0x3400, 0x4dbf, 1}, {0x4e00, 0x9fff, 1},
		{0xa000, 0xa4cf, 1}, {0xa960, 0xa97f, 1}, {0xac00, 0xd7a3, 1}, {0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1},
		{0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{
		{0x16fe0, 0x18aff, 1}, {0x1b000, 0x1b2ff, 1}, {0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1f9ff, 1},
		{0x20000, 0x3fffd, 1},
	},
}
