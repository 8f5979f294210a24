package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// WhoCan is the answer to who may do an action on a resource at a moment.
type WhoCan struct {
	Action   string   `json:"action"`
	Resource string   `json:"resource"`
	At       string   `json:"at"`
	Who      []CanRow `json:"who"` // allowed first, then those of whom it cannot be told, then denied; by name
	Assumed  []string `json:"assumed"`
	Notes    []string `json:"notes"`
}

// CanRow is one principal and the decision about it.
type CanRow struct {
	Principal string      `json:"principal"` // ARN; or what a resource policy names: "*", an account, a service, a provider
	Kind      string      `json:"kind"`
	Effect    string      `json:"effect"`
	Explicit  bool        `json:"explicit"` // of a deny: a statement denies
	Reasons   []Reasoning `json:"reasons"`
	Evidence  []string    `json:"evidence"`
}

// WhoCan asks every principal of the evidence, the root users, and whoever the
// resource's own policy names.
func (w *World) WhoCan(action, resource string) WhoCan {
	out := WhoCan{Action: action, Resource: resource, At: stamp(w.At), Who: []CanRow{}, Assumed: w.assumptions(w.Principals...), Notes: append([]string{}, w.Notes...)}
	// What only a deny would assume is not worth a line.
	row := func(name, kind string, d Decision, ref string) {
		r := CanRow{Principal: name, Kind: kind, Effect: string(d.Effect), Explicit: d.Explicit, Reasons: reasonings(d.Reasons), Evidence: []string{}}
		if ref != "" {
			r.Evidence = append(r.Evidence, ref)
		}
		for _, x := range d.Reasons {
			if x.Ref != "" && !slices.Contains(r.Evidence, x.Ref) && len(r.Evidence) < maxReasons {
				r.Evidence = append(r.Evidence, x.Ref)
			}
		}
		out.Who = append(out.Who, r)
		for _, a := range d.Assumed {
			if d.Effect == Allow && !told(out.Assumed, a) {
				out.Assumed = append(out.Assumed, a)
			}
		}
	}
	accounts := map[string]bool{}
	for _, p := range w.Principals {
		accounts[p.Account] = true
		row(p.ARN, string(p.Kind), w.Decide(p, action, resource, policy.Context{}), p.Ref)
	}
	ps := Policies{}
	ps.Resource, ps.ResourceKnown = w.policiesOf(resource)
	owner, _ := policy.ParseARN(resource)
	for _, account := range slices.Sorted(maps.Keys(accounts)) { // in order: what is assumed is listed as it is met
		root := policy.Caller{Kind: policy.Root, ARN: "arn:aws:iam::" + account + ":root", Account: account}
		p := ps // a root user has no policies of its own, and stands under the organisation's
		w.govern(&p, account, accountPart(owner.Account))
		row(root.ARN, string(policy.Root), Evaluate(Request{Caller: root, Action: action, Resource: resource}, p), "")
	}
	for _, c := range w.outsiders(ps.Resource, accounts) {
		p := ps
		if c.Kind == policy.User || c.Kind == policy.Role || c.Kind == policy.Root {
			// Another account's principal needs its own side's allow as well, which nobody
			// here can see: at best it cannot be told.
			p.Identity = []Policy{{Kind: Identity, Name: "policies of " + c.ARN, Problem: "its account is not in the evidence"}}
			if c.Kind == policy.Root { // any principal of that account, not its root user
				c.Kind, c.ARN = policy.User, ""
			}
			name := c.ARN
			if name == "" {
				name = "account " + c.Account
			}
			row(name, "outside", Evaluate(Request{Caller: c, Action: action, Resource: resource, ResourceAccount: onlyAccount(accounts)}, p), "")
			continue
		}
		name := c.ARN
		switch c.Kind {
		case policy.Service:
			name = c.Service
		case policy.Anonymous:
			name = "*"
		}
		row(name, string(c.Kind), Evaluate(Request{Caller: c, Action: action, Resource: resource}, p), "")
	}
	rank := []string{string(Allow), string(CannotTell), string(Deny)}
	slices.SortStableFunc(out.Who, func(a, b CanRow) int {
		if c := slices.Index(rank, a.Effect) - slices.Index(rank, b.Effect); c != 0 {
			return c
		}
		return strings.Compare(a.Principal, b.Principal)
	})
	return out
}

// told says whether an assumption is on the list: as it is, or, of control policies,
// in the one sentence about them that every answer begins with.
func told(list []string, assumed string) bool {
	return slices.ContainsFunc(list, func(have string) bool {
		same := func(kind Kind) bool {
			return strings.Contains(assumed, string(kind)) && strings.Contains(have, string(kind))
		}
		return have == assumed || same(SCP) || same(RCP)
	})
}

// onlyAccount is the account that owns the resource, where the evidence has only one.
// With several the ARN must tell, which a bucket's does not.
func onlyAccount(accounts map[string]bool) string {
	if len(accounts) == 1 {
		for a := range accounts {
			return a
		}
	}
	return ""
}

// outsiders are the callers that a resource's policies name and that are no
// principals of the evidence.
func (w *World) outsiders(list []Policy, accounts map[string]bool) (out []policy.Caller) {
	add := func(c policy.Caller) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for i := range list {
		if list[i].Doc == nil {
			continue
		}
		for j := range list[i].Doc.Statements {
			s := &list[i].Doc.Statements[j]
			if s.Effect != policy.Allow {
				continue
			}
			if s.NotPrincipals != nil || s.Principals != nil && s.Principals.Everyone {
				add(policy.Caller{Kind: policy.Anonymous})
			}
			if s.Principals == nil {
				continue
			}
			for _, name := range s.Principals.Service {
				add(policy.Caller{Kind: policy.Service, Service: name})
			}
			for _, name := range s.Principals.Federated {
				add(policy.Caller{Kind: policy.Federated, ARN: name})
			}
			for _, name := range s.Principals.AWS {
				if c, ok := outsider(name); ok && !accounts[c.Account] {
					add(c)
				}
			}
		}
	}
	return out
}

// outsider reads a principal element. An id (AIDA…) of a deleted principal names
// nobody any more and is left out.
func outsider(name string) (policy.Caller, bool) {
	if twelveDigits.MatchString(name) {
		return policy.Caller{Kind: policy.Root, ARN: "arn:aws:iam::" + name + ":root", Account: name}, true
	}
	a, ok := policy.ParseARN(name)
	switch {
	case !ok || a.Account == "":
		return policy.Caller{}, false
	case a.Resource == "root":
		return policy.Caller{Kind: policy.Root, ARN: name, Account: a.Account}, true
	case a.Type() == "role":
		return policy.Caller{Kind: policy.Role, ARN: name, Account: a.Account}, true
	case a.Type() == "user":
		return policy.Caller{Kind: policy.User, ARN: name, Account: a.Account}, true
	}
	return policy.Caller{Kind: policy.Role, SessionARN: name, Account: a.Account}, true
}
