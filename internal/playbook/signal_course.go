package playbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/ledger"
)

// oneRun is how long a run that tidies up after itself may take: a plan and its
// destruction, a test and its clean-up.
const oneRun = 2 * time.Hour

// madeAndRemoved: what was created was removed again, by the same hand, soon.
func madeAndRemoved(v *view, _ []string) (observation, bool) {
	when := map[string]time.Time{}
	for _, a := range v.subject {
		when[a.ID] = a.Time
	}
	n, gone, refs := 0, 0, []string(nil)
	for _, r := range v.res.Resources {
		if !slices.Contains(r.Effect, "created") || len(r.ByEvent) == 0 {
			continue
		}
		n++
		made, ok := when[r.ByEvent[0]]
		if !ok || r.StateNow != "removed" {
			continue
		}
		// The removal must be one of the subject's own calls: what an owner cleaned up
		// speaks for no tidy job.
		for _, ref := range r.StateEvidence {
			id := strings.TrimPrefix(ref, "event:")
			if t, mine := when[id]; mine && t.Sub(made) <= oneRun && !t.Before(made) {
				gone++
				refs = append(refs, "event:"+r.ByEvent[0], "event:"+id)
				break
			}
		}
	}
	if n == 0 || 2*gone < n {
		return observation{}, false
	}
	return observation{fmt.Sprintf("%d of %s were removed by the same hand within two hours.", gone, number(n, "created resource")), refs}, true
}

// leftBehind: something that lets its maker in again is still there.
func leftBehind(v *view, _ []string) (observation, bool) {
	var ids, refs []string
	for _, p := range v.res.Persistence {
		if p.Status == "live" && p.Means != ledger.OpenBefore {
			ids, refs = append(ids, p.ID), append(refs, p.Evidence...)
		}
	}
	if len(ids) == 0 {
		return observation{}, false
	}
	return observation{fmt.Sprintf("Still there as far as the evidence tells: %s.", names(unique(ids))), refs}, true
}

// manyDenied: a third of at least ten calls. What is set up to do a task is
// allowed to do it.
func manyDenied(v *view, _ []string) (observation, bool) {
	bad := where(v.subject, func(a act) bool { return !done(a) })
	if len(v.subject) < 10 || 10*len(bad) < 3*len(v.subject) {
		return observation{}, false
	}
	return observation{fmt.Sprintf("%d of %s failed.", len(bad), number(len(v.subject), "call")), cite(bad)}, true
}

// regular: runs that begin at even distances, as schedules do. Calls within a
// minute of each other are one run.
func regular(v *view, _ []string) (observation, bool) {
	var starts []act
	var last time.Time
	for _, a := range v.subject {
		if last.IsZero() || a.Time.Sub(last) > time.Minute {
			starts = append(starts, a)
		}
		last = a.Time
	}
	if len(starts) < minPattern {
		return observation{}, false
	}
	gaps := make([]time.Duration, 0, len(starts))
	for i := 1; i < len(starts); i++ {
		gaps = append(gaps, starts[i].Time.Sub(starts[i-1].Time))
	}
	// The median gap, which one missed run does not move; a tenth of it is jitter.
	sorted := slices.Clone(gaps)
	slices.Sort(sorted)
	mid := sorted[len(sorted)/2]
	even := 0
	for _, g := range gaps {
		if d := g - mid; d <= mid/10 && d >= -mid/10 {
			even++
		}
	}
	if 5*even < 4*len(gaps) {
		return observation{}, false
	}
	return observation{fmt.Sprintf("%s begin about %s apart.", number(len(starts), "run"), mid.Round(time.Minute)), cite(starts)}, true
}

// rolledOut: the roles of these calls were made for them, by somebody at their usual work,
// and taken by nobody else; see investigation.Rollout. It speaks for all or not at all.
func rolledOut(v *view, _ []string) (observation, bool) {
	of := map[string]bool{}
	var refs []string
	for _, r := range v.res.RolledOut {
		refs = append(refs, "event:"+r.Made)
		for _, e := range r.Events {
			of[e] = true
		}
	}
	if len(refs) == 0 || slices.ContainsFunc(v.subject, func(a act) bool { return !of[a.ID] }) {
		return observation{}, false
	}
	r := v.res.RolledOut[0]
	return observation{fmt.Sprintf("%s made the role for %s alone; all of %s were opened by it, and all of %s came from networks of the organisation.", r.By, r.Subject, number(r.Sessions, "session"), number(len(v.subject), "call")), append(refs, cite(v.subject)...)}, true
}

// onlyReads looks at successes: an attempt to change that was refused is still told by
// manyDenied.
func onlyReads(v *view, _ []string) (observation, bool) {
	if slices.ContainsFunc(v.subject, func(a act) bool { return !a.ReadOnly && done(a) }) {
		return observation{}, false
	}
	return observation{fmt.Sprintf("None of %s changed anything.", number(len(v.subject), "call")), cite(v.subject)}, true
}

// changes is its opposite, spoken at the first successful change.
func changes(v *view, _ []string) (observation, bool) {
	return v.some("changed something", func(a act) bool { return !a.ReadOnly && done(a) })
}

// fromAWS and fromOutside each need half of the calls; a service that calls on behalf
// of somebody is neither outside nor a place of its own.
func fromAWS(v *view, _ []string) (observation, bool) {
	return v.mostly("came from inside AWS", func(a act) bool { return a.FromAWS() })
}

func fromOutside(v *view, _ []string) (observation, bool) {
	return v.mostly("came from an address, with a client of their own, and not from an AWS service", func(a act) bool { return !a.FromAWS() && a.Identity.InvokedBy == "" })
}

// severalPeople: one network acts as several principals that it has no business
// with, as a scanner with its own role does not.
func severalPeople(v *view, _ []string) (observation, bool) {
	by := map[string]map[string]act{}
	var nets []string
	for _, a := range v.subject {
		if a.FromAWS() {
			continue
		}
		n := a.Network()
		if by[n] == nil {
			by[n] = map[string]act{}
			nets = append(nets, n)
		}
		if _, ok := by[n][a.Identity.Person()]; !ok {
			by[n][a.Identity.Person()] = a
		}
	}
	for _, n := range nets {
		if len(by[n]) < 2 {
			continue
		}
		var refs []string
		for _, a := range by[n] {
			refs = append(refs, a.CitedAs())
		}
		slices.Sort(refs)
		return observation{fmt.Sprintf("%s acted as %d principals.", n, len(by[n])), refs}, true
	}
	return observation{}, false
}

// afterContainment: what still succeeds when everything was switched off was not known
// to whoever switched off, or is what they left running on purpose.
func afterContainment(v *view, _ []string) (observation, bool) {
	at, _, refs := v.contained()
	if at.IsZero() {
		return observation{}, false
	}
	o, ok := v.mostly("came after the last containment", func(a act) bool { return a.Time.After(at) && done(a) })
	o.refs = append(o.refs, refs...)
	return o, ok
}
