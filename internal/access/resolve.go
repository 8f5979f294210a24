package access

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// Changes are the moments at which policies of the evidence changed, sorted.
// What is asked about just after one of them may not have settled: IAM takes seconds
// to reach every region.
func (h *History) Changes() (out []time.Time) {
	for _, e := range h.entities {
		for _, r := range e.slots {
			for _, f := range r.facts {
				if !f.snapshot {
					out = append(out, f.at)
				}
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.Compact(out)
}

// Resolve gives the ARN of a user or role whose path a call left out. Anything
// else is returned as it is.
func (w *World) Resolve(arn string) string {
	a, ok := policy.ParseARN(arn)
	if !ok || a.Service != "iam" || w.byARN[arn] != nil {
		return arn
	}
	for _, p := range slices.Concat(w.Principals, w.Groups) {
		if x, _ := policy.ParseARN(p.ARN); x.Account == a.Account && x.Type() == a.Type() && x.Name() == a.Name() {
			return p.ARN
		}
	}
	return arn
}

// PoliciesFor is Policies for a caller that may have none of its own, as a root
// user: then p is nil.
func (w *World) PoliciesFor(p *Principal, res string) Policies {
	if p != nil {
		return w.Policies(p, res)
	}
	ps := Policies{}
	a, _ := policy.ParseARN(res)
	w.govern(&ps, accountPart(a.Account), accountPart(a.Account))
	ps.Resource, ps.ResourceKnown = w.policiesOf(res)
	return ps
}

// accountPart is the account of an ARN, "" for a pattern and for AWS's own.
func accountPart(account string) string {
	if len(account) != 12 || strings.ContainsAny(account, "*?") {
		return ""
	}
	return account
}
