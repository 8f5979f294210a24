package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// alert is what a detector claims, and what of it the calls bear out.
type alert struct {
	evidence.Alert
	ref    string
	body   *evidence.Observation
	events []string // calls that it is about, as far as they are in the evidence
}

// maxAlerts bounds the alerts that are joined to calls, the gravest first.
const maxAlerts = 500

// addAlert keeps an alert once. Detectors send an alert again as it grows: the
// one that goes on longest counts.
func (ob *observed) addAlert(o *evidence.Observation) {
	a, err := o.Alert()
	if err != nil {
		return
	}
	one := alert{Alert: a, ref: o.CitedAs(), body: o}
	if i := slices.IndexFunc(ob.alerts, func(x alert) bool { return x.ID == a.ID }); i >= 0 {
		if !a.Last.Before(ob.alerts[i].Last) {
			ob.alerts[i] = one
		}
		return
	}
	ob.alerts = append(ob.alerts, one)
	slices.SortStableFunc(ob.alerts, func(a, b alert) int {
		return cmp.Or(evidence.SeverityRank(b.Severity)-evidence.SeverityRank(a.Severity), a.First.Compare(b.First), strings.Compare(a.ID, b.ID))
	})
	ob.alerts = ob.alerts[:min(len(ob.alerts), maxAlerts)]
}

