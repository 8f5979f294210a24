package intake

import (
	"cmp"
	"slices"
	"strings"
)

// cue is a phrase found in a segment. from and to are positions in segment.words.
type cue struct {
	group *cueGroup
	// The group's, until something in the segment says otherwise: what is only asked, or a lure
	// that nobody took, has none.
	relation Relation
	from, to int
	own      []int // the positions of its own words
	negated  bool
}

// benign cues vouch for what they reach; mild ones accuse only what follows, and yield to any
// other (see relations.yml).
func (c *cue) benign() bool { return c.group.Class == "benign" }
func (c *cue) mild() bool   { return c.group.Class == "mild" }

// cues finds the phrases of a segment: the longer wins over what it overlaps, of two as
// long the one that names somebody ("our vendor" over "our … uses"), a mild one over nothing. Result is in order of position.
func (r *reader) cues(s segment) []cue {
	var all []cue
	for i := range s.words {
		for g := range r.vocab.cues {
			group := &r.vocab.cues[g]
			for k := range group.compiled {
				p := &group.compiled[k]
				hit := p.match(r, s.words, i)
				if hit == nil {
					continue
				}
				c := cue{group: group, relation: group.Relation, from: hit[0], to: hit[len(hit)-1], own: hit}
				c.negated = !p.negative && r.negated(s, hit) || p.negative && c.relation == Contained // "nothing was done"
				all = append(all, c)
			}
		}
	}
	// Every phrase that fits anywhere is collected first, and then the best take their words: a
	// single pass would let the first phrase of the file win.
	slices.SortStableFunc(all, func(a, b cue) int {
		return cmp.Or(boolInt(a.mild())-boolInt(b.mild()), len(b.own)-len(a.own),
			boolInt(b.group.Noun)-boolInt(a.group.Noun), a.from-b.from)
	})
	taken := make([]bool, len(s.words))
	kept := all[:0]
	for _, c := range all {
		if slices.ContainsFunc(c.own, func(i int) bool { return taken[i] }) || r.guarded(s, c) {
			continue
		}
		for _, i := range c.own {
			taken[i] = r.words[s.words[i]].m < 0 // two cues may share a named thing, not a word
		}
		kept = append(kept, c)
	}
	// "Every night" is a habit, but not of who is accused in the same breath.
	// Whoever was let go has no usual work any more.
	if slices.ContainsFunc(kept, func(c cue) bool { return (c.group.Class == "suspect" || c.relation == Terminated) && !c.negated }) {
		kept = slices.DeleteFunc(kept, func(c cue) bool { return c.group.Weak })
	}
	whole := slices.Clone(kept)
	kept = slices.DeleteFunc(kept, func(c cue) bool { // "we deleted it on purpose"
		return c.mild() && slices.ContainsFunc(whole, func(o cue) bool { return o.group.Excuses && o.from < c.from && c.to < o.to })
	})
	slices.SortStableFunc(kept, func(a, b cue) int { return a.from - b.from })
	return kept
}

// boolInt lets a comparison sort what is not so before what is.
func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// negated looks for a negation in the words before the cue, between its own words, and
// right behind it ("the pentest was not planned").
func (r *reader) negated(s segment, own []int) bool {
	from, to := own[0], own[len(own)-1]
	text := func(i int) string {
		if i < 0 || i >= len(s.words) {
			return ""
		}
		return r.words[s.words[i]].text
	}
	// Four words are as far as a negation reaches in speech ("not one of our usual …"); a colon
	// ends it.
	first := max(0, from-4)
	for i := first; i < from; i++ {
		if strings.Contains(r.gap(r.words[s.words[i]].end, r.words[s.words[i+1]].start), ": ") {
			first = i + 1 // "not this: role x appeared"
		}
	}
	for i := first; i <= to; i++ {
		if !negators[text(i)] || slices.Contains(own, i) {
			continue
		}
		switch text(i + 1) {
		case "only", "just", "doubt", "longer", "idea", "sure", "until", "later", "because": // "not only", "no doubt"
			continue
		}
		if i+1 < len(s.words) && i+1 < from && r.isToken(s.words[i+1]) { // "not X": that negation is X's
			continue
		}
		return true
	}
	// Behind the cue a negation counts only past a verb ("was not planned"): what follows
	// directly mostly begins the next thing said.
	i := to + 1
	for n := 0; n < 2 && slices.Contains([]string{"is", "was", "are", "were", "has", "been", "have"}, text(i)); n++ {
		i++
	}
	if negators[text(i)] && !r.isToken2(s, i+1) && (i > to+1 || text(i) != "not" && text(i) != "never" || i+1 == len(s.words)) {
		return text(i+1) != "only" && text(i+1) != "just"
	}
	return false
}

// isToken2 is isToken of the word at position i of a segment; behind its end there is none.
func (r *reader) isToken2(s segment, i int) bool { return i < len(s.words) && r.isToken(s.words[i]) }

// isToken says that the word names something (a time, tool or call is not meant).
func (r *reader) isToken(w int) bool {
	m := r.words[w].m
	return m >= 0 && r.mentions[m].kind != "time" && r.mentions[m].kind != "tool" && r.mentions[m].kind != "action"
}

// guarded says that a cue is meant of a defence or a machine, and not of a key or a person:
// then it is no cue at all.
func (r *reader) guarded(s segment, c cue) bool {
	var words map[string]bool
	switch c.relation {
	case Disabled, Contained:
		words = grammar().defences
	case Terminated:
		words = grammar().machines
	default:
		return false
	}
	for _, w := range s.words {
		if words[r.words[w].text] {
			return true
		}
		if m := r.words[w].m; c.relation == Terminated && m >= 0 && r.mentions[m].class == "instance" {
			return true
		}
	}
	return false
}
