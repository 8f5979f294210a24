package check

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// names are words of a webhook that the API does not have, or has for another
// provider: types of filters, events, comment policies and approver roles.
func (s *Scene) names(o *owner) []*Subject {
	w := o.Project.Webhook
	if !w.Known() {
		return nil
	}
	var out []*Subject
	add := func(at model.Location, what, word string) {
		out = append(out, s.subject("name", what+" "+word, at, o, view{"name": word, "what": what}, map[string]string{"what": what, "wrong": word}))
	}
	for _, g := range w.V.Groups.V {
		for _, f := range g.Filters.V {
			if f.Type.Known() && !slices.Contains(model.FilterTypes, f.Type.V) {
				add(f.Type.At, "the filter type", f.Type.V)
			}
			if f.Kind().V != model.Event {
				continue
			}
			for _, e := range trust.Names(f.Pattern.V) {
				if !slices.Contains(model.Events, e) {
					add(f.Pattern.At, "the event", e)
				}
			}
		}
	}
	p := w.V.Policy
	if !p.Known() {
		return out
	}
	if r := p.V.Requires; r.Known() && !slices.Contains([]string{"DISABLED", "ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"}, r.V) {
		add(r.At, "the comment policy", r.V)
	}
	// GITHUB_ENTERPRISE has GitHub's roles.
	provider, _, _ := strings.Cut(o.Project.Source.Provider(), "_")
	for _, r := range p.V.Roles.V {
		// A role of another provider is accepted by the API and approves nobody.
		if !slices.Contains(trust.Roles(), r) || provider != "" && !strings.HasPrefix(r, provider+"_") {
			add(p.V.Roles.At, "the approver role", r)
		}
	}
	return out
}
