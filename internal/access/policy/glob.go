package policy

import (
	"strings"
	"unicode/utf8"
)

// Glob is a pattern of IAM: "*" stands for any run of characters, also none,
// "?" for exactly one. The zero Glob matches the empty text only.
//
// A question may itself be a pattern ("s3:Get*", "every object of the bucket"),
// so two globs can be compared: see Covers and Meets.
type Glob struct {
	toks []rune // characters, or one of the two marks below
	wild bool   // whether any mark is among them
	text string // the pattern as text, if it has no marks
}

// Marks stand outside Unicode, so no text can contain them.
const (
	many rune = -1
	one  rune = -2
)

// NewGlob compiles a pattern.
func NewGlob(pattern string) Glob {
	var b globBuilder
	b.pattern(pattern)
	return b.glob()
}

// literal compiles a text in which "*" and "?" are characters.
func literal(text string) Glob {
	var b globBuilder
	b.literal(text)
	return b.glob()
}

// globBuilder joins parts that are patterns with parts that are not: what a
// variable stands for is never read as a pattern.
type globBuilder struct{ toks []rune }

func (b *globBuilder) literal(s string) {
	for _, r := range s {
		b.toks = append(b.toks, r)
	}
}

func (b *globBuilder) pattern(s string) {
	for _, r := range s {
		switch r {
		case '*':
			r = many
		case '?':
			r = one
		}
		b.toks = append(b.toks, r)
	}
}

// glob puts each run of marks in one order, "?" before a single "*": equal
// languages get equal tokens, without which Covers would miss "*?" in "?*".
func (b *globBuilder) glob() Glob {
	g := Glob{}
	for i := 0; i < len(b.toks); {
		if b.toks[i] >= 0 {
			g.toks = append(g.toks, b.toks[i])
			i++
			continue
		}
		star := false
		for ; i < len(b.toks) && b.toks[i] < 0; i++ {
			if b.toks[i] == one {
				g.toks = append(g.toks, one)
			} else {
				star = true
			}
		}
		if star {
			g.toks = append(g.toks, many)
		}
		g.wild = true
	}
	if !g.wild {
		g.text = string(g.toks)
	}
	return g
}

// Wild says whether the pattern stands for more than one text.
func (g Glob) Wild() bool { return g.wild }

// String is the pattern as it would be written.
func (g Glob) String() string {
	if !g.wild {
		return g.text
	}
	var b strings.Builder
	for _, r := range g.toks {
		switch r {
		case many:
			r = '*'
		case one:
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Match says whether the pattern matches the text. Time is at most the product
// of the two lengths: only the last "*" is ever retried.
func (g Glob) Match(text string) bool {
	if !g.wild && utf8.ValidString(text) {
		return g.text == text
	}
	return covers(g.toks, []rune(text))
}

// Covers says whether g matches everything that h matches. It never says so
// wrongly.
func (g Glob) Covers(h Glob) bool {
	if !g.wild {
		return !h.wild && g.text == h.text
	}
	return covers(g.toks, h.toks)
}

// covers reads h as a text in which "*" can only be taken by a "*" of g, and
// "?" by a "?" or a "*".
func covers(g, h []rune) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(h) {
		switch {
		case i < len(g) && g[i] == many:
			// Only the last star is remembered: whatever an earlier one could take,
			// the last can take as well. That keeps the time to the product of
			// lengths for policies that somebody writes to be slow.
			star, mark = i, j
			i++
		case i < len(g) && h[j] != many && (g[i] == h[j] || g[i] == one):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(g) && g[i] == many {
		i++
	}
	return i == len(g)
}

// Meets says whether some text is matched by both.
func (g Glob) Meets(h Glob) bool {
	switch {
	case !g.wild && !h.wild:
		return g.text == h.text
	case !h.wild:
		return g.Match(h.text)
	case !g.wild:
		return h.Match(g.text)
	}
	a, b := g.toks, h.toks
	for len(a) > 0 && len(b) > 0 && a[0] >= 0 && b[0] >= 0 { // most pairs part here
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
	// row[j]: whether what was read of a and the first j of b can stand for one text.
	// One row instead of a table: memory goes by one pattern, and a policy may hold
	// thousands.
	row := make([]bool, len(b)+1)
	row[0] = true
	for j, t := range b {
		row[j+1] = row[j] && t == many
	}
	for _, s := range a {
		diagonal := row[0]
		row[0] = row[0] && s == many
		for j, t := range b {
			up := row[j+1]
			if s == many || t == many {
				// The "*" stands for nothing here, or takes the other's token and stays.
				row[j+1] = up || row[j]
			} else {
				row[j+1] = diagonal && (s == t || s == one || t == one)
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

// Compare says whether a statement's pattern matches a request's, which may be
// a pattern too: Unknown if it matches a part of it only.
func (g Glob) Compare(request Glob) Truth {
	switch {
	case g.Covers(request):
		return Yes
	case request.wild && g.Meets(request):
		return Unknown
	}
	return No
}
