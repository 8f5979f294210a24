package sigma

import "slices"

// index sorts rules by the event names, or else the event sources, without which
// they cannot match, so that most events meet few rules or none.
// It may only be wrong in one way: a rule that is tried in vain costs time, one that is not
// tried loses a match. So a rule is pinned only to what it cannot match without.
func (p *Pack) index() {
	p.byName, p.bySource = map[string][]int{}, map[string][]int{}
	for _, r := range p.Rules {
		if r.when == nil {
			continue
		}
		n := len(p.plain)
		p.plain = append(p.plain, r)
		names, byName := pins(r.when, "eventName")
		sources, bySource := pins(r.when, "eventSource")
		switch {
		case byName:
			for _, name := range names {
				p.byName[name] = append(p.byName[name], n)
			}
		case bySource:
			for _, source := range sources {
				p.bySource[source] = append(p.bySource[source], n)
			}
		default:
			p.rest = append(p.rest, n)
		}
	}
}

// candidates are the rules that an event of that name and source could match,
// in the order of the pack.
func (p *Pack) candidates(out []int, name, source string) []int {
	out = append(out, p.byName[fold(name)]...)
	out = append(out, p.bySource[fold(source)]...)
	out = append(out, p.rest...)
	slices.Sort(out)
	return out
}

// pins finds the values, folded, one of which the field must have for e to hold.
// ok is false if e may hold whatever the field says. The limit keeps huge lists
// from being multiplied.
func pins(e expr, field string) (values []string, ok bool) {
	switch e := e.(type) {
	case compare:
		if len(e.path) != 1 || e.path[0] != field {
			return nil, false
		}
		p, isPattern := e.m.(*pattern)
		if !isPattern {
			return nil, false
		}
		// A pattern with a wildcard pins nothing: which names it fits is only known by trying.
		s, ok := p.literal()
		return []string{fold(s)}, ok
	// Any part pins the whole: the shortest list is the best.
	case allOf:
		for _, sub := range e {
			if v, found := pins(sub, field); found && (!ok || len(v) < len(values)) {
				values, ok = v, true
			}
		}
		return values, ok
	// Every part must pin, and the whole is pinned to all their values.
	case anyOf:
		for _, sub := range e {
			v, found := pins(sub, field)
			if !found {
				return nil, false
			}
			values = append(values, v...)
		}
		slices.Sort(values)
		return slices.Compact(values), len(e) > 0
	}
	return nil, false
}
