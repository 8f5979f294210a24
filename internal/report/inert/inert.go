// Package inert makes strings from evidence harmless and visible.
//
// Almost every string of a report was written by whoever held the credential: user agents,
// session names, tags, object keys. Such a string can hold terminal escapes that rewrite a
// screen, bidirectional controls that turn a command around, invisible letters that make two
// names look alike, or a formula that a spreadsheet runs. Every rendering that people look at
// passes its strings through this package; the JSON document keeps them, escaped.
//
// What comes out is for reading: it says which characters were there, as \x1b or \u202e, but a
// literal backslash is left alone, so the way back is only open in the JSON document.
package inert

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds what Text returns, in runes. CloudTrail cuts user agents at 1 kB and request
// parameters at 100 kB; nobody reads the second kind in a report, and the JSON document has it.
const MaxText = 4096

// maxMarks bounds combining marks on one base letter: three cover every living script, while
// a pile of them draws over the lines above and below.
const maxMarks = 3

// Text returns s on one line, printable, bounded, and safe at the start of a table cell.
// Text(Text(s)) == Text(s) for every s.
func Text(s string) string {
	return clip(cell(escape(clip(s, MaxText), false)), MaxText)
}

// Lines is Text for the few fields that people write over several lines (a command, the case
// text): line feeds and tabs stay, everything else is as in Text, and nothing is cut off, for a
// command cut in half is worse than a long one.
func Lines(s string) string {
	lines := strings.Split(escape(strings.ReplaceAll(s, "\r\n", "\n"), true), "\n")
	for i, line := range lines {
		// A later line may start with an option of the command, so a dash is no formula there.
		if i == 0 || !strings.HasPrefix(strings.TrimLeft(line, " \t"), "-") {
			lines[i] = cell(line)
		}
	}
	return strings.Join(lines, "\n")
}

// Clip returns at most n runes of s, the last of them an ellipsis if anything was left out.
func Clip(s string, n int) string { return clip(s, max(n, 1)) }

// clip cuts between runes. It counts to n at most, so a long string costs no more than n.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n-1 {
			if _, size := utf8.DecodeRuneInString(s[i:]); i+size == len(s) {
				return s // exactly n runes
			}
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// escape replaces every rune that Unsafe names.
func escape(s string, multiline bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := maxMarks // a mark with no letter before it would sit on our own text
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1: // not UTF-8: show the byte
			writeHex(&b, 'x', 2, rune(s[i]))
		case multiline && (r == '\n' || r == '\t'):
			b.WriteRune(r)
			marks = maxMarks
			i += size
			continue
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks || Unsafe(r) {
				writeRune(&b, r)
			} else {
				b.WriteRune(r)
			}
			i += size
			continue
		case Unsafe(r):
			writeRune(&b, r)
		default:
			b.WriteRune(r)
		}
		marks = 0
		i += size
	}
	return b.String()
}

// plain says whether s is printable ASCII, as nearly every string of a report is.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// writeRune writes \x1b, \u202e or \U000e0041.
func writeRune(b *strings.Builder, r rune) {
	switch {
	case r < 0x100:
		writeHex(b, 'x', 2, r)
	case r < 0x10000:
		writeHex(b, 'u', 4, r)
	default:
		writeHex(b, 'U', 8, r)
	}
}

// writeHex writes a fixed number of digits, so that what follows is not read as one of them.
func writeHex(b *strings.Builder, kind byte, digits int, r rune) {
	b.WriteByte('\\')
	b.WriteByte(kind)
	for d := digits - 1; d >= 0; d-- {
		b.WriteByte("0123456789abcdef"[r>>(4*d)&0xf])
	}
}
