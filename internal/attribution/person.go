package attribution

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// person is one principal under examination, with all its calls.
type person struct {
	unique     string
	events     []evidence.Event
	clusters   []*Cluster
	baseline   *Baseline                 // the habits before the cluster being judged
	owner      []int                     // cluster of each event, -1 for calls without an address of their own
	named      map[string]bool           // credentials the case calls stolen
	given      map[string]bool           // credentials that a hostile call made for it: told of, whoever works with them
	mentioned  map[string]bool           // credentials the case names and suspects nothing of
	directory  []string                  // see directoryIDs; nil until asked
	kin        []string                  // the same person of a directory, in other roles
	bystander  bool                      // met only on a shared network that the case names: no suspect for what it likely did elsewhere
	tested     bool                      // the word for a security test names the principal
	namedAll   bool                      // the case names the principal itself
	ownNets    map[string]bool           // where its workload's own agent calls from
	hostKnown  map[*Cluster]bool         // clusters away from the known home of their workload
	verdicts   []verdict                 // one per event
	roaming    map[string]bool           // families of tool that never come from the same place twice
	guesses    []string                  // sign-ins with a password that was guessed
	recovered  map[string]time.Time      // of root: networks where its password was recovered and used, since when
	graveAlone bool                      // one kind of grave act tells something as well; see openedBy
	grave      []graveHit                // grave acts, by time
	openings   []opening                 // calls that let addresses in, by time
	unused     map[[2]string]bool        // account, region: whether nobody made anything there before; as far as asked
	sittings   map[*Cluster]string       // what was changed in the sitting of each, "" where that tells nothing; see rehearsed
	drills     map[string][]*Cluster     // by that, in order
	guestDays  map[string][]string       // by principal of another account: the days on which it opened sessions of the role, in order; see knownGuest
	bulky      map[string]map[int64]bool // by action: the days on which it read more by far than on others; see bulkDays
	wonts      wonts                     // of a workload; see asEver
	presigned  map[string]bool           // events made with presigned URLs: their address is not the key holder's
}

// verdict is the attribution of one event so far.
type verdict struct {
	actor   Actor
	because string
	fixed   bool // lineage or statement: scores no longer move it
}

// load reads every call of a principal once.
func (r *run) load(ctx context.Context, unique string) (*person, error) {
	if p := r.people[unique]; p != nil {
		return p, nil
	}
	p := &person{unique: unique, named: map[string]bool{}, mentioned: map[string]bool{}, given: map[string]bool{}, ownNets: map[string]bool{}}
	for e, err := range r.q.Events(ctx, evidence.Query{Principals: []string{unique}}) {
		if err != nil {
			return nil, fmt.Errorf("read the calls of %s: %w", unique, err)
		}
		if e.Identity.Type == "FederatedUser" && e.Identity.Person() != unique {
			continue // asked for root, whose unique id its federated users share
		}
		p.events = append(p.events, e)
	}
	r.g.ReadFrom(unique, p.events)
	if slices.ContainsFunc(p.events, func(e evidence.Event) bool { return lineage.MayBePresigned(&e) }) {
		var err error
		if p.presigned, err = lineage.Presigned(ctx, r.q, unique); err != nil {
			return nil, err
		}
	}
	if err := r.recoveries(ctx, p); err != nil {
		return nil, err
	}
	if err := r.guesses(ctx, p); err != nil {
		return nil, err
	}
	p.verdicts = make([]verdict, len(p.events))
	r.people[unique] = p
	r.order = append(r.order, unique)
	slices.Sort(r.order)
	r.divide(p)
	if err := r.findGrave(ctx, p); err != nil {
		return nil, err
	}
	if err := r.letIns(ctx, p); err != nil {
		return nil, err
	}
	if err := r.starters(ctx, p); err != nil {
		return nil, err
	}
	return p, r.loadKin(ctx, p)
}

