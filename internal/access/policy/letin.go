package policy

import (
	"slices"
	"strings"
)

// Opening is somebody whom a resource's own policy lets in who could not come in
// before, or not so easily.
type Opening struct {
	Principal string // as the documents name it; "*", or "NotPrincipal" for all but those
	Through   string // the name in the new document by which it comes in: mostly the same
	Kind      string // AWS, Service, Federated or CanonicalUser; "" for everyone
	// New says that nothing let it in at all before: else it came in too, under
	// conditions, for other calls or but for a denial that is gone.
	New bool
	Why string // a clause about the principal, lower-case, no full stop
	// Sure is false where the two documents put the matter so differently that
	// neither is seen to hold the other.
	Sure bool
}

// LetIn compares two policies of one resource by what they mean: whom the new one
// lets in whom the old one did not. Documents that say the same in other words let
// nobody in: an account by its number or by its root, one statement or several,
// any order. Nil for old is a resource without a policy. own is the account of
// the resource: its users and roles, named one by one, need no policy of their
// own, which naming the account leaves them to need; "" if it is not known.
//
// Source: IAM User Guide, "AWS JSON policy elements: Principal".
func LetIn(old, now *Document, own string) (out []Opening) {
	if old == nil {
		old = &Document{}
	}
	for i := range now.Statements {
		s := &now.Statements[i]
		if s.Effect != Allow {
			continue
		}
		parts := s.parts()
		for _, n := range s.named() {
			var o Opening
			open := false
			for j := 0; j < len(parts) && !open; j++ {
				o, open = old.opens(&parts[j], n, own)
			}
			if !open && len(parts) > 0 {
				o, open = noLongerDenied(old, now, n)
			}
			if open && !slices.ContainsFunc(out, func(x Opening) bool { return x.Principal == o.Principal && x.Kind == o.Kind }) {
				out = append(out, o)
			}
		}
	}
	return out
}

// maxParts bounds the parts of one statement; one of more is compared as a whole.
// Values of several conditions multiply; a hostile policy of a few kB could make
// millions.
const maxParts = 256

// parts takes a statement apart, by call and by value of its conditions: each may
// have been allowed by another statement. Calls that only come along with another
// let nobody in.
func (s *Statement) parts() []Statement {
	var out []Statement
	for i, text := range s.ActionTexts {
		one := *s
		switch strings.ToLower(text) {
		case "sts:tagsession", "sts:setsourceidentity", "sts:setcontext":
			continue
		}
		if s.NotActions == nil {
			one.Actions, one.ActionTexts = s.Actions[i:i+1], s.ActionTexts[i:i+1]
		}
		out = append(out, one)
		if s.NotActions != nil {
			break
		}
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if c.op.negated || c.set != single || len(c.Values) < 2 {
			continue
		}
		if len(out)*len(c.Values) > maxParts {
			return out
		}
		var finer []Statement
		for _, part := range out {
			for _, v := range c.Values {
				one := part
				one.Conditions = slices.Clone(part.Conditions)
				one.Conditions[i].Values = []string{v}
				finer = append(finer, one)
			}
		}
		out = finer
	}
	return out
}

// name is one principal of a statement.
type name struct{ kind, text string }

const anyoneBut = "NotPrincipal"

// named lists the principals of a statement, in a fixed order.
func (s *Statement) named() (out []name) {
	if s.NotPrincipals != nil {
		return []name{{text: anyoneBut}}
	}
	p := s.Principals
	if p == nil {
		return nil
	}
	if p.Everyone {
		return []name{{text: "*"}} // whoever else is named is among them
	}
	for _, of := range []struct {
		kind string
		list []string
	}{{"AWS", p.AWS}, {"CanonicalUser", p.Canonical}, {"Federated", p.Federated}, {"Service", p.Service}} {
		for _, text := range of.list {
			out = append(out, name{of.kind, text})
		}
	}
	return out
}

// opens says whether a statement lets a principal in beyond what the document did.
// The reason is that of the statement that came nearest.
func (d *Document) opens(s *Statement, n name, own string) (Opening, bool) {
	o := Opening{Principal: n.text, Through: n.text, Kind: n.kind, Why: "it was not let in before", New: true, Sure: true}
	for i := range d.Statements {
		before := &d.Statements[i]
		if before.Effect != Allow {
			continue
		}
		switch truth, why := before.lets(n, own); {
		case truth == No:
			continue
		case truth == Unknown:
			o.Why, o.Sure = why, false
			continue
		case !before.does(s):
			o.New, o.Why = false, "it was let in before, for other calls"
			continue
		}
		o.New = false
		switch truth, why := looser(before.Conditions, s.Conditions); {
		case truth == No:
			return Opening{}, false
		case truth == Unknown:
			o.Why, o.Sure = why, false
		default:
			o.Why = why
		}
	}
	return o, true
}

// lets says whether a statement names a principal, or more than it.
func (s *Statement) lets(n name, own string) (Truth, string) {
	if s.NotPrincipals != nil {
		if n.text == anyoneBut {
			return Unknown, "it lets in all but some, before and after"
		}
		return Unknown, "it may have been let in before, by a statement about all but some"
	}
	if s.Principals == nil {
		return No, ""
	}
	if s.Principals.Everyone {
		return Yes, ""
	}
	list := map[string][]string{"AWS": s.Principals.AWS, "CanonicalUser": s.Principals.Canonical, "Federated": s.Principals.Federated, "Service": s.Principals.Service}[n.kind]
	if slices.Contains(list, n.text) {
		return Yes, ""
	}
	if n.kind != "AWS" {
		return No, ""
	}
	account, whole := accountNamed(n.text)
	for _, have := range list {
		a, all := accountNamed(have)
		switch {
		case all && a == account && (whole || a != own):
			return Yes, "" // the other account's own administrators choose whom of it
		case all && a == account:
			return Unknown, "its account was let in before; named itself, it needs no policy of its own"
		case sessionOf(n.text, &Caller{Kind: Role, ARN: have, Account: account}):
			return Yes, ""
		}
	}
	return No, ""
}

// accountNamed is the account of a principal's name, and whether it is all of it.
func accountNamed(text string) (account string, whole bool) {
	if len(text) == 12 && strings.Trim(text, "0123456789") == "" {
		return text, true
	}
	a, _ := ParseARN(text)
	return a.Account, a.Service == "iam" && a.Resource == "root"
}

// does says whether a statement is about all the calls and resources that the
// other is about.
func (s *Statement) does(o *Statement) bool {
	if o.NotActions != nil || s.NotActions != nil {
		if o.NotActions == nil || s.NotActions == nil || !slices.Equal(sorted(o.ActionTexts), sorted(s.ActionTexts)) {
			return false
		}
	} else if !all(o.Actions, func(a Glob) bool { return slices.ContainsFunc(s.Actions, func(b Glob) bool { return b.Covers(a) }) }) {
		return false
	}
	if o.NotResources != nil || s.NotResources != nil {
		return o.NotResources != nil && s.NotResources != nil && slices.Equal(sorted(o.NotResources), sorted(s.NotResources))
	}
	if len(s.Resources) == 0 { // a trust policy: the role itself
		return true
	}
	return len(o.Resources) > 0 && all(o.Resources, func(a string) bool {
		return slices.ContainsFunc(s.Resources, func(b string) bool { return a == b || !hasVariable(a+b) && NewGlob(b).Covers(NewGlob(a)) })
	})
}

func all[T any](list []T, is func(T) bool) bool {
	return !slices.ContainsFunc(list, func(x T) bool { return !is(x) })
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
