package attribution

import (
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// hostSitting is how soon after somebody entered a host what is new on it is held to be theirs, and
// how long before it anybody else's entry leaves open whose it is.
const hostSitting = 4 * time.Hour

// onHost gives the intruder who entered a host what a tool did there right after that the workload never ran,
// if it was of kinds that it never made and no errand of a workload's: secrets read, rights or ways in changed, data
// taken, or the intruder's own network let in. What the workload does anyway, with its own tool, stays its own, and
// all else stays open: the host's owner may log in as well.
func (r *run) onHost(p *person, c *Cluster) {
	if !c.entered || c.Actor != Undetermined || c.enteredAt.IsZero() {
		return
	}
	switch {
	case r.opensTo(p, c, c.enteredAt) != "":
		c.Actor, c.Why = LikelyIntruder, "lineage:host_entry:opens"
	case r.strangeOnHost(p, c):
		c.Actor, c.Why = LikelyIntruder, "lineage:host_entry:new_tool"
	}
}

// strangeOnHost says whether a cluster is the first that a tool was seen of on the workload's role, begun soon after
// the entry, and does what the role never did.
func (r *run) strangeOnHost(p *person, c *Cluster) bool {
	if c.First.Before(c.enteredAt) || c.First.Sub(c.enteredAt) > hostSitting || r.enteredByOthers(c) {
		return false
	}
	did, days := map[string]bool{}, map[string]bool{}
	for _, o := range p.clusters {
		for _, i := range o.events {
			e := &p.events[i]
			if !e.Time.Before(c.enteredAt) || p.verdicts[i].actor.Hostile() {
				continue
			}
			if o.Agent == c.Agent {
				return false
			}
			did[e.Action()] = true
			days[e.Time.Format(time.DateOnly)] = true
		}
	}
	return len(days) >= r.w.Baseline.MinDays && !p.mostly(c, did, 50) && slices.ContainsFunc(c.events, func(i int) bool {
		e := &p.events[i]
		return e.Outcome() == evidence.Success && !did[e.Action()] &&
			(slices.Contains(r.w.SecretReads, e.Action()) || slices.Contains(r.w.DataReads, e.Action()) || r.w.grave(e))
	})
}

// enteredByOthers says whether anybody but the intruder entered the cluster's host in the hours before it, or while it ran.
func (r *run) enteredByOthers(c *Cluster) bool {
	n := r.g.Node(c.Credential)
	if n == nil {
		return true
	}
	for _, e := range n.In {
		if e.Rule != "host_entry" || e.At.Before(c.First.Add(-hostSitting)) || e.At.After(c.Last) {
			continue
		}
		if at, ok := r.find(e.Event); !ok || !at.p.verdicts[at.i].actor.Hostile() {
			return true
		}
	}
	return false
}

// wont is what a workload's role did with one tool from one network before somebody entered its host: on how
// many days, and which calls on which things.
type wont struct {
	days int
	did  map[[2]string]bool
}

// wonts are those in front of one entry. Everything that the role ever did is read for each, and the entry is asked
// about of all sessions after it: so they are remembered until the next entry, and the next round.
type wonts struct {
	entry string // the event
	round int
	of    map[[2]string]wont
}

// wontOf reads what was done before an entry with a tool from a network, less what is hostile.
func (p *person) wontOf(agent, network string, entry *evidence.Event, round int) wont {
	if p.wonts.entry != entry.ID || p.wonts.round != round {
		p.wonts = wonts{entry.ID, round, map[[2]string]wont{}}
	}
	k := [2]string{agent, network}
	if w, ok := p.wonts.of[k]; ok {
		return w
	}
	w, days := wont{did: map[[2]string]bool{}}, map[int64]bool{}
	for _, o := range p.clusters {
		if o.Agent != agent || o.Network != network || o.Actor.Hostile() {
			continue
		}
		for _, i := range o.events {
			e := &p.events[i]
			if !e.Time.Before(entry.Time) {
				continue
			}
			days[dayOf(e.Time)] = true
			w.did[[2]string{e.Action(), ""}] = true
			for _, res := range e.Resources {
				w.did[[2]string{e.Action(), res}] = true
			}
		}
	}
	w.days = len(days)
	p.wonts.of[k] = w
	return w
}

// asEver says whether a cluster is what the workload's role did before somebody entered its host: with a tool that
// it ran on enough days, the same calls on the same things, none refused.
func (p *person) asEver(r *run, c *Cluster, entry *evidence.Event) bool {
	w := p.wontOf(c.Agent, c.Network, entry, r.round)
	return w.days >= r.w.Baseline.MinDays && !slices.ContainsFunc(c.events, func(i int) bool {
		e := &p.events[i]
		same := w.did[[2]string{e.Action(), ""}] && (len(e.Resources) == 0 || slices.ContainsFunc(e.Resources, func(res string) bool { return w.did[[2]string{e.Action(), res}] }))
		return !same || e.Outcome() == evidence.Failure
	})
}
