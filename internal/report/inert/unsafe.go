package inert

import (
	"strings"
	"unicode"
)

// Unsafe says whether a rune must not reach a screen as itself: controls (C0, DEL, and C1,
// which some terminals obey as escapes), every format character (bidirectional controls,
// zero-width joiners, tags), line and paragraph separators, spaces that are not U+0020, private
// use and unassigned code points, and letters that draw nothing.
//
// The soft hyphen and the byte order mark are format characters too, so they are covered.
func Unsafe(r rune) bool {
	if r < 0x7f {
		return r < 0x20
	}
	return !unicode.IsPrint(r) || unicode.Is(blank, r)
}

// blank lists runes that unicode.IsPrint passes and that show nothing: fillers of the Hangul
// blocks, Khmer inherent vowels, the grapheme joiner, Mongolian and other variation selectors
// (which smuggle bytes), and the empty Braille cell.
// Source: Unicode 15, DerivedCoreProperties, Default_Ignorable_Code_Point.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x034f, 0x034f, 1},
		{0x115f, 0x1160, 1},
		{0x17b4, 0x17b5, 1},
		{0x180b, 0x180f, 1},
		{0x2800, 0x2800, 1},
		{0x3164, 0x3164, 1},
		{0xfe00, 0xfe0f, 1},
		{0xffa0, 0xffa0, 1},
		{0xfffc, 0xfffc, 1},
	},
	R32: []unicode.Range32{
		{0xe0100, 0xe01ef, 1},
	},
}

// formulaStart is what makes spreadsheets read a pasted cell as a formula; the full-width forms
// are folded by some of them. Source: OWASP, "CSV Injection".
const formulaStart = "=+-@＝＋－＠"

// cell puts an apostrophe before what a spreadsheet would take for a formula: tables of a
// report are pasted into spreadsheets, and the apostrophe is what those use to mean "text".
func cell(s string) string {
	trimmed := strings.TrimLeft(s, " \t\n'\"")
	if trimmed == "" || !strings.ContainsAny(firstRune(trimmed), formulaStart) || strings.HasPrefix(s, "'") {
		return s
	}
	return "'" + s
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}
