package intake

import "slices"

// doneBy finds whose work an announced change or test is, where that stands in a segment
// of its own: "migration planned for Saturday, done by user migrator".
func (r *reader) doneBy(seg int) {
	s := r.segs[seg]
	by := slices.IndexFunc(s.words, func(w int) bool { return r.words[w].text == "by" })
	if s.before < 0 || by < 1 || by > 4 || !slices.ContainsFunc(s.words[:by], func(w int) bool { return grammar().doing[r.words[w].text] }) {
		return
	}
	for b := s.before; b >= 0; b = r.segs[b].before {
		for _, c := range r.found[b] {
			if c.negated || c.relation != PlannedChange && c.relation != AuthorizedTest {
				continue
			}
			ro := role{stance: vouched, relation: c.relation, seg: b}
			r.vouch(s.words[by:], ro)
			for n := seg + 1; n < len(r.segs) && r.segs[n].before == n-1 && r.fragment(r.segs[n]); n++ {
				r.vouch(r.segs[n].words, ro) // "… and role b"
			}
			return
		}
	}
}

// vouch gives the role to the credentials of which nothing else is said.
func (r *reader) vouch(words []int, ro role) {
	for _, w := range words {
		if m := r.words[w].m; m >= 0 && credential(r.mentions[m].kind) && r.roles[m].stance == plain {
			r.roles[m] = ro
		}
	}
}
