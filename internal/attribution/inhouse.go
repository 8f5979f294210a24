package attribution

import (
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// inHouse says whether a cluster looks like somebody who sits on a machine of the
// organisation's own: with a tool that the principal never used, at a time of day at
// which it never works, it asks who it is, lists what there is, and then does what is
// no errand of anybody's who has to ask first. The organisation's network is no alibi
// then: the machine stands in it, whoever holds it. Any of these alone is a new
// script, a night on call, or a change.
func (r *run) inHouse(p *person, c *Cluster) bool {
	if !c.scored("agent_new") || !c.scored("recon_opening") || slices.ContainsFunc(c.events, func(i int) bool { return p.baseline.worksAt(p.events[i].Time.Hour()) }) {
		return false
	}
	return slices.ContainsFunc(c.events, func(i int) bool {
		e := &p.events[i]
		return e.Outcome() == evidence.Success && r.w.grave(e)
	})
}

// secondDevice says whether a cluster is a console session of somebody who is stated to be robbed, begun
// since then with a browser that they never used, while their own was at work in another session: one of
// the two is not theirs. To have come through the house's VPN, and with the code that they were asked
// for, clears it of nothing then.
func (r *run) secondDevice(p *person, c *Cluster) bool {
	if !r.in.Stated || r.in.Doubted || !p.namedStolen(c) || !p.baseline.Known || !c.scored("agent_new") || r.beforeExposure(c) ||
		!slices.ContainsFunc(c.events, func(i int) bool { return p.events[i].Identity.FromConsole || p.events[i].Name == "ConsoleLogin" }) {
		return false
	}
	before, after := map[string]bool{}, map[string]bool{} // sessions of their own, by whether they were used before and after it began
	for _, o := range p.clusters {
		if o.Session != c.Session && !o.Actor.Hostile() && p.baseline.usual(o.Network, o.Agent, r.w) {
			before[o.Session] = before[o.Session] || o.First.Before(c.First)
			after[o.Session] = after[o.Session] || o.Last.After(c.First)
		}
	}
	for session := range before {
		if before[session] && after[session] {
			return true
		}
	}
	return false
}

// worksAt says whether the principal was ever seen at that hour of any day, or in
// the hour before or after it.
func (b *Baseline) worksAt(hour int) bool {
	for h, n := range b.hours {
		if off := (h%24 - hour + 24) % 24; n > 0 && (off <= 1 || off == 23) {
			return true
		}
	}
	return false
}
