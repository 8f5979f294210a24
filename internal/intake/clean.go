package intake

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds a text that is read; what stands beyond is cut, with a note.
const MaxText = 64 << 10

// clean makes a working copy of exactly the same length, so that every offset into it
// is one into the original. Control, bidirectional and invisible characters and invalid
// bytes become spaces (a key with a zero-width space inside is two words: what people
// cannot see must not join or part tokens unnoticed, hence the note).
func clean(text string) (work string, notes []string) {
	if len(text) > MaxText {
		cut := MaxText
		for cut > MaxText-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut--
		}
		notes = append(notes, fmt.Sprintf("only the first %d of %d bytes of the text were read", cut, len(text)))
		text = text[:cut]
	}
	b := []byte(text)
	blanked := 0
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == '\n', r == '\t', r == '\r', r == ' ':
		case r == utf8.RuneError && n <= 1, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			blanked++
			blank(b[i : i+n])
		case unicode.IsSpace(r): // no-break and other wide spaces are spaces, not trickery
			blank(b[i : i+n])
		}
		i += n
	}
	if blanked > 0 {
		notes = append(notes, fmt.Sprintf("the text holds %d control or invisible characters; they were read as spaces", blanked))
	}
	return string(b), notes
}

// blank puts one space for each byte: offsets behind it stay what they were.
func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}

// lower lower-cases ASCII only, so that lengths stay: some letters change length when
// they change case, and offsets would drift.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
