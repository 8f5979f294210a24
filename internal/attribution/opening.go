package attribution

import (
	"context"

	"github.com/trailhound/trailhound/internal/evidence"
)

// openings are the federated sign-ins behind hostile sessions: records without
// a key or a principal of the account, which no other step meets. Who holds the
// session from its first call on, and nobody else ever, opened it. A workload's is held by
// its machine: only what was asked for where the intruder used it is of their hand, by a
// token that they carried off.
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
			if e.Parent == "" && e.Tier >= 4 && (!e.Held() || r.usedBy(n.Person, e.Network)) && r.byEvent[e.Event].p == nil {
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

// usedBy says whether the intruder was at work with a person's credentials on a network of
// the public internet that many do not use.
func (r *run) usedBy(person, network string) bool {
	return r.hostileNets[network][person] > 0 && outsideAddress(network) && !r.nets.shared(network)
}
