package intake

import "slices"

// lapsed takes the word "our vendor" from a party whose contract has ended, in its sentence or the one
// behind: "our contractor X downloaded all of it, although the contract ended in October". It is what
// the case is about, and its calls after that day are no job.
func (r *reader) lapsed() {
	ended, clauses := map[int]bool{}, map[int]bool{} // sentences, and the clauses that say so
	for i, cues := range r.found {
		if !r.segs[i].asked && slices.ContainsFunc(cues, func(c cue) bool { return c.group.Lapsed && !c.negated }) {
			ended[r.segs[i].sentence], clauses[r.segs[i].clause] = true, true
		}
	}
	if len(ended) == 0 {
		return
	}
	for i, s := range r.segs {
		if !ended[s.sentence] && !(ended[s.sentence+1] && r.aboutBefore(s.sentence+1, i)) {
			continue
		}
		r.found[i] = slices.DeleteFunc(r.found[i], func(c cue) bool { return c.relation == Vendor || c.relation == Owner && clauses[s.clause] })
	}
}

// aboutBefore says that a sentence behind segment i names nobody of its own: then it goes on about
// whom the one before named ("Our vendor X … The contract ended in October").
func (r *reader) aboutBefore(sentence, i int) bool {
	for n := i + 1; n < len(r.segs) && n <= i+maxApart && r.segs[n].sentence <= sentence; n++ {
		if r.segs[n].sentence == sentence && slices.ContainsFunc(r.segs[n].words, func(w int) bool {
			return r.isToken(w) && credential(r.mentions[r.words[w].m].kind)
		}) {
			return false
		}
	}
	return true
}

// foreignHabits takes a word for how often something is done ("every night") from a clause that names an account:
// that somebody of another account comes every night is what alarms, and is no word for them.
func (r *reader) foreignHabits() {
	for i, s := range r.segs {
		if slices.ContainsFunc(s.words, func(w int) bool { m := r.words[w].m; return m >= 0 && r.mentions[m].kind == "account" }) {
			r.found[i] = slices.DeleteFunc(r.found[i], func(c cue) bool { return c.group.Habit && !c.negated })
		}
	}
}