// alertAnchors takes what open alerts name for what the case is about, where the
// case itself names an alert, or nothing that can be looked up. The detector's
// opinion decides where to look, and nothing else.
func (in *inquiry) alertAnchors() {
	var used []string
	for _, a := range in.observed.alerts {
		named := len(a.ID) >= 16 && strings.Contains(in.o.Text, a.ID)
		if !named && (in.anchored() && len(used) == 0 || !a.grave() || !a.Behavior()) {
			continue
		}
		// An alert that leads to nothing in the evidence is no anchor, and is not told as one.
		before := len(in.input.Credentials) + len(in.input.Principals) + len(in.input.IPs)
		for _, key := range a.Credentials {
			in.input.Credentials = append(in.input.Credentials, in.g.Resolve(key)...)
		}
		if len(a.Credentials) == 0 {
			for _, p := range a.Principals {
				in.input.Principals = append(in.input.Principals, in.unique(p)...)
			}
			in.input.IPs = append(in.input.IPs, a.Addresses...)
		}
		if len(in.input.Credentials)+len(in.input.Principals)+len(in.input.IPs) > before {
			used = append(used, fmt.Sprintf("%s (%s)", a.ID, a.Type))
		}
	}
	if len(used) == 0 {
		return
	}
	for _, list := range []*[]string{&in.input.Credentials, &in.input.Principals, &in.input.IPs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	in.assume("principal", fmt.Sprintf("What these alerts name is taken for what the case is about: %s.", strings.Join(first(used, 5), ", ")))
}

// grave says whether an alert claims something of weight that nobody has closed yet.
// Medium and up: detectors send low ones by the hundred, of configurations.
func (a *alert) grave() bool { return !a.Closed && evidence.SeverityRank(a.Severity) >= 2 }

// about says whether an alert names the call. Detectors call a service by other names than
// its records do, so that the name of the call alone will do: key, address and time must fit
// all the same.
func (a *alert) about(e *evidence.Event) bool {
	return slices.ContainsFunc(a.Calls, func(call string) bool { return callName(call) == e.Name })
}

// callName is the bare name of a call that an alert tells with its service.
func callName(call string) string { return call[strings.LastIndexByte(call, ':')+1:] }

// near says whether the call came from the same network as one of the alert's addresses.
func (a *alert) near(e *evidence.Event) bool {
	return slices.ContainsFunc(a.Addresses, func(ip string) bool { return (&evidence.Event{SourceIP: ip}).Network() == e.Network() })
}

// joinAlerts finds the calls that each alert is about, by key or address, call
// and time. An alert about calls of which none is here shows a hole in the
// evidence: the detector saw them in logs that were not given.
func (in *inquiry) joinAlerts(ctx context.Context) error {
	for i := range in.observed.alerts {
		a := &in.observed.alerts[i]
		if !a.Behavior() || len(a.Calls) == 0 && len(a.Credentials) == 0 {
			continue // traffic, or a configuration: no call is expected
		}
		q := evidence.Query{Credentials: a.Credentials, From: a.First.Add(-alertSlack), To: a.Last.Add(alertSlack)}
		if len(a.Credentials) == 0 {
			q.IPs = a.Addresses
		}
		// Without a time, or anybody, every call would fit.
		if a.First.IsZero() || len(q.Credentials)+len(q.IPs) == 0 {
			continue
		}
		var next []string // the very call with the very key, from an address beside the alert's
		beside := 0       // other calls with the very key from the very address
		for e, err := range in.q.Events(ctx, q) {
			if err != nil {
				return fmt.Errorf("join alerts to calls: %w", err)
			}
			if len(a.Calls) > 0 && !a.Sequence && !a.about(&e) {
				if len(a.Credentials) > 0 && slices.Contains(a.Addresses, e.SourceIP) {
					beside++
				}
				continue
			}
			if len(a.Addresses) > 0 && !a.Sequence && !slices.Contains(a.Addresses, e.SourceIP) {
				if len(a.Credentials) > 0 && len(a.Calls) > 0 && a.near(&e) {
					next = append(next, e.ID)
				}
				continue
			}
			a.events = append(a.events, e.ID)
		}
		if len(a.events) == 0 { // an alert gathers calls, and tells one address of a gateway that has several
			a.events = next
		}
		if len(a.events) == 0 {
			in.unmatched(a, beside)
		}
	}
	return nil
}

// alertSlack is how far from the times that an alert tells its calls may lie: detectors gather
// calls for some minutes, and some round.
const alertSlack = 5 * time.Minute

// unmatched says that an alert is about calls of which none is in the evidence. Where other
// calls of that very key from that very address are there, what is missing is one call and no
// session; but of calls that are recorded only on demand, all may be missing.
func (in *inquiry) unmatched(a *alert, beside int) {
	onDemand := slices.ContainsFunc(a.Calls, func(call string) bool {
		return slices.ContainsFunc(claim.ClassesOf(callName(call)), func(c string) bool { return strings.HasPrefix(c, "data:") })
	})
	if beside == 0 || onDemand {
		in.unseen = in.unseen || a.grave() && in.concerns(a)
	}
	what := a.Type
	if len(a.Calls) > 0 {
		what += " about " + strings.Join(first(a.Calls, 3), ", ")
	}
	if len(a.Credentials) > 0 {
		what += " with " + strings.Join(first(a.Credentials, 3), ", ")
	}
	if len(a.Addresses) > 0 {
		what += " from " + strings.Join(first(a.Addresses, 3), ", ")
	}
	text := fmt.Sprintf("Alert %s of %s (%s) is about calls of which none is in the evidence", a.ID, a.Product, what)
	if beside > 0 {
		text += "; other calls with the same key from the same address at that time are."
	} else {
		text += "."
	}
	in.limit("trail_gap", text,
		&Interval{stamp(a.First), stamp(a.Last.Add(time.Second))}, "The detector saw calls that are missing here: what else is missing with them cannot be told.")
}

// alertEvidence cites alerts under the findings whose calls they are about, and
// leaves to a person those that claim something of calls judged harmless.
func (in *inquiry) alertEvidence() {
	for i := range in.observed.alerts {
		a := &in.observed.alerts[i]
		// The calls as a set: alerts about a busy credential are about thousands, and findings rest
		// on as many.
		calls, hostile := make(map[string]bool, len(a.events)), false
		for _, id := range a.events {
			calls["event:"+id] = true
		}
		for k := range in.res.Findings {
			f := &in.res.Findings[k]
			if slices.ContainsFunc(f.Evidence, func(ref string) bool { return calls[ref] }) {
				f.Evidence, hostile = append(f.Evidence, a.ref), true
			}
		}
		if hostile || slices.ContainsFunc(a.events, func(id string) bool { return in.rows()[id].Actor.Hostile() }) {
			in.alertClaim(a)
			continue
		}
		in.askAlert(a)
	}
	in.supplied()
}

// alertClaim says what the detector claims, as its claim.
func (in *inquiry) alertClaim(a *alert) {
	if !claim.Quotable(a.Type) {
		return
	}
	r, err := a.body.Parse()
	if err != nil {
		return
	}
	for _, path := range []string{"type", "Type", "types", "Types", "finding_info.types"} {
		if slices.Contains(r.Strs(path), a.Type) {
			in.claims.add(fmt.Sprintf("%s raised alert `%s` of type `%s`.", a.Product, a.ID, a.Type),
				claim.Predicate{Op: "state", Snapshot: a.ref, Path: path, Value: a.Type}, []string{a.ref}, "D")
			return
		}
	}
}
