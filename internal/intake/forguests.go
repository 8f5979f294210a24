package intake

import "slices"

// forGuests says that the segment tells of a thing that one of us made for somebody whom the
// same sentence, or the one before it, vouches for: "the auditors are in the house, and Verena
// made the role for them". Who tells it so explains the thing; it is not what alarmed them.
func (r *reader) forGuests(seg int) bool {
	s := r.segs[seg]
	text := func(i int) string { return r.words[s.words[i]].text }
	at := 1
	for at < len(s.words) && !(text(at-1) == "for" && r.vocab.people.guests[text(at)]) {
		at++
	}
	if at >= len(s.words) || slices.ContainsFunc(s.words[:at], func(w int) bool { return r.vocab.people.strangers[r.words[w].text] }) {
		return false
	}
	vouched := false
	for b := seg; b >= 0 && r.segs[b].sentence >= s.sentence-1; b-- {
		for _, c := range r.found[b] {
			switch {
			case c.negated:
			case c.relation == Vendor || c.relation == AuthorizedTest || c.relation == PlannedChange:
				vouched = true
			case c.relation == Stolen || c.relation == Exposed || c.relation == NotOurs:
				return false // "our vendor was breached, and Verena made a role for them"
			}
		}
	}
	return vouched
}