// divide cuts a principal's calls into clusters. A moment that changes what a
// call means, the exposure or the end of an employment, ends a cluster.
func (r *run) divide(p *person) {
	p.clusters = clusters(r.g, p.events, p.presigned, r.w, r.in.Exposed, r.in.Terminated, r.in.TerminatedBy)
	p.guestDays = nil
	p.owner, p.sittings = make([]int, len(p.events)), nil
	for i := range p.owner {
		p.owner[i] = -1
	}
	slices.SortStableFunc(p.clusters, func(a, b *Cluster) int { return a.First.Compare(b.First) })
	for n, c := range p.clusters {
		for _, i := range c.events {
			p.owner[i] = n
		}
	}
	p.findHost(r)
	p.findRoaming(r.w.Baseline.RoamingDays)
}

// findRoaming learns with which tools the principal comes from a new place on
// nearly every day, as a pipeline on hired runners does: there a new network is
// the habit, and says nothing. A thief with the owner's tool, who moves about for
// a few days, does not outweigh the days of an owner who stays.
func (p *person) findRoaming(enough int) {
	type seen struct{ days, moved int }
	tools, met := map[string]*seen{}, map[[2]string]bool{}
	last := map[string]string{} // tool → day
	moved := map[string]string{}
	for i := range p.events {
		e := &p.events[i]
		if p.owner[i] < 0 {
			continue
		}
		tool, day := evidence.AgentFamily(e.UserAgent), e.Time.Format("2006-01-02")
		t := tools[tool]
		if t == nil {
			t = &seen{}
			tools[tool] = t
		}
		if last[tool] != day {
			last[tool] = day
			t.days++
		}
		if at := [2]string{tool, e.Network()}; !met[at] {
			met[at] = true
			if t.days > 1 && moved[tool] != day {
				moved[tool] = day
				t.moved++
			}
		}
	}
	p.roaming = map[string]bool{}
	for tool, t := range tools {
		p.roaming[tool] = t.moved >= enough && t.moved*10 >= (t.days-1)*7
	}
}

// judgePerson judges the clusters of p in the order of time, each against the
// habits before it. Nothing the intruder did is ever learnt as habit, nor is
// anything after a stated exposure that no statement vouches for; what is undetermined becomes habit once it
// was seen on enough days, or at once where it lies before that exposure.
func (r *run) judgePerson(p *person) {
	b := newBaseline(r.w)
	p.baseline = b
	next, pending := 0, map[[2]string]map[string]bool{}
	theirs := map[string]bool{} // shared ids of what the intruder did: the other account's view teaches no habit either
	learn := func(until time.Time) {
		for ; next < len(p.events) && p.events[next].Time.Before(until); next++ {
			e := &p.events[next]
			n := p.owner[next]
			if p.presigned[e.ID] || n < 0 && theirs[e.SharedID] {
				continue
			}
			if t0 := r.in.Exposed; !t0.IsZero() && !e.Time.Before(t0) && (n < 0 || !p.clusters[n].vouched) {
				continue
			}
			if n >= 0 {
				c := p.clusters[n]
				if c.Actor.Hostile() || c.early {
					continue
				}
				if c.Actor == Undetermined && c.known && (!r.beforeExposure(c) || c.foreign) {
					k := [2]string{c.Network, c.Agent}
					if c.foreign { // who comes from everybody's networks is told by the subject alone
						k[0] = subjectOf(r.g.Node(c.Credential))
					}
					if pending[k] == nil {
						pending[k] = map[string]bool{}
					}
					pending[k][e.Time.Format("2006-01-02")] = true
					if len(pending[k]) < r.w.Baseline.UsualDays {
						continue
					}
				}
			}
			b.add(e)
			b.meet(r.g.Node(r.g.CredentialOf(e)))
		}
	}
	for _, c := range p.clusters {
		learn(c.First)
		c.known, c.history = b.Known, b.Some
		r.judgeCluster(p, c)
		r.onHost(p, c)
		c.habitual = b.Known && p.onlyHabits(c)
		for _, i := range c.events {
			if id := p.events[i].SharedID; id != "" && c.Actor.Hostile() {
				theirs[id] = true
			}
		}
	}
	r.settleEarly(p)
	r.moved(p)
	r.sameHand(p)
	r.sameSubject(p)
	r.samePlace(p)
	r.sameSurely(p)
	r.provenElsewhere(p)
	r.reopen(p)
	p.strangeTools(r)
}

