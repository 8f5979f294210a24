package intake

import "slices"

// guesses marks those whom the text only guesses at ("so it's probably deploy-bot", "we believe
// it was our student carol"). Beside "probably X or Y" both are. Who is named elsewhere in the
// text without a guess is what it speaks of. A key is none: nobody guesses one by its id.
func (r *reader) guesses() {
	if r.answer != "" {
		return
	}
	guessed := func(m int) bool {
		kind := r.mentions[m].kind
		return (kind == "principal" || kind == "session") && r.roles[m].stance != vouched
	}
	for i, s := range r.segs {
		if r.robbed(i) {
			continue
		}
		if s.or && r.fragment(s) && s.before >= 0 && slices.ContainsFunc(r.segs[s.before].words, func(w int) bool { m := r.words[w].m; return m >= 0 && r.roles[m].guess }) {
			for _, w := range s.words {
				if m := r.words[w].m; m >= 0 && guessed(m) {
					r.roles[m].guess = true
				}
			}
			continue
		}
		for _, hit := range r.every(r.vocab.guesses, s.words) {
			if m := r.words[s.words[hit[len(hit)-1]]].m; guessed(m) {
				r.roles[m].guess = true
			}
		}
	}
}

// robbed says that the segment tells of a theft or an exposure, be it only supposed.
func (r *reader) robbed(seg int) bool {
	return slices.ContainsFunc(r.found[seg], func(c cue) bool {
		return (c.group.Relation == Stolen || c.group.Relation == Exposed) && !c.negated
	})
}
