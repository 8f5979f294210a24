package attribution

import (
	"strings"
	"time"
)

// siblingWindow is how far from what the intruder did with one session of a role another
// session of it is held to belong to the same time.
const siblingWindow = 72 * time.Hour

// siblingHeld says whether a workload's session was carried off while another session of the
// same role was in the intruder's hands: it was first at work elsewhere, and this is a place
// of the public internet that is new for the role. Whoever can take one build's keys can
// take the next one's. Of a role that people take nothing is said: a colleague in a new
// place is no thief. Only what an earlier round knew counts.
func (r *run) siblingHeld(p *person, c *Cluster) bool {
	n := r.g.Node(c.Credential)
	if n == nil || !n.Temporary() || n.Workload == "" && subjectOf(n) == "" || !strings.HasPrefix(p.unique, "AROA") {
		return false
	}
	if !c.scored("network_new") && !c.scored("network_new_thin") || !outsideAddress(c.Network) || r.nets.shared(c.Network) || !p.beganElsewhere(c) {
		return false
	}
	known := r.round
	if c.since > 0 {
		known = c.since
	}
	for _, o := range p.clusters {
		if o.Session != c.Session && o.Actor.Hostile() && o.since > 0 && o.since < known && o.byItself() && apart(o, c) <= siblingWindow && p.beganElsewhere(o) {
			return true
		}
	}
	return false
}

// beganElsewhere says whether the cluster's session was first at work on another network.
func (p *person) beganElsewhere(c *Cluster) bool {
	for _, o := range p.clusters { // in order of time
		if o.Session == c.Session {
			return o.Network != c.Network
		}
	}
	return false
}

// apart is the time between two clusters; zero if they overlap.
func apart(a, b *Cluster) time.Duration {
	return max(a.First.Sub(b.Last), b.First.Sub(a.Last), 0)
}

// besideTheirs says whether an open cluster of a role is strange by its place while another
// session of the role was in the intruder's hands: it is shown, and asked about.
func (r *run) besideTheirs(p *person, c *Cluster) bool {
	if !strings.HasPrefix(p.unique, "AROA") || c.Score < r.w.Thresholds.Undetermined {
		return false
	}
	if !c.scored("network_new") && !c.scored("subject_new") && !c.scored("off_host") && !(c.scored("network_new_thin") && c.scored("concurrent_network") && p.beganElsewhere(c)) {
		return false
	}
	for _, o := range p.clusters {
		if o.Session != c.Session && o.Actor.Hostile() && o.byItself() && apart(o, c) <= siblingWindow {
			return true
		}
	}
	return false
}
