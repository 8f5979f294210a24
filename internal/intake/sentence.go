package intake

import (
	"maps"
	"slices"
	"strings"
)

// sentenceIn is a sentence, work[start:end], and the language it is said in English from;
// nil for English, and for what has no glossary.
type sentenceIn struct {
	start, end int
	lang       *glossary
}

// sentencesOf cuts a text where a sentence ends, or a line.
func sentencesOf(work string) []sentenceIn {
	var out []sentenceIn
	start := 0
	for i := 0; i < len(work); i++ {
		c := work[i]
		end := c == '\n' || strings.IndexByte(".!?;", c) >= 0 && i+1 < len(work) && (work[i+1] == ' ' || work[i+1] == '\n') && !ordinalPoint(work, i, 0, len(work))
		if end {
			out = append(out, sentenceIn{start: start, end: i + 1})
			start = i + 1
		}
	}
	return append(out, sentenceIn{start: start, end: len(work)})
}

// tally is how many words of a sentence speak for a language, against it, and are of it or
// of any.
type tally struct{ own, small, english, words int }

// decide finds the language of each sentence: the one of which it holds most words that
// English has not, if those are more than the words of English that the language has not.
// A sentence that shows none is in the language of the text.
func (t *tongues) decide(work string, list []sentenceIn, named map[string]bool) {
	size := map[*glossary]int{}
	tallies := make([]map[*glossary]tally, len(list))
	for i, s := range list {
		tallies[i] = map[*glossary]tally{}
		var best *glossary
		for _, g := range t.glossaries {
			n := t.count(work, s, g, named)
			tallies[i][g] = n
			if !n.speaks() || t.other(work, s, g) {
				continue
			}
			if b := tallies[i][best]; best == nil || n.own-n.english > b.own-b.english || n.own-n.english == b.own-b.english && n.small > b.small {
				best = g
			}
		}
		list[i].lang = best
		size[best] += s.end - s.start
	}
	var text *glossary
	for _, g := range t.glossaries {
		if size[g] > size[text] {
			text = g
		}
	}
	for i := range list {
		if n := tallies[i][text]; text != nil && list[i].lang == nil && n.english == 0 && n.words > 0 {
			list[i].lang = text
		}
	}
}

// speaks says that the sentence is of the language rather than of English: two words of its
// own, or all of one.
func (n tally) speaks() bool {
	return n.own > n.english && (n.own >= 2 || n.own == n.words)
}

// count tallies a sentence for one language.
func (t *tongues) count(work string, s sentenceIn, g *glossary, named map[string]bool) (n tally) {
	for _, tok := range glossTokens(work, s.start, s.end, g.knows, named) {
		if tok.opaque || t.loans[tok.text] {
			continue
		}
		n.words++
		switch known, english := g.knows(tok.text), t.english[tok.text]; {
		case known && !english:
			n.own++
			n.small += boolInt(g.small[tok.text])
		case english && !known:
			n.english++
		}
	}
	return n
}

// other says that the sentence is rather of a language without a glossary: of the small
// words that one of the two has and the other has not, it holds no fewer of that one.
func (t *tongues) other(work string, s sentenceIn, g *glossary) bool {
	toks := glossTokens(work, s.start, s.end, g.knows, nil)
	for _, code := range slices.Sorted(maps.Keys(t.small)) {
		if code == English || slices.ContainsFunc(t.glossaries, func(with *glossary) bool { return with.code == code }) {
			continue
		}
		theirs, own := 0, 0
		for _, tok := range toks {
			theirs += boolInt(t.small[code][tok.text] && !g.knows(tok.text) && !t.english[tok.text])
			own += boolInt(g.small[tok.text] && !t.small[code][tok.text] && !t.english[tok.text])
		}
		if theirs > 0 && theirs >= own {
			return true
		}
	}
	return false
}
