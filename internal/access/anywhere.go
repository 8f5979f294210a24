package access

import (
	"slices"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// maxCandidates bounds how many resources of a principal's statements are tried
// for one action.
const maxCandidates = 200

// Anywhere answers whether there is any resource on which the principal may do
// the action: those that its own statements name are tried. on are the patterns
// for which the answer is d.Effect, or the best one for a deny.
func (w *World) Anywhere(p *Principal, action string, ctx policy.Context) (d Decision, on []string) {
	// Below every rank, so that the first candidate is taken even if it is a deny: its
	// reasons are the answer then.
	best := -1
	rank := []Effect{Deny, CannotTell, Allow}
	for _, res := range p.candidates(action, ctx) {
		got := w.Decide(p, action, res, ctx)
		r := slices.Index(rank, got.Effect)
		switch {
		case r > best:
			best, d, on = r, got, []string{res}
		case r == best:
			on = append(on, res)
		}
	}
	return d, on
}

// candidates are the resources that statements about the action name; "*" if
// there is none, so that the decision gives its reason.
// Only statements of the principal's own are looked at. A resource whose policy alone
// lets it in is found by asking about that resource.
func (p *Principal) candidates(action string, ctx policy.Context) []string {
	all := p.Context().With(ctx)
	// The resource of this request decides nothing: only the action is matched.
	r := policy.NewRequest(p.Caller(), action, "*", all)
	var out []string
	for i := range p.Identity {
		if p.Identity[i].Doc == nil {
			continue
		}
		for j := range p.Identity[i].Doc.Statements {
			s := &p.Identity[i].Doc.Statements[j]
			if s.Effect != policy.Allow || s.MatchesAction(r) == policy.No {
				continue
			}
			for _, res := range s.Patterns(&all) {
				if len(out) < maxCandidates && !slices.Contains(out, res) {
					out = append(out, res)
				}
			}
		}
	}
	if len(out) == 0 {
		return []string{"*"}
	}
	// "*" first: it is the one that a reader wants to see named.
	if i := slices.Index(out, "*"); i > 0 {
		out[0], out[i] = out[i], out[0]
	}
	return out
}
