package attribution

import (
	"slices"
	"sync"

	"github.com/trailhound/trailhound/internal/evidence"
)

// judge decides every cluster that lineage or a statement has not fixed, and
// writes the verdicts of its events. Hostile stays hostile: what one round
// found, the next only adds to.
func (r *run) judge() {
	r.round++
	for _, u := range r.inTurn() {
		p := r.people[u]
		r.judgePerson(p)
		r.assumeNoOwner(p)
		r.unowned(p)
		for _, c := range p.clusters {
			for _, i := range c.events {
				p.set(i, c.Actor, c.Why, c.fixed)
			}
			if c.Actor.Hostile() {
				if c.since == 0 {
					c.since = r.round
				}
				r.noteNetwork(c, p.unique)
				if r.firstHostile.IsZero() || c.First.Before(r.firstHostile) {
					r.firstHostile = c.First
				}
			}
		}
		r.lastDays(p)
		r.emptiedBuilds(p)
		r.serviceEvents(p)
	}
}

// judgeCluster decides one cluster that lineage has not fixed, in the order of what is sure:
// a statement that fits every call; the owner's own sitting; the points, bent by what they
// cannot know (a rehearsal, a series of grave acts, a bystander, an act long before the
// exposure); the end of an employment; what the case itself points at. Hostile stays
// hostile from one round to the next, or the rounds need not end.
func (r *run) judgeCluster(p *person, c *Cluster) {
	if c.fixed {
		return
	}
	if k := r.in.stated(p, c); k != nil && !r.onlyPlaceFits(p, c, k) && !r.onlyToolFits(p, c, k) {
		c.fixed, c.own, c.Actor, c.Why = !k.toolOnly(), true, k.Actor, "statement:"+k.Why
		c.vouched, c.tested = k.Actor == Owner, k.Test
		return
	}
	if r.passedOn(c) {
		c.own, c.Actor, c.Why = true, Owner, "lineage:owner"
		return
	}
	was, why := c.Actor, c.Why
	r.score(p, c)
	c.Why = c.because()
	switch t := r.w.Thresholds; {
	case c.Score >= t.Intruder:
		c.Actor = Intruder
	case c.Score >= t.Likely:
		c.Actor = LikelyIntruder
	case c.Score >= t.Undetermined, !c.known && !c.own && !(c.kin && c.kinTool):
		c.Actor = Undetermined // no habits known: nothing shows that it was the owner either
	default:
		c.Actor, c.own = Owner, true
	}
	if c.Actor == Undetermined && !c.series && r.rehearsed(p, c) {
		c.Actor, c.own, c.Why = Owner, true, "habit:rehearsed|"+c.Why
	}
	if c.series && c.Actor == Owner {
		c.Actor, c.own, c.Why = Undetermined, false, "series|"+c.Why
	}
	if c.Actor.Hostile() && r.sameParty(p, c) {
		c.Actor, c.Why = Undetermined, "same_party|"+c.Why
	}
	if p.bystander && c.Actor == LikelyIntruder && !c.series && !c.scored("hostile_network") && !r.onNamed(p, c) {
		c.Actor, c.Why = Undetermined, "bystander|"+c.Why
	}
	if c.early = r.longBefore(p, c); c.early {
		c.Actor, c.Why = Undetermined, "early|"+c.Why
	}
	if r.judgeLeaver(p, c) {
		return
	}
	if seeded := r.namedHere(p, c); seeded != "" && !c.own && !c.Actor.Hostile() {
		c.Actor, c.Why = LikelyIntruder, seeded
	}
	if c.maker && c.Actor == Owner {
		c.Actor, c.own, c.Why = Undetermined, false, "lineage:reverse:made_at_once|"+c.Why
	}
	if was.Hostile() && !c.Actor.Hostile() {
		c.Actor, c.Why = was, why
	}
}

// onNamed says whether a cluster came from where the case says.
func (r *run) onNamed(p *person, c *Cluster) bool {
	return slices.ContainsFunc(c.events, func(i int) bool { return within(&p.events[i], r.in.IPs) })
}

// earlyDays is how long before the stated exposure a principal must have come from
// a network for what it did there to be told apart from the exposure: people state
// the day on which they noticed, and that is often days after it began.
const earlyDays = 14

