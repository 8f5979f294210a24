package intake

import "slices"

// ignorance says that a cue only tells that whoever writes does not know who it was, or why: "I am
// new here, dont know who did that". That denies nothing, as "we do not know them" does, nor does it
// say that a thing is nobody's, as "don't know what that user is" does.
func (r *reader) ignorance(seg int, c cue) bool {
	words := r.segs[seg].words
	know := slices.IndexFunc(c.own, func(i int) bool { return r.words[words[i]].text == "know" })
	if c.group.Relation != NotOurs || know < 0 || slices.ContainsFunc(words, func(w int) bool { return grammar().collective[r.words[w].text] }) {
		return false
	}
	rest := slices.Clone(words[c.own[know]+1:])
	if next := seg + 1; len(rest) == 0 && next < len(r.segs) && r.segs[next].sentence == r.segs[seg].sentence {
		rest = r.segs[next].words
	}
	if len(rest) < 2 || !grammar().question[r.words[rest[0]].text] {
		return false
	}
	rest = rest[1:]
	if t := r.words[rest[0]].text; (t == "is" || t == "was") && len(rest) > 1 {
		rest = rest[1:]
	}
	return !r.isToken(rest[0])
}
