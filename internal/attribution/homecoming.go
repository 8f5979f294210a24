package attribution

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// homecomings looks, after the end of an employment, at who comes from where the leaver alone had
// been: a home, a hotspot. Whoever leaves keeps what nobody knew of, a key made long ago or one
// that many use, and need not have made it in their notice.
func (r *run) homecomings(ctx context.Context) (changed bool, err error) {
	if r.in.Terminated.IsZero() {
		return false, nil
	}
	for _, u := range slices.Clone(r.order) {
		p := r.people[u]
		if !r.leaver(p) || r.spent["homecomings:"+u] {
			continue
		}
		r.spent["homecomings:"+u] = true
		homes, err := r.homes(ctx, p)
		if err != nil {
			return false, err
		}
		for _, network := range homes {
			for _, who := range r.s.On(network) {
				changed = r.comesHome(r.people[who], network) || changed
			}
		}
	}
	return changed, nil
}

// homes are, in order, the networks on which, before the end, nobody was but the leaver, or
// something without a name of its own and only on days of the leaver's. Where they worked on most
// days is none of them: an office looks the same where few work, and others yet come to it. Nor is
// any on which another of the directory's people was ever seen: they may live there as well.
func (r *run) homes(ctx context.Context, leaver *person) (out []string, err error) {
	most, all := 0, map[string]map[string]bool{} // network → days
	for _, u := range append([]string{leaver.unique}, leaver.kin...) {
		if p := r.people[u]; p != nil {
			for network, days := range p.daysBy(r.in.Terminated) {
				if all[network] == nil {
					all[network] = map[string]bool{}
				}
				maps.Copy(all[network], days)
				most = max(most, len(all[network]))
			}
		}
	}
	for _, network := range slices.Sorted(maps.Keys(all)) {
		address, _, _ := strings.Cut(network, "/")
		on := r.s.On(network)
		if len(all[network]) == most || !evidence.IsAddress(address) || r.nets.shared(network) || slices.ContainsFunc(on, func(who string) bool { return namedOther(leaver, who) }) {
			continue
		}
		theirs := true
		for _, who := range on {
			p, err := r.load(ctx, who)
			if err != nil {
				return nil, fmt.Errorf("look at who comes from where somebody lived who left: %w", err)
			}
			for d := range p.daysBy(r.in.Terminated)[network] {
				theirs = theirs && all[network][d]
			}
		}
		if theirs {
			out = append(out, network)
		}
	}
	return out, nil
}

// namedOther says whether a principal is one of the directory's people, and not the leaver.
func namedOther(leaver *person, who string) bool {
	return face(who) != who && face(who) != face(leaver.unique)
}

// daysBy are the days before a moment on which the person called, by network, but for what is an
// intruder's.
func (p *person) daysBy(until time.Time) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, c := range p.clusters {
		for _, i := range c.events {
			if e := &p.events[i]; e.Time.Before(until) && !c.Actor.Hostile() {
				if out[c.Network] == nil {
					out[c.Network] = map[string]bool{}
				}
				out[c.Network][e.Time.Format(time.DateOnly)] = true
			}
		}
	}
	return out
}

// comesHome blames what a principal did from a leaver's home after the end, unless it only carries
// on what a machine did there, or the credential was there before and is at work elsewhere since:
// somebody has taken it over, who may live nearby.
func (r *run) comesHome(p *person, network string) (found bool) {
	if r.leaver(p) || r.stays(p) {
		return false // judged by the end itself
	}
	end, before, elsewhere := r.in.Terminated, map[string]bool{}, map[string]bool{}
	for _, c := range p.clusters {
		switch {
		case c.Network == network && c.First.Before(end):
			before[c.Credential] = true
		case c.Network != network && !c.First.Before(end):
			elsewhere[c.Credential] = true
		}
	}
	for _, c := range p.clusters {
		if c.Network == network && !c.First.Before(end) && !c.fixed && !(before[c.Credential] && elsewhere[c.Credential]) && !p.automated(c, end) {
			p.blameCluster(c, afterHome)
			found = true
		}
	}
	for _, c := range p.clusters { // what was done there before was the job, whatever came of the place
		if found && c.Network == network && c.First.Before(end) && !c.fixed && !c.Actor.Hostile() {
			c.fixed, c.own, c.Actor, c.Why = true, true, Owner, beforeTermination
		}
	}
	return found
}

// afterHome is the reason of what was done from where only somebody who left had been.
const afterHome = "case:leaver_home"