// beforeExposure says whether a cluster ended before the exposure that somebody
// stated: what is open in it is the owner's, and so are its habits.
func (r *run) beforeExposure(c *Cluster) bool {
	return !r.in.Exposed.IsZero() && c.Last.Before(r.in.Exposed)
}

// hardSign says whether a cluster shows what no date that somebody remembers can
// explain away: a machine's session at work in two places, one of them rare for
// it, or away from its machine; a tool of intruders. People carry a session from
// one network to another.
func (p *person) hardSign(r *run, c *Cluster) bool {
	n := r.g.Node(c.Credential)
	return slices.ContainsFunc(c.Lines, func(l Line) bool {
		switch l.Signal {
		case "concurrent_network":
			rare := func(network string) bool { return p.baseline.networks[network] < r.w.Baseline.MinDays }
			return n != nil && n.Temporary() && (n.Workload != "" || subjectOf(n) != "") && (rare(c.Network) || rare(l.Detail))
		case "off_host", "known_tool":
			return true
		}
		return false
	})
}

// settleEarly decides the clusters from before there was history to judge by,
// once there is: a network that the principal kept coming back to was its own.
// Before a stated exposure, everything was.
func (r *run) settleEarly(p *person) {
	days := map[string]map[string]bool{}
	for _, c := range p.clusters {
		if days[c.Network] == nil {
			days[c.Network] = map[string]bool{}
		}
		for _, i := range c.events { // what never rests is one cluster
			days[c.Network][p.events[i].Time.Format("2006-01-02")] = true
		}
	}
	for _, c := range p.clusters {
		if c.fixed || c.Actor != Undetermined {
			continue
		}
		switch {
		case c.early, c.series, c.foreign && r.theirSubject(p, c):
		case r.beforeExposure(c) && !p.hardSign(r, c):
			c.Actor, c.Why = Owner, "before_exposure|"+c.Why
		case !c.known && p.baseline.Known && len(days[c.Network]) >= r.w.Baseline.MinDays:
			c.Actor, c.Why = Owner, "habit|"+c.Why
		case !c.known && p.baseline.Known && p.atHome(r, c) && p.roaming[c.Agent]:
			c.Actor, c.Why = Owner, "habit:roaming|"+c.Why
		}
	}
}

// findHost learns where a workload lives from the calls that only its own
// management agent makes. Its clusters there are the workload's own; what the
// host's owner and an intruder on the host do there cannot be told apart.
func (p *person) findHost(r *run) {
	for _, c := range p.clusters {
		n := r.g.Node(c.Credential)
		if n == nil || n.Workload == "" {
			continue
		}
		if p.managed(r, c) {
			p.ownNets[n.Workload+"\x00"+c.Network] = true
			p.ownNets[n.Workload] = true
		}
	}
	for _, c := range p.clusters {
		n := r.g.Node(c.Credential)
		if n != nil && n.Workload != "" && p.ownNets[n.Workload+"\x00"+c.Network] && !c.fixed {
			c.fixed, c.own, c.Actor, c.Why = true, true, Service, "workload:"+n.Workload
		}
	}
	p.hostKnown = map[*Cluster]bool{}
	for _, c := range p.clusters {
		if n := r.g.Node(c.Credential); n != nil && n.Workload != "" && p.ownNets[n.Workload] && !p.ownNets[n.Workload+"\x00"+c.Network] {
			p.hostKnown[c] = true
		}
	}
}

// strangeTools opens what a host did with a tool never seen on it, around the
// time at which its credentials were used elsewhere by somebody else: commands
// that an intruder runs on the host carry the host's own address. Nobody can tell
// them from its owner's, so that they stay open and are not filed as the host's.
func (p *person) strangeTools(r *run) {
	for _, away := range p.clusters {
		n := r.g.Node(away.Credential)
		if !p.hostKnown[away] || !away.Actor.Hostile() || n == nil {
			continue
		}
		from, to := away.First.Add(-strangeToolWindow), away.Last.Add(strangeToolWindow)
		usual := map[string]bool{}
		for _, c := range p.clusters {
			if o := r.g.Node(c.Credential); o != nil && o.Workload == n.Workload && c.First.Before(from) && !p.hostKnown[c] {
				usual[c.Agent] = true
			}
		}
		for _, c := range p.clusters {
			o := r.g.Node(c.Credential)
			if o == nil || o.Workload != n.Workload || c.Actor != Service || len(usual) == 0 || usual[c.Agent] || c.First.Before(from) || c.First.After(to) || p.managed(r, c) {
				continue
			}
			c.openOnHost("lineage:off_host:on_host")
			for _, i := range c.events {
				p.verdicts[i] = verdict{}
			}
		}
	}
}

