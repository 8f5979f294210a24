package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// phrase is a cue of content/intake, compiled; its language is described in relations.yml.
type phrase struct {
	text     string
	elements []element
	negative bool // it holds its own negation
}

// element is one word of a phrase, in one of several forms.
type element struct {
	gap  int      // up to so many words may stand before it
	alts []string // as written: "word", "word*", "%class"
}

// maxGap bounds the reach of a phrase, so that it stays one thing said.
const maxGap = 9

// compilePhrase reads a phrase, and refuses one that could begin or end with a gap: then its
// reach would not be that of its own words. A phrase that holds a negation is not denied by
// another one beside it ("not known to us").
func compilePhrase(text string) (phrase, error) {
	p := phrase{text: text}
	gap := 0
	for _, f := range strings.Fields(text) {
		if f[0] == '~' {
			gap = 3
			if len(f) > 1 {
				n, err := strconv.Atoi(f[1:])
				if err != nil || n < 1 || n > maxGap {
					return p, fmt.Errorf("read phrase %q: %s is not a gap of 1 to %d words", text, f, maxGap)
				}
				gap = n
			}
			continue
		}
		e := element{gap: gap, alts: strings.Split(f, "|")}
		gap = 0
		for _, a := range e.alts {
			if strings.Trim(a, "*%") == "" || strings.Contains(strings.TrimSuffix(a, "*"), "*") || a != strings.ToLower(a) {
				return p, fmt.Errorf("read phrase %q: %q is not a word in small letters", text, a)
			}
			p.negative = p.negative || negators[a]
		}
		p.elements = append(p.elements, e)
	}
	if len(p.elements) == 0 || p.elements[0].gap > 0 || gap > 0 {
		return p, fmt.Errorf("read phrase %q: it must begin and end with a word", text)
	}
	return p, nil
}

// match tries the phrase on the words numbered by idx, beginning with idx[i], and
// returns the positions in idx that its own words took; nil if it does not fit.
func (p *phrase) match(s *reader, idx []int, i int) []int {
	return p.hits(len(idx), i, func(int) bool { return false }, func(alt string, at int) bool { return s.fits(alt, s.words[idx[at]]) })
}

// hits tries the phrase from position i of n on, and returns the positions that its own
// words took; nil if it does not fit. It reaches over no position behind the first that bars.
// The nearest word that fits is taken, so that the result does not depend on luck.
func (p *phrase) hits(n, i int, bars func(at int) bool, fits func(alt string, at int) bool) []int {
	var hit []int
	at := i
	for k, e := range p.elements {
		found := -1
		for j := at; j <= at+e.gap && j < n; j++ {
			if j > i && (k == 0 || bars(j)) {
				break
			}
			if slices.ContainsFunc(e.alts, func(a string) bool { return fits(a, j) }) {
				found = j
				break
			}
		}
		if found < 0 {
			return nil
		}
		hit = append(hit, found)
		at = found + 1
	}
	return hit
}

// fits compares one alternative with one word.
func (s *reader) fits(alt string, w word) bool {
	if alt == "%proper" {
		return w.m < 0 && s.capital(w)
	}
	if alt[0] == '%' {
		if w.m < 0 {
			return false
		}
		m := s.mentions[w.m]
		switch alt[1:] {
		case "token":
			return m.kind != "time" && m.kind != "tool" && m.kind != "action"
		default:
			return alt[1:] == m.kind || alt[1:] == m.class
		}
	}
	if stem, ok := strings.CutSuffix(alt, "*"); ok {
		return strings.HasPrefix(w.text, stem)
	}
	return w.text == alt
}

// negators turn what follows into its opposite.
var negators = map[string]bool{
	"not": true, "no": true, "never": true, "none": true, "nobody": true, "neither": true, "nor": true, "without": true,
	"isn't": true, "wasn't": true, "aren't": true, "weren't": true, "don't": true, "doesn't": true, "didn't": true,
	"hasn't": true, "haven't": true, "hadn't": true, "can't": true, "cannot": true, "couldn't": true, "won't": true,
	"shouldn't": true, "wouldn't": true, "ain't": true, "nothing": true, "isnt": true, "wasnt": true, "arent": true, "dont": true,
	"doesnt": true, "didnt": true, "havent": true, "hasnt": true,
}
