package attribution

import (
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// partyWindow is how long before and after a sitting the same party must be seen where it is vouched for.
const partyWindow = 7 * 24 * time.Hour

// sameParty says whether a cluster looks like a sitting of somebody who is vouched for, away from where they are
// vouched for: opened by the very same caller under the same session name, with the same tool, within days of
// a sitting that fits what was said of their place, and without anything that is no errand of a guest's. Auditors sit
// in hotels; whoever stole what they came in with may know all that too, so that it clears nothing and is asked about.
func (r *run) sameParty(p *person, c *Cluster) bool {
	if r.in.Stated || c.series || !c.scored("outside_statement") || c.scored("hostile_network") || c.scored("opens_to_intruder") || c.scored("grave_series") ||
		slices.ContainsFunc(c.events, func(i int) bool { return r.noErrand(&p.events[i]) }) {
		return false
	}
	caller, _ := r.opener(r.g.Node(c.Credential))
	name := p.sessionName(c)
	return caller != "" && name != "" && slices.ContainsFunc(p.clusters, func(o *Cluster) bool {
		if o == c || o.Agent != c.Agent || p.sessionName(o) != name || apart(o, c) > partyWindow || o.Network == c.Network {
			return false
		}
		if by, _ := r.opener(r.g.Node(o.Credential)); by != caller {
			return false
		}
		k := r.in.stated(p, o)
		return k != nil && k.Actor == Service && len(k.Networks) > 0 && len(k.Principals)+len(k.Guests) > 0
	})
}

// noErrand says whether a call did what nobody is let in for: changed rights or what watches, read secrets or data.
func (r *run) noErrand(e *evidence.Event) bool {
	return e.Outcome() == evidence.Success && (r.w.grave(e) || slices.Contains(r.w.SecretReads, e.Action()) || slices.Contains(r.w.DataReads, e.Action()))
}

// sessionName is under which name the cluster's session was opened, with the role; "" where it is none of a role.
func (p *person) sessionName(c *Cluster) string {
	if len(c.events) == 0 {
		return ""
	}
	id := p.events[c.events[0]].Identity
	if id.Type != "AssumedRole" {
		return ""
	}
	return id.PrincipalID
}
