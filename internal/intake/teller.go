package intake

import "slices"

// tells says that a cue names who told of what stands at pos, and not whose it is: "our
// vendor reports that role x …". What a party says is its own ("they use it", "it is
// theirs") it is still vouched for by.
func (r *reader) tells(seg int, c cue, pos int) bool {
	if !party(c) || r.answer != "" {
		return false
	}
	s := r.segs[seg]
	told := -1
	for i := c.to + 1; i < min(pos, len(s.words)) && told < 0; i++ {
		if r.vocab.people.informs[r.words[s.words[i]].text] {
			told = i
		}
	}
	if told < 0 {
		return false
	}
	if slices.ContainsFunc(r.found[seg], func(o cue) bool { return o.group.Class == "suspect" && !o.negated && o.from > told }) {
		return true
	}
	return !slices.ContainsFunc(s.words[told:], func(w int) bool { return r.vocab.people.claims[r.words[w].text] })
}

// party says that a cue names somebody who may tell of things: a vendor, testers, responders.
func party(c cue) bool {
	return c.relation == Vendor || c.relation == AuthorizedTest || c.relation == Responder
}

// named is the cue whose noun a parenthesis right behind it explains, whatever the segment
// says later: "our vendor for copies (Acme, from 192.0.2.7) reports …".
func (r *reader) named(seg int) (c cue, ok bool) {
	s := r.segs[seg]
	if !s.paren || s.before < 0 || len(r.found[seg]) > 0 || slices.ContainsFunc(r.found[s.before], func(o cue) bool { return o.relation == Stolen || o.relation == Exposed }) {
		return cue{}, false // "our vendor (role x) says they were breached"
	}
	main, start := r.segs[s.before], r.words[s.words[0]].start
	for _, o := range r.found[s.before] {
		if !party(o) || o.negated || r.words[main.words[o.to]].start > start {
			continue
		}
		n := 0
		for _, w := range main.words[o.to+1:] {
			if r.words[w].start > start {
				break
			}
			if n++; n > maxOfNoun || r.vocab.people.informs[r.words[w].text] || r.words[w].m >= 0 {
				n = maxOfNoun + 1
				break
			}
		}
		if n <= maxOfNoun {
			return o, true
		}
	}
	return cue{}, false
}

// maxOfNoun is how many words may stand between a noun and what explains it: "vendor (for
// our copies) (…".
const maxOfNoun = 3
