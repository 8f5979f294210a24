package attribution

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// person is one principal under examination, with all its calls.
type person struct {
	unique    string
	events    []evidence.Event
	clusters  []*Cluster
	baseline  *Baseline
	t0        time.Time
	named     map[string]bool   // credentials the case calls stolen
	namedAll  bool              // the case names the principal itself
	ownNets   map[string]bool   // where its workload's own agent calls from
	hostKnown map[*Cluster]bool // clusters away from the known home of their workload
	verdicts  []verdict         // one per event
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
	p := &person{unique: unique, named: map[string]bool{}, ownNets: map[string]bool{}}
	for e, err := range r.q.Events(ctx, evidence.Query{Principals: []string{unique}}) {
		if err != nil {
			return nil, fmt.Errorf("read the calls of %s: %w", unique, err)
		}
		p.events = append(p.events, e)
	}
	p.verdicts = make([]verdict, len(p.events))
	p.clusters = clusters(r.g, p.events, r.w)
	r.people[unique] = p
	r.order = append(r.order, unique)
	slices.Sort(r.order)
	r.rebase(p)
	return p, nil
}

// rebase learns the baseline from before the earliest possible exposure: what
// was stated, or the first stray call if that is earlier.
func (r *run) rebase(p *person) {
	p.t0 = r.in.Exposed
	if stray := exposure(p.events, r.w); !stray.IsZero() && (p.t0.IsZero() || stray.Before(p.t0)) {
		p.t0 = stray
	}
	if p.t0.IsZero() && len(p.events) > 0 {
		// Never strayed and nobody says when: if this principal was stolen, then
		// since its first call, for all we know; if not, all of it is habit.
		p.t0 = p.events[0].Time
		if !p.namedAll && len(p.named) == 0 {
			p.t0 = p.events[len(p.events)-1].Time.Add(time.Second)
		}
	}
	p.baseline = learn(p.events, p.t0, r.w)
	p.findHost(r)
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
		if slices.ContainsFunc(c.events, func(i int) bool { return slices.Contains(r.w.AgentCalls, p.events[i].Action()) }) {
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

// offHost says whether workload credentials were used away from where the
// workload is known to live.
func (p *person) offHost(c *Cluster) bool { return p.hostKnown[c] }

// namedStolen says whether the case itself calls the cluster's credential stolen.
func (p *person) namedStolen(c *Cluster) bool {
	return p.namedAll || p.named[c.Credential] || p.named[c.Session]
}
