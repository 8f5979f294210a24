package intake

import (
	"slices"
	"strings"
)

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

// party gives what "they" use to the testers or the vendor whom the sentence before announces: "X will
// test our account this week. They use the user pt-x and come from 192.0.2.0/28." It goes on as
// long as sentences begin so; one that accuses ends it.
func (r *reader) party() {
	var who *role // of whom the sentence before tells
	last := -1
	for i := 0; i < len(r.segs); {
		end := i
		for end < len(r.segs) && r.segs[end].sentence == r.segs[i].sentence {
			end++
		}
		told, accuses := r.announced(i, end)
		they := len(r.segs[i].words) > 0 && r.words[r.segs[i].words[0]].text == "they"
		switch {
		case told != nil:
			who, last = told, r.segs[i].sentence
		case who != nil && they && !accuses && r.segs[i].sentence == last+1:
			for _, s := range r.segs[i:end] {
				for _, w := range s.words {
					if m := r.words[w].m; m >= 0 && r.roles[m].stance == plain && (credential(r.mentions[m].kind) || r.mentions[m].kind == "ip" || r.mentions[m].kind == "account") {
						r.roles[m] = *who
					}
				}
			}
			last = r.segs[i].sentence
		}
		i = end
	}
}

// announced is the role that a sentence, segs[from:to], gives to a party of testers or to a vendor, nil
// if it tells of none; accuses says that it tells of something suspicious.
func (r *reader) announced(from, to int) (who *role, accuses bool) {
	for i := from; i < to; i++ {
		for _, c := range r.found[i] {
			accuses = accuses || c.group.Class == "suspect" && !c.negated
			if (c.relation == AuthorizedTest || c.relation == Vendor) && !c.negated && !r.segs[i].asked {
				who = &role{stance: vouched, relation: c.relation, seg: i}
			}
		}
	}
	if accuses {
		return nil, true
	}
	return who, false
}

// maxOfNoun is how many words may stand between a noun and what explains it: "vendor (for
// our copies) (…".
const maxOfNoun = 3

// tellers are the first names of which the text says only that they told something: "that one's the
// same as always according to Gus". Whom it speaks of otherwise, too, is none.
func (r *reader) tellers() (out []string) {
	other := map[string]bool{}
	for i, s := range r.segs {
		for pos, w := range s.words {
			word := r.words[w]
			if word.m >= 0 || !r.capital(word) || len(word.text) < 3 || grammar().persons[word.text] {
				continue
			}
			name := r.work[word.start:word.end]
			if k := strings.IndexAny(name, "'’"); k > 0 {
				name = name[:k]
			}
			switch {
			case !r.toldBy(s, pos) || r.possessive(w):
				other[name] = true
			case slices.Contains(out, name) || len(out) == maxTellers:
			case r.victim(i, pos): // "Gus says he deleted it"
				other[name] = true
			default:
				out = append(out, name)
			}
		}
	}
	return slices.DeleteFunc(out, func(name string) bool { return other[name] })
}

// maxTellers bounds how many such names one text has.
const maxTellers = 32

// toldBy says that the word at pos is who tells: "according to Gus", "Gus says", "…, says Gus".
func (r *reader) toldBy(s segment, pos int) bool {
	text := func(i int) string {
		if i < 0 || i >= len(s.words) {
			return ""
		}
		return r.words[s.words[i]].text
	}
	return text(pos-1) == "to" && text(pos-2) == "according" ||
		r.vocab.people.informs[text(pos+1)] && !negators[text(pos+2)] ||
		pos == len(s.words)-1 && pos > 0 && (text(pos-1) == "says" || text(pos-1) == "said")
}
