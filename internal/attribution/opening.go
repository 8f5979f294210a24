package attribution

import (
	"context"

	"github.com/trailhound/trailhound/internal/evidence"
)

// openings are the federated sign-ins behind hostile sessions: records without
// a key or a principal of the account, which no other step meets. Who holds the
// session from its first call on, and nobody else ever, opened it.
func (r *run) openings(ctx context.Context) (map[*evidence.Event]verdict, error) {
	hostile, rightful := map[string]bool{}, map[string]bool{}
	for _, u := range r.order {
		p := r.people[u]
		for i := range p.events {
			node := r.g.CredentialOf(&p.events[i])
			if a := p.verdicts[i].actor; a.Hostile() {
				hostile[node] = true
			} else if a == Owner || a == Service || a == Responder {
				rightful[node] = true
			}
		}
	}
	var ids []string
	for node := range hostile {
		n := r.g.Node(node)
		if n == nil || rightful[node] || n.Best() == nil {
			continue
		}
		for _, e := range n.In {
			if e.Parent == "" && e.Tier >= 4 && !e.Held() && r.byEvent[e.Event].p == nil {
				ids = append(ids, e.Event)
			}
		}
	}
	out := map[*evidence.Event]verdict{}
	if len(ids) == 0 {
		return out, nil
	}
	for e, err := range r.q.Events(ctx, evidence.Query{IDs: ids}) {
		if err != nil {
			return nil, err
		}
		if v := r.issuedTo(&e); v.actor.Hostile() {
			out[&e] = v
		}
	}
	return out, nil
}
