package attribution

import (
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// handKey passes on an access key that a hostile call made for a user. Where the user had been at work
// before, a key that goes on with that work, from where and with what it was always done, is in its owner's
// hands, whoever made it: keys are made to be rotated, and whoever makes one knows it as well, but did not use
// it there. Those clusters are left to be judged by their own points; all else done with the key is the
// intruder's.
func (r *run) handKey(p *person, n *lineage.Node, edge lineage.Edge, made *evidence.Event, actor Actor, because string) {
	from := made.Time.Add(-slack)
	keep := map[int]bool{}
	for i, c := range p.clusters {
		if c.Credential == n.ID && !c.Actor.Hostile() && r.ownersHands(p, c, edge, made) {
			keep[i] = true
		}
	}
	if len(keep) == 0 {
		p.taint(r, n.ID, from, actor, because)
		return
	}
	p.given[n.ID] = true
	p.taintBut(r, n.ID, from, keep, actor, because)
}

// ownersHands says whether a cluster carries on, with a key that was made for its user, the user's own work
// of before: a network and a tool that went together on enough days, mostly the same calls, from where
// neither the maker sat nor, unless everybody does, the intruder was with anybody else's credentials.
func (r *run) ownersHands(p *person, c *Cluster, edge lineage.Edge, made *evidence.Event) bool {
	if c.Network == "" || c.Network == edge.Network || c.Rotating {
		return false
	}
	if !r.nets.shared(c.Network) {
		for other := range r.hostileNets[c.Network] {
			if other != p.unique {
				return false
			}
		}
	}
	days, did := map[string]bool{}, map[string]bool{}
	for _, o := range p.clusters {
		if o.Network != c.Network || o.Agent != c.Agent || o.Actor.Hostile() || o.early || o.series {
			continue
		}
		for _, i := range o.events {
			if e := &p.events[i]; e.Time.Before(made.Time) {
				days[e.Time.Format(time.DateOnly)] = true
				did[e.Action()] = true
			}
		}
	}
	return len(days) >= r.w.Baseline.UsualDays && p.mostly(c, did, 70)
}
