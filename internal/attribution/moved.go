package attribution

import (
	"slices"
	"strings"
)

// moved leaves open what is likely an intruder's by place, hour and tool alone, of somebody
// whom the case does not name and who only stood out in a sweep: of all people of an account
// one has always moved, or has a new device. Of whom nothing in the case leads to, a service or a region that
// they took up there makes no intruder either. Where any of their calls departs in more, or
// lineage or the case itself leads to one, all of it stays.
func (r *run) moved(p *person) {
	// That it is not where they are said to work is of place alone as well.
	departs := func(c *Cluster) bool {
		return !c.onlyAgainst("network_new", "network_new_thin", "agent_new", "odd_hour", "concurrent_network", "outside_statement")
	}
	switch {
	case slices.Contains(r.in.Noticed, p.unique):
		departs = func(c *Cluster) bool { return !c.tookUp() }
	case !slices.Contains(r.in.Swept, p.unique):
		return
	}
	if slices.ContainsFunc(p.clusters, func(c *Cluster) bool {
		return c.Actor.Hostile() && (c.fixed || c.Actor == Intruder || departs(c) || !strings.HasPrefix(c.Why, "score:"))
	}) {
		return
	}
	for _, c := range p.clusters {
		if c.Actor == LikelyIntruder {
			c.Actor, c.Why = Undetermined, "moved|"+c.Why
		}
	}
}
