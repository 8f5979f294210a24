package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/trailhound/trailhound/internal/evidence"
)

// evaluate fetches what the jobs cite, in one query, and decides them.
func (w *World) evaluate(ctx context.Context, jobs []*job, conflicting map[string]bool) error {
	var ids []string
	for _, j := range jobs {
		if j.err == nil {
			ids = append(ids, j.ids...)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	held := make(map[string][]*subject, len(ids))
	if len(ids) > 0 {
		// One id may come twice: conflicting copies are all kept, see eventHolds.
		for e, err := range w.Events.Events(ctx, evidence.Query{IDs: ids, Body: true}) {
			if err != nil {
				return fmt.Errorf("read cited events: %w", err)
			}
			held[e.ID] = append(held[e.ID], &subject{e: &e, actor: w.Actors[e.ID]})
		}
	}
	for _, j := range jobs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if j.err == nil {
			j.err = w.decide(j, held, conflicting)
		}
	}
	return nil
}

// decide looks at the predicate before the sentence. If both are wrong, the reason
// about the evidence is the more useful one.
func (w *World) decide(j *job, held map[string][]*subject, conflicting map[string]bool) error {
	subjects := make([]*subject, 0, len(j.ids))
	for _, id := range j.ids {
		if len(held[id]) == 0 {
			return fmt.Errorf("there is no event %q in the evidence", brief(id))
		}
		if conflicting[id] {
			j.notes = append(j.notes, fmt.Sprintf("event %s stands in the evidence with two different contents", id))
		}
		subjects = append(subjects, held[id]...)
	}
	if j.tally != nil && j.tally.actor && w.Actors == nil {
		return errors.New("the filter names an actor, and no attribution is known")
	}
	err := w.holds(j, held, subjects)
	if err != nil {
		return err
	}
	return w.textAgrees(j, held, subjects)
}

// holds asks whether the predicate is true; prepare has seen to its shape.
func (w *World) holds(j *job, held map[string][]*subject, subjects []*subject) error {
	p := &j.claim.Predicate
	switch p.Op {
	case "event":
		return eventHolds(p, held[p.Event])
	case "count", "sum", "first", "last":
		return tallyHolds(p, j.tally, subjects)
	case "absence":
		if j.tally.count > 0 {
			return fmt.Errorf("%d events match what the claim says is absent, the first at %s", j.tally.count, stamp(j.tally.first))
		}
		return w.covered(&j.tally.selection, p.Coverage)
	case "order":
		return w.orderHolds(p, held[p.Before], held[p.After])
	case "lineage":
		return w.lineageHolds(j)
	case "state":
		return stateHolds(j)
	case "statement":
		if _, ok := w.Answers[p.Answer]; !ok || p.Answer == "" {
			return fmt.Errorf("nobody stated %q", brief(p.Answer))
		}
	}
	return nil
}

// eventHolds wants one copy of the event that has every value.
// Of two contents under one id nobody can say which is the forged one; the claim holds
// with either, and its result carries a note. Values are never mixed between copies.
func eventHolds(p *Predicate, copies []*subject) error {
	if len(p.Equals) == 0 {
		return errors.New("the predicate says nothing about its event")
	}
	names := make([]string, 0, len(p.Equals))
	for n := range p.Equals {
		names = append(names, n)
	}
	sort.Strings(names)
	var first error
	for _, s := range copies {
		err := hasAll(s, names, p.Equals)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// hasAll: a list in equals means that the field holds every one of its values.
func hasAll(s *subject, names []string, equals map[string]any) error {
	for _, n := range names {
		f, ok := fieldOf(n)
		if !ok {
			return fmt.Errorf("%q is no field of an event", brief(n))
		}
		want, err := wanted(equals[n])
		if err != nil {
			return fmt.Errorf("the %s of the predicate cannot be compared: %w", n, err)
		}
		for _, v := range want {
			if !f.has(s, v) {
				return fmt.Errorf("the %s of event %s is %s, not %q", f.name, s.e.ID, shown(f, s), brief(v))
			}
		}
	}
	return nil
}

// shown gives what the event has instead, if it is one short thing.
func shown(f field, s *subject) string {
	for _, v := range f.values(s) {
		if v != "" && f.name != "resource" {
			return fmt.Sprintf("%q", brief(v))
		}
	}
	return "something else"
}

// tallyHolds compares what the pass counted with what the predicate says. The
// claim must also cite one of the selected events: a true count under citations of
// something else would send the reader to the wrong records.
func tallyHolds(p *Predicate, t *tally, subjects []*subject) error {
	var at *subject // a cited event that the filter selects, at the time named if one is
	when := evidence.ParseTime(p.Time)
	for _, s := range subjects {
		if t.match(s) && (when.IsZero() || s.e.Time.Equal(when)) {
			at = s
			break
		}
	}
	switch p.Op {
	case "count":
		if n, _ := whole(p.Value); n != t.count {
			return fmt.Errorf("the filter selects %d events, not %d", t.count, n)
		}
	case "sum":
		want, _ := number(p.Value)
		// A sum of 0 over events that hold no amount is not zero bytes: nothing was measured.
		if t.total == nil {
			return errors.New("the filter selects no event that holds an amount")
		}
		if t.total.Cmp(want) != 0 {
			return fmt.Errorf("the sum is %s, not %s", t.total.RatString(), want.RatString())
		}
	case "first", "last":
		have := t.first
		if p.Op == "last" {
			have = t.last
		}
		if t.count == 0 {
			return errors.New("the filter selects no event")
		}
		if !have.Equal(when) {
			return fmt.Errorf("the %s such event is at %s, not %s", p.Op, stamp(have), stamp(when))
		}
	}
	if at == nil {
		return errors.New("no event that the claim cites is one that its filter selects")
	}
	return nil
}

// orderHolds: inside one second only a causal edge orders two events, since
// eventTime has no more than that.
func (w *World) orderHolds(p *Predicate, before, after []*subject) error {
	if p.Before == p.After {
		return errors.New("an event is not before itself")
	}
	for _, b := range before {
		for _, a := range after {
			if b.e.Time.Before(a.e.Time) || b.e.Time.Equal(a.e.Time) && w.caused(b, a) {
				return nil
			}
		}
	}
	return fmt.Errorf("event %s at %s is not shown to be before event %s at %s",
		p.Before, stamp(before[0].e.Time), p.After, stamp(after[0].e.Time))
}

// caused says whether b issued the credential that a was made with.
func (w *World) caused(b, a *subject) bool {
	key := a.e.Identity.AccessKey
	if key == "" {
		return false
	}
	if slices.Contains(b.issued(), key) {
		return true
	}
	if w.Links == nil {
		return false
	}
	for _, parent := range credentials(b) {
		if parent == "" {
			continue
		}
		if by, ok := w.Links.Linked(key, parent, ""); ok && slices.Contains(by, b.e.ID) {
			return true
		}
	}
	return false
}

// lineageHolds wants the edge, and a cited event among those that made it.
func (w *World) lineageHolds(j *job) error {
	p := &j.claim.Predicate
	if w.Links == nil {
		return errors.New("no lineage was rebuilt from the evidence")
	}
	if p.Child == "" {
		return errors.New("the predicate names no child")
	}
	by, ok := w.Links.Linked(p.Child, p.Parent, p.Rule)
	if !ok {
		parent := p.Parent
		if parent == "" {
			parent = "a service"
		}
		return fmt.Errorf("the evidence does not show that %s issued %s by rule %q", brief(parent), brief(p.Child), brief(p.Rule))
	}
	for _, id := range by {
		if slices.Contains(j.ids, id) {
			return nil
		}
	}
	return errors.New("the claim does not cite the event that issued the credential")
}
