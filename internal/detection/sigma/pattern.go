package sigma

import (
	"strings"
	"unicode/utf8"
)

// pattern is a value with wildcards: the pieces between its asterisks. The first
// piece stands at the beginning of the text and the last at its end; either may
// be empty.
// Matching is linear in the text for pieces without a question mark, and never backtracks over
// asterisks.
type pattern struct {
	pieces []piece
	cased  bool
}

// piece is text in which anyOne stands for one rune.
type piece struct {
	text string // without anyOne: searched as bytes
	runs []rune // with anyOne; nil if there is none
}

const anyOne = -1

// newPattern reads Sigma's wildcards: * and ?, where a backslash takes away the
// meaning of the wildcard or backslash after it, and is itself before anything
// else. before and after put an asterisk there.
// What is not cased is folded here once, and each text when it is held against it.
func newPattern(s string, before, after, cased bool) *pattern {
	p := &pattern{cased: cased}
	var run []rune
	wild := false
	// end closes a piece, be it empty: an asterisk at either side leaves one there.
	end := func() {
		var pc piece
		if wild {
			pc.runs = run
		} else {
			pc.text = string(run)
		}
		p.pieces = append(p.pieces, pc)
		run, wild = nil, false
	}
	if before {
		end()
	}
	if !cased {
		s = fold(s)
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '\\' && i < len(s) && strings.IndexByte(`\*?`, s[i]) >= 0:
			run = append(run, rune(s[i]))
			i++
		case r == '*':
			end()
		case r == '?':
			run, wild = append(run, anyOne), true
		default:
			run = append(run, r)
		}
	}
	end()
	if after {
		end()
	}
	return p
}

// literal is the only text that the pattern fits, if there is one.
func (p *pattern) literal() (string, bool) {
	if len(p.pieces) != 1 || p.pieces[0].runs != nil {
		return "", false
	}
	return p.pieces[0].text, true
}

func (p *pattern) match(v any) bool { return p.fits(text(v)) }

// fits takes each piece at the first place where it occurs: with nothing but
// asterisks between pieces, a later place could not help.
func (p *pattern) fits(s string) bool {
	if !p.cased {
		s = fold(s)
	}
	n, ok := p.pieces[0].prefix(s)
	if !ok {
		return false
	}
	if len(p.pieces) == 1 {
		return n == len(s)
	}
	s = s[n:]
	last := len(p.pieces) - 1
	for _, pc := range p.pieces[1:last] {
		end := pc.find(s)
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	return p.pieces[last].suffix(s)
}

// prefix says whether the text begins with the piece, and how many bytes of it that takes.
func (p piece) prefix(s string) (n int, ok bool) {
	if p.runs == nil {
		return len(p.text), strings.HasPrefix(s, p.text)
	}
	for _, want := range p.runs {
		r, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 || want != anyOne && want != r {
			return 0, false
		}
		n += size
	}
	return n, true
}

// suffix says whether the text ends with the piece.
func (p piece) suffix(s string) bool {
	if p.runs == nil {
		return strings.HasSuffix(s, p.text)
	}
	for i := len(p.runs) - 1; i >= 0; i-- {
		r, size := utf8.DecodeLastRuneInString(s)
		if size == 0 || p.runs[i] != anyOne && p.runs[i] != r {
			return false
		}
		s = s[:len(s)-size]
	}
	return true
}

// find returns the end of the first occurrence, or -1.
func (p piece) find(s string) int {
	if p.runs == nil {
		if i := strings.Index(s, p.text); i >= 0 {
			return i + len(p.text)
		}
		return -1
	}
	for i := 0; i < len(s); {
		if n, ok := p.prefix(s[i:]); ok {
			return i + n
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return -1
}
