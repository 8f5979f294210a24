package policy

import "slices"

// noLongerDenied says whether a statement that denied the principal is gone, or
// denies less.
func noLongerDenied(old, now *Document, n name) (Opening, bool) {
	for i := range old.Statements {
		d := &old.Statements[i]
		if d.Effect != Deny || !d.touches(n) {
			continue
		}
		still := slices.ContainsFunc(now.Statements, func(s Statement) bool {
			if s.Effect != Deny || !s.does(d) {
				return false
			}
			if !sameNames(&s, d) && !all(d.named(), func(x name) bool { truth, _ := s.lets(x, ""); return truth == Yes }) {
				return false
			}
			truth, _ := looser(s.Conditions, d.Conditions) // whatever was denied still is
			return truth == No
		})
		if !still {
			who := n
			if x := slices.IndexFunc(d.named(), n.covers); x >= 0 { // it was a part of whom the name stands for
				who = d.named()[x]
			}
			return Opening{Principal: who.text, Through: n.text, Kind: who.kind, Why: "a statement that denied it is gone, or denies less", Sure: d.NotPrincipals == nil && len(d.Conditions) == 0}, true
		}
	}
	return Opening{}, false
}

// touches says whether a statement is about some of whom a name stands for: more
// than it, or a part.
func (s *Statement) touches(n name) bool {
	if truth, _ := s.lets(n, ""); truth != No || s.NotPrincipals != nil || n.kind == "" {
		return true
	}
	return slices.ContainsFunc(s.named(), n.covers)
}

// covers says whether a name stands for the other too.
func (n name) covers(x name) bool {
	whole := Statement{Principals: &Principals{Everyone: n.kind == "", AWS: []string{n.text}}}
	truth, _ := whole.lets(x, "")
	return truth == Yes && (n.kind == "" || n.kind == "AWS" && x.kind == "AWS")
}

// sameNames says whether two statements name the same principals.
func sameNames(a, b *Statement) bool {
	same := func(p, q *Principals) bool {
		if p == nil || q == nil {
			return p == q
		}
		return p.Everyone == q.Everyone && slices.Equal(sorted(p.AWS), sorted(q.AWS)) && slices.Equal(sorted(p.Service), sorted(q.Service)) &&
			slices.Equal(sorted(p.Federated), sorted(q.Federated)) && slices.Equal(sorted(p.Canonical), sorted(q.Canonical))
	}
	return same(a.Principals, b.Principals) && same(a.NotPrincipals, b.NotPrincipals)
}
