package attribution

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// workedIn is a cluster of a person in a role that a directory gave them.
type workedIn struct {
	p *person
	c *Cluster
}

// oneSignIn follows a sign-in to the portal: who holds one of the role sessions that were
// asked for with it holds the others, if none of them is recognisable as its owner's. Where
// one is, the sign-in is the owner's, and each session is judged by itself.
func (r *run) oneSignIn() (changed bool) {
	with := map[string][]workedIn{} // portal's credential → what was done in its role sessions
	for _, u := range r.order {
		p := r.people[u]
		for _, c := range p.clusters {
			n := r.g.Node(c.Credential)
			if n == nil {
				continue
			}
			for _, e := range n.In {
				if e.Rule == "identity_center" && e.Parent != "" && e.Tier >= 4 {
					with[e.Parent] = append(with[e.Parent], workedIn{p, c})
				}
			}
		}
	}
	for _, list := range with {
		hostile := slices.ContainsFunc(list, func(s workedIn) bool { return s.c.Actor.Hostile() && s.c.byItself() })
		if !hostile || slices.ContainsFunc(list, func(s workedIn) bool { return s.c.Actor != Undetermined && !s.c.Actor.Hostile() }) {
			continue
		}
		for _, s := range list {
			if s.c.Actor == Undetermined && !s.c.fixed && !s.c.early {
				s.p.blameCluster(s.c, "lineage:one_sign_in")
				changed = true
			}
		}
	}
	return changed
}

// oneSitting follows a person of the directory from one of their roles to the others: whoever
// works in one of them as the intruder, on a network that is nobody else's, and in the same
// hours works from there in another, is one hand. Each role has habits of its own, and one
// that is seldom worn has none, so that by itself it never shows whose the hand is. Where
// anything of the person's there is recognisable as theirs, or they were there on a day
// before, the place is no sign.
func (r *run) oneSitting() (changed bool) {
	type place struct{ face, network string }
	at := map[place][]workedIn{}
	for _, u := range r.order {
		seen := r.s.Principal(u)
		if r.in.Away || seen == nil || face(u) == u || !strings.HasPrefix(seen.Identity.IssuerName, evidence.PermissionSetRole) {
			continue
		}
		for _, c := range r.people[u].clusters {
			k := place{face(u), c.Network}
			at[k] = append(at[k], workedIn{r.people[u], c})
		}
	}
	for k, list := range at {
		var theirs []*Cluster
		var since time.Time
		for _, s := range list {
			if s.c.Actor.Hostile() && s.c.byItself() && !s.c.Rotating && !s.p.onlyFailed(s.c) {
				if theirs = append(theirs, s.c); since.IsZero() || s.c.First.Before(since) {
					since = s.c.First
				}
			}
		}
		if len(theirs) == 0 || !outsideAddress(k.network) || r.nets.shared(k.network) || slices.ContainsFunc(list, func(s workedIn) bool {
			return s.c.First.Before(since.Add(-graveApart)) || s.c.kin || !s.c.Actor.Hostile() && (s.c.Actor != Undetermined || s.c.scored("mfa"))
		}) {
			continue
		}
		for _, s := range list {
			near := slices.ContainsFunc(theirs, func(h *Cluster) bool { return apart(h, s.c) <= portalWindow })
			if near && s.c.Actor == Undetermined && !s.c.fixed && !s.c.early && !s.c.scored("source_identity") && !s.p.roaming[s.c.Agent] {
				s.p.blameCluster(s.c, "lineage:one_sitting")
				changed = true
			}
		}
	}
	return changed
}

// enrolled makes hostile what was asked for with the sign-ins of a directory's user whom the
// intruder made: nobody else was given that user. The portal's own records follow, see portals.
func (r *run) enrolled(ctx context.Context, signIn *lineage.Node, actor Actor, made *evidence.Event) error {
	for _, edge := range r.g.Out(signIn.ID) {
		n := r.g.Node(edge.Child)
		if n == nil || n.Person == "" || edge.Rule != "identity_center" || edge.Tier < 4 {
			continue
		}
		p, err := r.load(ctx, n.Person)
		if err != nil {
			return err
		}
		p.taint(r, n.ID, made.Time.Add(-slack), actor, "lineage:directory_user")
	}
	return nil
}
