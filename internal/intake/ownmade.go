package intake

import "slices"

// houseCues are the phrases of people.yml by which somebody of the house tells that they made a
// user or a role themselves, and for which guest of theirs.
type houseCues struct {
	Made []string `yaml:"made"`
	For  []string `yaml:"for"`

	made, guests []phrase
}

// compile compiles the phrases.
func (h *houseCues) compile() error {
	if err := compileAll(h.Made, &h.made); err != nil {
		return err
	}
	return compileAll(h.For, &h.guests)
}

// ownMade takes a user or a role for what the text itself explains: "it was me who made ext-anna on
// Thursday, it is for Anna, the contractor for the new shop". That must be said without a question, the
// guest must be told of in the sentence or the next, and nothing in the text may be called stolen.
func (r *reader) ownMade() {
	if kind, _ := r.kind(nil); kind == "leaked_access_key" || kind == "console_takeover" || kind == "departed_employee" {
		return
	}
	words, first := map[int][]int{}, map[int]int{} // by sentence: its words, and its first segment
	segOf := map[int]int{}
	last := 0
	for i, s := range r.segs {
		if r.theft(i) || slices.ContainsFunc(r.found[i], func(c cue) bool { return c.relation == Exposed && !c.negated }) {
			return
		}
		if _, ok := first[s.sentence]; !ok {
			first[s.sentence] = i
		}
		for _, w := range s.words {
			segOf[w] = i
		}
		words[s.sentence] = append(words[s.sentence], s.words...)
		last = max(last, s.sentence)
	}
	suspects := map[string]bool{} // values that some sentence calls stolen, or not ours
	for m := range r.mentions {
		if r.roles[m].stance == suspect {
			suspects[r.mentions[m].kind+" "+r.mentions[m].values[0]] = true
		}
	}
	cues := r.vocab.people.house
	for n := 0; n <= last; n++ {
		hits := r.every(cues.made, words[n])
		if len(hits) == 0 || r.segs[first[n]].asked || !r.has(cues.guests, words[n]) && !r.has(cues.guests, words[n+1]) {
			continue
		}
		for _, hit := range hits {
			for _, at := range hit {
				w := words[n][at]
				if m := r.words[w].m; m >= 0 && r.mentions[m].kind == "principal" && !suspects["principal "+r.mentions[m].values[0]] {
					r.roles[m] = role{stance: vouched, relation: Vendor, seg: segOf[w]}
				}
			}
		}
	}
}
