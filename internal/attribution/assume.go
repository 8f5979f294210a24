package attribution

import (
	"slices"
	"strings"
)

// assumption is how far it may be assumed that what the case calls stolen is the
// intruder's. What can be shown comes first, or an assumption would stand where a
// chain explains what the case speaks of; a credential that the case names comes
// before all those of a principal.
type assumption int

const (
	assumeNothing assumption = iota
	assumeNamed              // the credentials that the case names
	assumeAll                // and all of the principals that it names
)

// assumedStolen is why what nothing tells to be whose is held to be the intruder's.
const assumedStolen = "assumption:stolen_without_baseline"

// assumeNoOwner applies when a credential is called stolen, its habits are
// unknown, and none of its clusters is recognisable as its owner's or as a
// workload's own: then all of its use since the exposure is likely the
// intruder's, as an assumption. Where the case names a user or role, and a
// credential of theirs is shown to be the intruder's, that is what it speaks of:
// nothing is assumed of the others. Nor is it of what repeats itself beside calls
// that do not.
func (r *run) assumeNoOwner(p *person) {
	if r.assuming == assumeNothing || r.in.Doubted || !r.in.Assume || !p.namedAll && len(p.named) == 0 {
		return
	}
	// A role that the house was seen to make is used by whom it was made for, unless somebody was robbed. So is
	// a user whom one of the house does not know and another made.
	role := len(p.events) > 0 && p.events[0].Identity.IssuerARN != ""
	if !r.in.Robbed && (role || slices.Contains(r.in.Strangers, p.unique)) && r.welcome(p) {
		return
	}
	shown := slices.ContainsFunc(p.clusters, func(c *Cluster) bool { return c.fixed && c.Actor.Hostile() })
	var open []*Cluster
	for _, c := range p.clusters {
		if !p.namedStolen(c) || !r.in.Exposed.IsZero() && c.Last.Before(r.in.Exposed) {
			continue
		}
		if itself := p.named[c.Credential] || p.named[c.Session]; !itself && (shown || r.assuming < assumeAll) {
			continue
		}
		if c.own || c.known || c.kin {
			return
		}
		// What the organisation's own network shows may be anybody's in it; nothing is assumed of that.
		// But where nobody of theirs is said to have worked as root, it is none of theirs, wherever it sat.
		if c.Actor != Owner && !c.ours && (!r.nets.house(c.Network) || r.in.Denied && p.root()) {
			open = append(open, c)
		}
	}
	again := func(c *Cluster) bool { return r.repeats(p, c) }
	if slices.ContainsFunc(open, func(c *Cluster) bool { return !again(c) }) {
		open = slices.DeleteFunc(open, again)
	}
	theirs := p.shownAt()
	open = slices.DeleteFunc(open, func(c *Cluster) bool { return len(theirs) > 0 && !theirs[c.Network] && c.onlyPlace() })
	for _, c := range open {
		if !c.fixed && !c.Actor.Hostile() {
			c.Actor, c.Why = LikelyIntruder, assumedStolen
		}
		if c.Why == assumedStolen {
			r.noOwner[c.Credential] = true
		}
	}
}

// shownAt are the networks where a cluster of the principal is hostile by its own acts, or a session that it obtained did a
// grave one: the theft that the case tells of is seen there, and what shows nothing elsewhere need be none of it.
func (p *person) shownAt() map[string]bool {
	out := map[string]bool{}
	for _, c := range p.clusters {
		if c.Actor.Hostile() && strings.HasPrefix(c.Why, "score:") || c.scored("session_grave") {
			out[c.Network] = true
		}
	}
	return out
}

// onlyPlace says whether no more than place and hour, and that the case suspects the credential, speak against a cluster.
func (c *Cluster) onlyPlace() bool {
	return c.onlyAgainst("network_new", "network_new_thin", "odd_hour", "named_stolen", "concurrent_network")
}
