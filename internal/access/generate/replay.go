package generate

import (
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/policy"
)

// Replay is the proof: the policy asked about what happened.
type Replay struct {
	Kept       int      `json:"kept"`         // permissions that kept events used or imply
	Allowed    int      `json:"kept_allowed"` // of these, allowed by the policy: all of them, or the policy is not to be used
	Missing    []string `json:"missing"`      // "action on resource" not allowed
	Denied     int      `json:"denied"`       // permissions that were refused
	Open       []string `json:"denied_allowed"`
	Conflicts  []string `json:"denied_and_used"` // refused once and used at another time on the same resource: the use counts
	LeftOut    int      `json:"left_out"`        // permissions only of left-out events
	LeftInside []string `json:"left_out_allowed"`
}

// Holds says whether the policy allows all that was kept and nothing that was
// refused.
func (r *Replay) Holds() bool {
	return len(r.Missing) == 0 && len(r.Open) == 0 && len(r.LeftInside) == 0
}

// judge asks the evaluator, holding only these documents against a request.
// Of the principal it has what the evaluator asks for, kind, ARN and account, and
// nothing that would decide beside the documents: no boundary, no group.
type judge struct {
	ps     access.Policies
	caller policy.Caller
	exact  map[string]bool // "action resource" as written
}

func newJudge(principal string, docs ...[]byte) *judge {
	j := &judge{caller: policy.Caller{Kind: policy.Role, ARN: principal}, exact: map[string]bool{}}
	if a, ok := policy.ParseARN(principal); ok {
		if j.caller.Account = a.Account; a.Type() == "user" {
			j.caller.Kind = policy.User
		}
	}
	for _, d := range docs {
		p := access.ParsePolicy(access.Identity, "the policy", d)
		j.ps.Identity = append(j.ps.Identity, p)
		if p.Doc == nil {
			continue
		}
		for _, s := range p.Doc.Statements {
			for _, a := range s.Actions {
				for _, r := range s.Resources {
					j.exact[strings.ToLower(a.String())+" "+r] = true
				}
			}
		}
	}
	// The question is what this policy allows, so nothing else stands against it: the resources' own policies
	// leave the decision to the account, as keys and roles must for an identity policy to count at all.
	delegate := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + j.caller.Account + `"},"Action":"*","Resource":"*"}}`
	j.ps.Resource = []access.Policy{access.ParsePolicy(access.Resource, "delegation to the account", []byte(delegate))}
	j.ps.SCPsKnown, j.ps.RCPsKnown, j.ps.ResourceKnown = true, true, true
	return j
}

// allows asks for a permission as it was used.
func (j *judge) allows(h *held) bool {
	if strings.ContainsAny(h.res.literal, "*?") && h.res.literal != "*" {
		// To the evaluator a wildcard in a request means all that it stands for. Here it is a character of
		// somebody's name, which only a statement with that very name, escaped, may allow.
		return j.exact[strings.ToLower(h.action)+" "+h.res.pattern] || j.asks(h, strings.NewReplacer("*", "x", "?", "x").Replace(h.res.literal))
	}
	return j.asks(h, h.res.literal)
}

func (j *judge) asks(h *held, resource string) bool {
	var ctx policy.Context
	for k, v := range h.with {
		ctx.Set(k, v)
	}
	if h.region != "" {
		ctx.Set("aws:RequestedRegion", h.region)
	}
	// Every key that is not set is absent: a condition on one that no record shows would
	// else make the answer "cannot tell", which proves nothing.
	ctx.Close("")
	d := access.Evaluate(access.Request{Caller: j.caller, Action: h.action, Resource: resource, ResourceAccount: j.caller.Account, Context: ctx}, j.ps)
	return d.Effect == access.Allow
}

// replay holds the documents against everything that was collected.
// It costs one evaluation for each permission.
func (a *activity) replay(docs [][]byte) Replay {
	j := newJudge(a.principal, docs...)
	var r Replay
	for _, key := range slices.Sorted(maps.Keys(a.kept)) {
		h := a.kept[key]
		if r.Kept++; j.allows(h) {
			r.Allowed++
		} else {
			r.Missing = append(r.Missing, h.text())
		}
	}
	type place struct{ action, literal, region string }
	uses := map[place]bool{}
	for _, h := range a.kept {
		uses[place{h.action, h.res.literal, h.region}] = true
	}
	used := func(h *held) bool { return uses[place{h.action, h.res.literal, h.region}] }
	for _, key := range slices.Sorted(maps.Keys(a.denied)) {
		h := a.denied[key]
		r.Denied++
		switch {
		case !j.allows(h):
		case used(h):
			r.Conflicts = append(r.Conflicts, h.text())
		default:
			r.Open = append(r.Open, h.text())
		}
	}
	for _, set := range []map[string]*held{a.untrusted, a.hostile} {
		for _, key := range slices.Sorted(maps.Keys(set)) {
			h := set[key]
			if used(h) {
				continue // the principal itself did the same
			}
			if r.LeftOut++; j.allows(h) {
				r.LeftInside = append(r.LeftInside, h.text())
			}
		}
	}
	return r
}

// text names a permission for a reader.
func (h *held) text() string { return h.action + " on " + h.res.literal }

// compile makes a matcher of a resource pattern as a policy writes it, escapes
// included.
func compile(pattern string) func(string) bool {
	const star, mark, dollar = "\uE000", "\uE001", "\uE002"
	g := policy.NewGlob(strings.NewReplacer("${*}", star, "${?}", mark, "${$}", dollar).Replace(pattern))
	return func(s string) bool {
		return g.Match(strings.NewReplacer("*", star, "?", mark, "$", dollar).Replace(s))
	}
}

// Allows says whether the documents, as the only identity policies of a role or
// user, allow an action on a resource, with these condition keys and no others.
func Allows(principal string, docs [][]byte, action, resource string, with map[string]string) bool {
	return newJudge(principal, docs...).asks(&held{need: need{action: action, with: with}}, resource)
}
