package attribution

import (
	"maps"
	"time"
)

// sameRun is how many in a hundred of a cluster's actions must be among those of the other
// runs of its network and tool for it to be one more run of them.
const sameRun = 50

// repeats says whether a cluster is one run of many alike: the same network and tool did
// the same on another day, or before anything was exposed, and nothing in it looks like
// an intruder's. With little history nobody's habits are known, but what repeats itself
// beside something that does not is no likelier the thief's than the owner's.
func (r *run) repeats(p *person, c *Cluster) bool {
	if c.fixed || c.series || c.Rotating || c.scored("recon_opening") || c.scored("denied") || c.scored("known_tool") || c.scored("hostile_network") || c.scored("born_hostile") {
		return false
	}
	did := map[string]bool{}
	for _, o := range p.clusters {
		hostile := o.Actor.Hostile() && o.Why != assumedStolen
		if o == c || o.Network != c.Network || o.Agent != c.Agent || hostile || !otherDay(c, o) && !r.beforeExposure(o) {
			continue
		}
		maps.Copy(did, p.did(o))
	}
	return p.mostly(c, did, sameRun)
}

// otherDay says whether two clusters began on different days, a night apart.
func otherDay(a, b *Cluster) bool {
	return a.First.Sub(b.First).Abs() >= 12*time.Hour && a.First.Format(time.DateOnly) != b.First.Format(time.DateOnly)
}
