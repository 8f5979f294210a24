package intake

import "slices"

// thingOf is which kinds of mention a plain noun may stand for.
var thingOf = map[string][]string{
	"role": {"principal", "session"}, "user": {"principal", "session"}, "principal": {"principal", "session"}, "identity": {"principal", "session"},
	"key": {"access_key"}, "account": {"account"},
	"ip": {"ip"}, "address": {"ip"}, "range": {"ip"}, "network": {"ip"}, "block": {"ip"}, "subnet": {"ip"},
	"it": {"principal", "session", "access_key", "account", "ip", "resource"},
}

// anaphors lets a sentence that only says whose something is speak of what the one before named:
// "The SIEM flags role X from 203.0.113.9. The role belongs to our vendor. The address is our VPN."
// It must name nothing itself and accuse nobody, and what it stands for must be the only thing of its
// kind there, of which nothing else is said.
func (r *reader) anaphors() {
	for i := range r.segs {
		s := r.segs[i]
		if i == 0 || s.asked || r.segs[i-1].sentence == s.sentence {
			continue
		}
		kinds, ok := r.standsFor(i)
		if !ok {
			continue
		}
		for _, c := range r.found[i] {
			owned := c.relation == Vendor || c.relation == AuthorizedTest || c.relation == UsualNetwork || c.relation == Owner
			if !c.benign() || c.negated || !owned || c.group.Weak || c.relation == UsualNetwork && kinds[0] != "ip" {
				continue
			}
			if m := r.onlyOne(i-1, kinds); m >= 0 {
				r.roles[m] = r.of(i, c, -1)
			}
			break
		}
	}
}

// standsFor is which kinds of thing the first words of a sentence mean: "the role", "this address",
// "it". A sentence that names something, accuses, or is of several breaths has no such subject.
func (r *reader) standsFor(seg int) (kinds []string, ok bool) {
	s := r.segs[seg]
	if len(s.words) == 0 {
		return nil, false
	}
	first := r.words[s.words[0]].text
	switch {
	case first == "it":
		kinds = thingOf["it"]
	case len(s.words) > 1 && (first == "the" || first == "this" || first == "that"):
		kinds = thingOf[r.words[s.words[1]].text]
	}
	if kinds == nil {
		return nil, false
	}
	for i := seg; i < len(r.segs) && r.segs[i].sentence == s.sentence; i++ {
		for _, w := range r.segs[i].words {
			if m := r.words[w].m; m >= 0 && r.mentions[m].kind != "time" {
				return nil, false
			}
		}
		for _, c := range r.found[i] {
			if c.group.Class == "suspect" {
				return nil, false
			}
		}
	}
	return kinds, true
}

// onlyOne is the one mention of these kinds in the sentence that segment last ends, -1 where there is
// none or are several, or where something is said of it.
func (r *reader) onlyOne(last int, kinds []string) int {
	found := -1
	for i := last; i >= 0 && r.segs[i].sentence == r.segs[last].sentence; i-- {
		for _, w := range r.segs[i].words {
			m := r.words[w].m
			if m < 0 || !slices.Contains(kinds, r.mentions[m].kind) {
				continue
			}
			if found >= 0 && found != m || r.roles[m].stance != plain || r.theft(i) {
				return -1
			}
			found = m
		}
	}
	return found
}
