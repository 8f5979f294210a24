package attribution

import "time"

// reopen leaves open what passed for the owner's on a network that the intruder
// used at another time, with this principal's credentials or somebody else's: an
// intruder has quiet days too, and those teach habits. Not where unrelated people
// come from the network, nor where the principal was at home before.
func (r *run) reopen(p *person) {
	for _, c := range p.clusters {
		if !c.fixed && c.Actor == Owner && r.intruders(p, c.Network) {
			c.Actor, c.own, c.doubted, c.Why = Undetermined, false, true, "hostile_network|"+c.Why
		}
	}
}

// intruders says whether the intruder used an unshared network on which the
// principal was not at home before: two days are enough where only others'
// credentials were used from it, since those say nothing of this principal; where its
// own were, as many as make a habit.
func (r *run) intruders(p *person, network string) bool {
	if len(r.hostileNets[network]) == 0 || r.nets.shared(network) {
		return false
	}
	var since time.Time
	enough := 2
	for other := range r.hostileNets[network] {
		if other == p.unique {
			enough = r.w.Baseline.UsualDays
		}
		if at := r.hostileSince[[2]string{network, other}]; since.IsZero() || at.Before(since) {
			since = at
		}
	}
	return p.daysBefore(network, since) < enough
}
