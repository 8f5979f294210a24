package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Absent is the value of a state predicate which says that a snapshot does not
// hold the thing that its reference names.
const Absent = "absent"

// bulk are the kinds of observation that come by the million: they are read only
// if a reference leads to them.
var bulk = map[string][]string{"cost": {"cost"}, "flow": {"flow", "s3_access"}}

// Sightings are the observations that references lead to.
type Sightings struct {
	byRef     map[string]*evidence.Observation
	snapshots map[string]bool // first sixteen digits of every snapshot that is held
}

// Of returns the observation that a reference leads to, or nil.
func (s *Sightings) Of(ref string) *evidence.Observation { return s.byRef[ref] }

// Holds says whether a reference leads somewhere: to an observation, or into a
// snapshot that is held and does not list what the reference names.
func (s *Sightings) Holds(ref string) bool {
	if s.byRef[ref] != nil {
		return true
	}
	rest, ok := strings.CutPrefix(ref, "snapshot:")
	file, _, named := strings.Cut(rest, "#")
	return ok && named && s.snapshots[file]
}

// Sight follows references other than those to events. Without an Observer none
// of them leads anywhere.
func (w *World) Sight(ctx context.Context, refs []string) (*Sightings, error) {
	s := &Sightings{byRef: map[string]*evidence.Observation{}, snapshots: map[string]bool{}}
	if w.Observed == nil || len(refs) == 0 {
		return s, nil
	}
	want, prefixes := map[string]bool{}, map[string]bool{}
	for _, ref := range refs {
		kind, _, _ := strings.Cut(ref, ":")
		want[ref], prefixes[kind] = true, true
	}
	for _, prefix := range []string{"snapshot", "alert", "cost", "flow"} {
		if !prefixes[prefix] {
			continue
		}
		q := evidence.ObservationQuery{Kinds: bulk[prefix]}
		switch prefix {
		case "snapshot":
			q.Kinds = evidence.StateKinds
		case "alert":
			q.Kinds = []string{"alert"}
		}
		for o, err := range w.Observed.Observations(ctx, q) {
			if err != nil {
				return nil, fmt.Errorf("follow references: %w", err)
			}
			// A snapshot is known by having yielded anything at all. One that is empty cannot
			// be told from one that was never given, so nothing is absent from it.
			if o.Snapshot != "" {
				s.snapshots[o.Snapshot[:min(len(o.Snapshot), 16)]] = true
			}
			if ref := o.CitedAs(); want[ref] && s.byRef[ref] == nil {
				s.byRef[ref] = &o
			}
		}
	}
	return s, nil
}

// sightAll follows what the jobs cite beside events.
func (w *World) sightAll(ctx context.Context, jobs []*job) error {
	var refs []string
	for _, j := range jobs {
		refs = append(refs, j.refs...)
	}
	seen, err := w.Sight(ctx, refs)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		for _, ref := range j.refs {
			// A reference to what is not listed is followed only for the one claim that
			// it is not listed; under any other claim it would be an invented citation.
			switch o := seen.Of(ref); {
			case j.err != nil:
			case o != nil:
				j.seen = append(j.seen, o)
			case !seen.Holds(ref) || j.claim.Predicate.Snapshot != ref || j.claim.Predicate.Value != Absent:
				j.err = fmt.Errorf("%q leads to nothing in the evidence", brief(ref))
			}
		}
	}
	return nil
}

// stateHolds: a snapshot, an alert, a cost or a flow says at a path what the
// predicate says; or it does not list the thing at all.
func stateHolds(j *job) error {
	p := &j.claim.Predicate
	if p.Snapshot == "" {
		return totalHolds(j)
	}
	i := slices.IndexFunc(j.seen, func(o *evidence.Observation) bool { return o.CitedAs() == p.Snapshot })
	if p.Value == Absent && p.Path == "" {
		if i >= 0 {
			return fmt.Errorf("%q is there, not absent", brief(p.Snapshot))
		}
		return nil // sightAll has seen to it that the snapshot is held
	}
	if i < 0 {
		return fmt.Errorf("the predicate's %q is not among the evidence that the claim cites", brief(p.Snapshot))
	}
	if p.Path == "" {
		return errors.New("the predicate names no path")
	}
	r, err := j.seen[i].Parse()
	if err != nil {
		return err
	}
	if p.Value == Absent {
		if p.Field == "" || slices.Contains(r.Strs(p.Path), p.Field) {
			return fmt.Errorf("%q is among the %s of %q, not absent", brief(p.Field), brief(p.Path), brief(p.Snapshot))
		}
		return nil
	}
	want, err := scalar(p.Value)
	if err != nil {
		return fmt.Errorf("the value of the predicate cannot be compared: %w", err)
	}
	if have := r.Strs(p.Path); !slices.Contains(have, want) {
		return fmt.Errorf("%s of %q is not %q", brief(p.Path), brief(p.Snapshot), brief(want))
	}
	return nil
}

// totalHolds: what is cited beside events and lies in the window adds up to the
// value.
// Citing more than the window holds is no fault: a report cites the days around a
// spike too. One value that is no number fails the whole, for a total without it
// would be somebody else's.
func totalHolds(j *job) error {
	p := &j.claim.Predicate
	want, ok := number(p.Value)
	if !ok || p.Path == "" {
		return errors.New("a total needs a path and a number")
	}
	var from, to time.Time
	if p.Window != nil {
		var err error
		if from, to, err = p.Window.times(); err != nil {
			return err
		}
	}
	sum, n := new(big.Rat), 0
	for _, o := range j.seen {
		if p.Window != nil && (o.Time.Before(from) || !o.Time.Before(to)) {
			continue
		}
		r, err := o.Parse()
		if err != nil {
			return err
		}
		for _, s := range r.Strs(p.Path) {
			v, ok := number(json.Number(s))
			if !ok {
				return fmt.Errorf("%s of %q is no number", brief(p.Path), brief(o.CitedAs()))
			}
			sum.Add(sum, v)
			n++
		}
	}
	if n == 0 || sum.Cmp(want) != 0 {
		return fmt.Errorf("the total of what the claim cites is %s, not %s", sum.FloatString(6), want.FloatString(6))
	}
	return nil
}

// observed makes the words of what is cited beside events the sentence's own.
func (st *statement) observed(list []*evidence.Observation) {
	budget := maxWordBytes
	for _, o := range list {
		st.said.add(o.ID, o.Account, o.Region)
		st.said.add(o.Keys...)
		if !o.Time.IsZero() {
			st.instants = append(st.instants, o.Time)
		}
		if !o.Until.IsZero() {
			st.instants = append(st.instants, o.Until)
		}
		r, err := o.Parse()
		if err != nil {
			continue
		}
		from := len(st.said.texts)
		st.said.record(map[string]any(r), 0, &budget)
		for _, s := range st.said.texts[from:] {
			// Shorter is no date with a year; longer is prose.
			if len(s) >= 8 && len(s) <= 40 {
				st.at(s)
			}
		}
	}
}

var figure = regexp.MustCompile(`\d+(?:\.\d+)?`)

// figures: every number of a sentence about a state stands in what it cites.
func (st *statement) figures(rest string) error {
	for _, n := range figure.FindAllString(rest, -1) {
		if !st.says(n) {
			return fmt.Errorf("the sentence says %s, which nothing that it rests on says", n)
		}
	}
	return nil
}
