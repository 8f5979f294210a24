package attribution

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/lineage"
)

// knownGuest says whether a role's session was opened by the very principal of another account that
// opened the role's sessions on many days before. Whoever robs a supplier may come as that principal
// too, so that it excuses what is only new and clears nothing.
func (r *run) knownGuest(p *person, c *Cluster) bool {
	hand := guestHand(r.g.Node(c.Credential))
	if hand == "" {
		return false
	}
	if p.guestDays == nil {
		p.guestDays = map[string][]string{}
		for _, o := range p.clusters {
			if h := guestHand(r.g.Node(o.Credential)); h != "" {
				p.guestDays[h] = append(p.guestDays[h], o.First.Format(time.DateOnly))
			}
		}
		for h, days := range p.guestDays {
			slices.Sort(days)
			p.guestDays[h] = slices.Compact(days)
		}
	}
	before, _ := slices.BinarySearch(p.guestDays[hand], c.First.Format(time.DateOnly))
	return before >= r.w.Baseline.UsualDays
}

// guestHand is the unique id of the other account's principal that took a role for a session, "" of
// sessions that came about otherwise.
func guestHand(n *lineage.Node) string {
	if n == nil || n.Best() == nil || n.Best().Parent != "" || n.Best().By == "" || strings.Contains(n.Best().By, n.Account) {
		return ""
	}
	return n.Best().By
}

// onlyLooks says whether a cluster does nothing that its principal never did before but to look at
// how things are set up: no change, no reading of what is kept, and no step on to another role.
func (p *person) onlyLooks(c *Cluster) bool {
	return !slices.ContainsFunc(c.events, func(i int) bool {
		e := &p.events[i]
		return !p.baseline.plain[e.Action()] && (!e.ReadOnly || e.Category == "Data" || e.Name == "AssumeRole" || strings.HasPrefix(e.Action(), "secretsmanager:Get"))
	})
}
