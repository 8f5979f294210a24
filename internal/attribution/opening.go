package attribution

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	var opened []evidence.Event
	for e, err := range r.q.Events(ctx, evidence.Query{IDs: ids}) {
		if err != nil {
			return nil, err
		}
		if v := r.issuedTo(&e); v.actor.Hostile() {
			out[&e] = v
			opened = append(opened, e)
		}
	}
	return out, r.turnedAway(ctx, opened, out)
}

// turnedAwayWindow is how long before a federated sign-in what was refused to the same
// identity at the same address belongs to it.
const turnedAwayWindow = time.Hour

// turnedAway adds what was refused to whoever then opened a hostile session with a token or an
// assertion: the same call for the same identity from the same address, shortly before. It
// opened nothing, so that no session tells whose it was, and whoever tries one role after
// another is one hand.
func (r *run) turnedAway(ctx context.Context, opened []evidence.Event, out map[*evidence.Event]verdict) error {
	type hand struct{ name, who, ip string }
	of := func(e *evidence.Event) hand {
		return hand{e.Name, e.Identity.PrincipalID + "\x00" + e.Identity.UserName, e.SourceIP}
	}
	by := map[hand][]*evidence.Event{}
	var from, to time.Time
	var ips []string
	for i := range opened {
		e := &opened[i]
		if e.Name != "AssumeRoleWithWebIdentity" && e.Name != "AssumeRoleWithSAML" || e.Identity.PrincipalID+e.Identity.UserName == "" || e.FromAWS() {
			continue
		}
		by[of(e)], ips = append(by[of(e)], e), append(ips, e.SourceIP)
		if from.IsZero() || e.Time.Before(from) {
			from = e.Time
		}
		if e.Time.After(to) {
			to = e.Time
		}
	}
	if len(by) == 0 {
		return nil
	}
	slices.Sort(ips)
	q := evidence.Query{IPs: slices.Compact(ips), Sources: []string{"sts.amazonaws.com"}, Names: []string{"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}, From: from.Add(-turnedAwayWindow), To: to.Add(time.Second)}
	for e, err := range r.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read what was refused before a hostile session was opened: %w", err)
		}
		if e.Outcome() != evidence.Failure {
			continue
		}
		for _, o := range by[of(&e)] {
			if d := o.Time.Sub(e.Time); d >= 0 && d <= turnedAwayWindow {
				out[&e] = verdict{LikelyIntruder, "lineage:reverse:turned_away", true}
				break
			}
		}
	}
	return nil
}

// usedBy says whether the intruder was at work with a person's credentials on a network of
// the public internet that many do not use.
func (r *run) usedBy(person, network string) bool {
	return r.hostileNets[network][person] > 0 && outsideAddress(network) && !r.nets.shared(network)
}