// longBefore says whether a cluster that is hostile by its own acts belongs to
// something that began so long before the stated exposure that it need not be the
// same actor's. The intruder's own network joins them: then it began earlier than
// anybody knew.
func (r *run) longBefore(p *person, c *Cluster) bool {
	t := r.in.Exposed
	if !c.Actor.Hostile() || t.IsZero() || !c.Last.Before(t) || len(r.hostileNets[c.Network]) > 0 {
		return false
	}
	return slices.ContainsFunc(p.clusters, func(o *Cluster) bool {
		same := o.Network == c.Network
		if c.foreign { // the network is every customer's of the build service; who it is, is told by the subject
			same = o.foreign && tokenOf(r.g.Node(o.Credential)) == tokenOf(r.g.Node(c.Credential))
		}
		return same && o.First.Before(t.AddDate(0, 0, -earlyDays))
	})
}

// passedOn says whether the owner obtained the cluster's session itself and
// used it where it had asked for it: same network, same tool.
func (r *run) passedOn(c *Cluster) bool {
	n := r.g.Node(c.Credential)
	if n == nil || !n.Temporary() || n.Best() == nil || c.Actor.Hostile() {
		return false
	}
	e := n.Best()
	if e.Tier < 4 || e.Held() || e.Network != c.Network || e.Agent != c.Agent {
		return false
	}
	at, ok := r.byEvent[e.Event]
	return ok && at.p.verdicts[at.i].actor == Owner
}

// namedHere says why the case itself points at the cluster: an address or an
// event that it names, or a change in a region where nobody is said to work. A shared address names nobody, and to name the address
// that a principal always had says nothing against it. Nor does naming a new one
// where the case only asks, or where nothing came from it but the principal's
// usual work: that is the alarm's word alone, and stays open. A program that did
// the same at the same hour of an earlier day is at its job, seldom as that may be.
func (r *run) namedHere(p *person, c *Cluster) string {
	ran := sync.OnceValue(func() bool { return p.ranBefore(c) })
	for _, i := range c.events {
		e := &p.events[i]
		if slices.Contains(r.in.Events, e.ID) && !ran() {
			return "case:event"
		}
		if slices.Contains(r.in.Told, e.ID) && !ran() && p.baseline.networks[c.Network] == 0 && !r.nets.corporate(c.Network) && !r.nets.shared(c.Network) {
			return "case:effect"
		}
		if len(r.in.IPs) > 0 && !r.welcome(p) && !r.in.Doubted && !r.in.Away && !c.excused() && (!c.ours || r.in.Denied) && within(e, r.in.IPs) && !r.nets.shared(c.Network) && !p.home(c.Network, r.w.Baseline.UsualDays) && !r.settledThere(p, c) {
			return "case:ip"
		}
		if slices.Contains(r.in.Regions, e.Region) && !e.ReadOnly && e.Outcome() == evidence.Success && !c.excused() {
			return "case:region"
		}
	}
	return ""
}

// settledDays is how long before what a case is about a principal must have worked from an
// address for the case's naming it to say nothing against the principal.
const settledDays = 7

// settledThere says whether the principal worked from the cluster's network long before what
// the case is about, or before the cluster where no time is told: unblamed, and without the
// place having been new to it. A case that names an address speaks of its own time; who always
// came from there works like that. Where somebody denies the act, nothing is taken for granted.
func (r *run) settledThere(p *person, c *Cluster) bool {
	at := r.in.Exposed
	if at.IsZero() {
		at = c.First
	}
	at = at.AddDate(0, 0, -settledDays)
	return !r.in.Denied && slices.ContainsFunc(p.clusters, func(o *Cluster) bool {
		return o.Network == c.Network && o.First.Before(at) && !o.Actor.Hostile() && o.Actor != "" && !o.early && !o.scored("network_new") && !o.scored("network_new_thin")
	})
}

// set writes the verdict of a call, unless lineage or a statement has decided it.
func (p *person) set(i int, a Actor, because string, fixed bool) {
	v := &p.verdicts[i]
	if v.fixed || a == "" {
		return
	}
	v.actor, v.because, v.fixed = a, because, fixed
}

// noteNetwork keeps that the intruder used the cluster's network with credentials of
// the person, in which round that was found, and since when they did.
func (r *run) noteNetwork(c *Cluster, person string) {
	network := c.Network
	if network == "" || !evidence.IsAddress(trimPrefix(network)) && !isEndpoint(network) {
		return
	}
	if r.hostileNets[network] == nil {
		r.hostileNets[network] = map[string]int{}
	}
	if r.hostileNets[network][person] == 0 {
		r.hostileNets[network][person] = r.round
	}
	if k := [2]string{network, person}; r.hostileSince[k].IsZero() || c.First.Before(r.hostileSince[k]) {
		r.hostileSince[k] = c.First
	}
}
