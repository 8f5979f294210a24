package attribution

import (
	"context"
	"fmt"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// glance is what one pass over the light columns keeps of a person: when each place, tool,
// service, region and action was first seen, and what few calls tell by themselves. It
// decides whom a sweep reads whole, so that a sweep costs what stands out and not what
// there is.
type glance struct {
	first                               time.Time
	networks, agents, services, regions map[string]time.Time    // → first seen
	actions                             map[[2]string]time.Time // service and name → first seen
	before                              int                     // calls before the window
	days                                map[int32]bool          // of those
	within, ever                        telling                 // in the window; at any time
	last                                [4]string               // address, tool, service and region of the latest call
}

// telling is what few calls tell by themselves.
type telling struct {
	calls    int
	denied   int
	asks     bool // who it is
	grave    bool
	interest int // the most that one call is worth to the kind of case
}

// maxGlanced bounds each of the lists of one person; what lies beyond is not new.
const maxGlanced = 1024

// maxFamilies bounds how many tools' names are kept with what they mean.
const maxFamilies = 1 << 14

// glances passes over the evidence once. Calls of services, and from inside AWS, tell
// nothing of where and with what a person works.
func (r *run) glances(ctx context.Context, from, to time.Time, interest Interest) (map[string]*glance, error) {
	out, families := map[string]*glance{}, map[string]string{}
	for e, err := range r.q.Events(ctx, evidence.Query{Brief: true}) {
		if err != nil {
			return nil, fmt.Errorf("look for who stands out: %w", err)
		}
		u := e.Identity.Person()
		if u == "" || isService(&e) || e.Identity.ServiceLinked() {
			continue
		}
		g := out[u]
		if g == nil {
			g = &glance{first: e.Time, networks: map[string]time.Time{}, agents: map[string]time.Time{}, services: map[string]time.Time{},
				regions: map[string]time.Time{}, actions: map[[2]string]time.Time{}, days: map[int32]bool{}}
			out[u] = g
		}
		g.add(&e, families)
		t := telling{calls: 1, interest: interest(&e), grave: len(r.w.graveActs[e.Action()]) > 0, asks: asksWho(e.Name)}
		if e.Outcome() == evidence.Failure && refused(e.ErrorCode) {
			t.denied = 1
		}
		g.ever.add(t)
		switch {
		case e.Time.Before(from):
			g.before++
			g.days[int32(e.Time.Unix()/86400)] = true
		case to.IsZero() || e.Time.Before(to):
			g.within.add(t)
		}
	}
	return out, nil
}

func (t *telling) add(o telling) {
	t.calls += o.calls
	t.denied += o.denied
	t.asks, t.grave, t.interest = t.asks || o.asks, t.grave || o.grave, max(t.interest, o.interest)
}

// add keeps when what the call shows was first seen. Most calls of a person come from
// where the one before did, later.
func (g *glance) add(e *evidence.Event, families map[string]string) {
	if e.Time.Before(g.first) {
		g.first = e.Time
	}
	if e.FromAWS() {
		return
	}
	earliest(g.actions, [2]string{e.Source, e.Name}, e.Time)
	last := [4]string{e.SourceIP, e.UserAgent, e.Source, e.Region}
	if last == g.last && e.Time.After(g.services[e.Source]) {
		return
	}
	g.last = last
	earliest(g.networks, e.Network(), e.Time)
	family, ok := families[e.UserAgent]
	if !ok {
		if len(families) == maxFamilies {
			clear(families)
		}
		family = evidence.AgentFamily(e.UserAgent)
		families[e.UserAgent] = family
	}
	earliest(g.agents, family, e.Time)
	earliest(g.services, e.Source, e.Time)
	earliest(g.regions, e.Region, e.Time)
}

func earliest[K comparable](m map[K]time.Time, v K, at time.Time) {
	if t, ok := m[v]; !ok && len(m) < maxGlanced || ok && at.Before(t) {
		m[v] = at
	}
}

// standsOut says whether any signal could speak against the person's calls in a window that
// begins at from, or, where that is zero, at any time. It errs to the side of yes: whom it
// passes over nobody judges.
func (g *glance) standsOut(w *Weights, from, to time.Time) (telling, bool) {
	told, since := g.within, from
	if from.IsZero() {
		told, since = g.ever, g.first.AddDate(0, 0, w.Baseline.MinDays) // what is new once there are habits
	}
	if told.calls == 0 {
		return told, false
	}
	if !from.IsZero() && (g.before < w.Baseline.MinEvents || len(g.days) < w.Baseline.MinDays) {
		return told, true // of little history nothing is known to be usual
	}
	nets := fresh(g.networks, since, to)
	if old := len(g.networks) - nets; !from.IsZero() && old >= w.Baseline.RoamingDays && 2*old >= len(g.days) {
		nets = 0 // it always comes from new places
	}
	return told, told.grave || told.denied >= w.Cluster.DeniedCalls || nets > 0 || fresh(g.agents, since, to)+fresh(g.services, since, to)+fresh(g.regions, since, to) > 0 ||
		told.asks && fresh(g.actions, since, to) > 0
}

// fresh counts what was first seen since.
func fresh[K comparable](m map[K]time.Time, since, to time.Time) (n int) {
	for _, t := range m {
		if !t.Before(since) && (to.IsZero() || t.Before(to)) {
			n++
		}
	}
	return n
}