// openOnHost leaves open whose the calls of a host's cluster are: its own, or of an intruder who is on it.
func (c *Cluster) openOnHost(why string) {
	c.fixed, c.own, c.entered, c.Actor, c.Why = true, false, true, Undetermined, why
}

// strangeToolWindow is how long before and after the use of a host's credentials elsewhere a tool that is new on the
// host is held to have to do with it.
const strangeToolWindow = 24 * time.Hour

// ranBefore says whether the principal did just what the cluster does on an
// earlier day: with the same tool, at the same hour, every sort of call in it, and
// no less than half as many. Once a month is too seldom for a habit; but who comes
// to steal or destroy has no reason to keep the hours of a job.
func (p *person) ranBefore(c *Cluster) bool {
	now := p.did(c)
	return slices.ContainsFunc(p.clusters, func(o *Cluster) bool {
		apart := c.First.Sub(o.First)
		off := apart % (24 * time.Hour)
		if o.Actor.Hostile() || apart < 20*time.Hour || min(off, 24*time.Hour-off) > time.Hour || o.Agent != c.Agent || 2*len(o.events) < len(c.events) {
			return false
		}
		before := p.did(o)
		for a := range now {
			if !before[a] {
				return false
			}
		}
		return true
	})
}

// managed says whether a host's management agent made any call of the cluster.
func (p *person) managed(r *run, c *Cluster) bool {
	return slices.ContainsFunc(c.events, func(i int) bool { return slices.Contains(r.w.AgentCalls, p.events[i].Action()) })
}

// home says whether the network is where the principal was first seen, and then
// on as many days as make a habit.
func (p *person) home(network string, days int) bool {
	if len(p.clusters) == 0 || p.clusters[0].Network != network {
		return false
	}
	seen := map[string]bool{}
	for _, c := range p.clusters {
		if c.Network == network {
			seen[c.First.Format("2006-01-02")] = true
		}
	}
	return len(seen) >= days
}

// root says whether the principal is an account's root user, who has no daily work and belongs to no one person.
func (p *person) root() bool { return len(p.events) > 0 && p.events[0].Identity.Type == "Root" }

// offHost says whether workload credentials were used away from where the
// workload is known to live.
func (p *person) offHost(c *Cluster) bool { return p.hostKnown[c] }

// namedStolen says whether the case itself calls the cluster's credential stolen.
func (p *person) namedStolen(c *Cluster) bool {
	return p.namedAll || p.named[c.Credential] || p.named[c.Session]
}

// An automation left running under somebody's key keeps its hours: it ran on many days,
// weekends among them, and whenever it runs it ran at that hour on most of those days; or
// it ran through day and night, as nobody works.
const (
	automationDays = 8
	aroundTheClock = 18 // of the hours of a day
)

// automated says whether a cluster carries on what a machine did with the
// credential before a moment: same network, same tool, same hours.
func (p *person) automated(c *Cluster, before time.Time) bool {
	days, weekend := map[string]bool{}, false
	ran, runs := map[int]map[string]bool{}, map[int]bool{} // by hour of the day: on which days before, and whether after
	for _, o := range p.clusters {
		if o.Network != c.Network || o.Agent != c.Agent {
			continue
		}
		for _, i := range o.events {
			t := p.events[i].Time
			if !t.Before(before) {
				runs[t.Hour()] = true
				continue
			}
			on := t.Format(time.DateOnly)
			if ran[t.Hour()] == nil {
				ran[t.Hour()] = map[string]bool{}
			}
			days[on], ran[t.Hour()][on] = true, true
			weekend = weekend || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
		}
	}
	if len(days) < automationDays || !weekend {
		return false
	}
	for h := range runs {
		if 4*len(ran[h]) < 3*len(days) {
			return len(ran) >= aroundTheClock
		}
	}
	return true
}
