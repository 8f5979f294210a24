package investigation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// weight is what the ways of a loss amount to.
type weight struct {
	copies, kept, partly  bool // of any way
	keptBy, goneBy, calls int  // of the calls themselves
}

// outcome folds what was told: a copy that nothing shows gone counts most, for it is outside of
// what was done to the thing; then what the calls say each by itself; then what was set.
func (w weight) outcome() string {
	switch {
	case w.copies:
		return ledger.HasCopy
	case w.goneBy == w.calls:
		return ledger.Gone
	case w.goneBy > 0:
		return ledger.Partly
	case w.keptBy == w.calls, w.kept:
		return ledger.Kept
	case w.keptBy > 0, w.partly:
		return ledger.Partly
	}
	return ledger.Unknown
}

// recoverable judges one loss, and says what by.
func (in *inquiry) recoverable(l *loss, ended map[string]*evidence.Event) Recovery {
	out := Recovery{ID: l.ID, Type: l.Type, What: l.Loss.What, Events: []string{}, Claims: []string{}, Decides: l.Loss.Decides}
	for _, s := range l.calls[:min(len(l.calls), maxEvidence)] {
		out.Events = append(out.Events, s.Event.ID)
	}
	if !l.Loss.Apart {
		if r := in.row(l.ID); r != nil && in.stands(r, &out) {
			return out
		}
	}
	w := weight{calls: len(l.calls)}
	for _, way := range l.Loss.Ways {
		switch way.From {
		case ledger.FromCall:
			in.byCalls(l, way, &w, &out, ended)
		case ledger.FromListing:
			in.byListing(l, way, &w, &out, ended)
		default:
			for _, t := range l.told[way] {
				in.byEarlier(l, way, way.Is, t, &w, &out, ended)
			}
			if was, ok := l.past[way]; ok && len(l.told[way]) == 0 {
				in.byEarlier(l, way, ledger.Partly, was, &w, &out, ended)
			}
		}
	}
	out.Outcome = w.outcome()
	return out
}

// row is what the ledger says of a thing; nil if nothing.
func (in *inquiry) row(id string) *ledger.Resource {
	i := slices.IndexFunc(in.res.Resources, func(r ledger.Resource) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &in.res.Resources[i]
}

// stands says whether the ledger alone decides: what is pending can be called off until its
// time, and what was put back is there.
func (in *inquiry) stands(r *ledger.Resource, out *Recovery) bool {
	switch {
	case r.DeletesAt != "":
		out.Outcome, out.Until = ledger.Pending, r.DeletesAt
	case r.StateNow == ledger.Restored:
		out.Outcome = ledger.Restored
	default:
		return false
	}
	for _, id := range bare(r.StateEvidence) {
		if s := in.subject(id); s != nil {
			out.Claims = append(out.Claims, in.eventClaim(s, in.target(s)))
		}
	}
	return true
}

// byCalls weighs what the calls say that took the thing away, and counts them in one sentence.
func (in *inquiry) byCalls(l *loss, way *ledger.Way, w *weight, out *Recovery, ended map[string]*evidence.Event) {
	var hit []*detection.Subject
	equals, actions, text, live := map[string][]string{}, []string{}, "", false
	for _, s := range l.calls {
		said, ok := l.Loss.Told(way, l.Key, s.Event, s.Record, in.res.Accounts...)
		if !ok {
			continue
		}
		hit, text = append(hit, s), cmp.Or(text, said.Text)
		for p, v := range said.Equals {
			if !slices.Contains(equals[p], v) {
				equals[p] = append(equals[p], v)
			}
		}
		if a := s.Event.Action(); !slices.Contains(actions, a) {
			actions = append(actions, a)
		}
		live = live || !in.copyEnded(s.Event, said.Copy, out, ended)
	}
	name := lastPart(l.ID)
	if len(hit) == 0 || !claim.Quotable(name) || !namedIn(hit[0], name) {
		return
	}
	for _, values := range equals { // what was forged to break a sentence is worth none
		if slices.ContainsFunc(values, func(v string) bool { return !claim.Quotable(v) }) {
			return
		}
	}
	switch way.Is {
	case ledger.Kept:
		w.keptBy += len(hit)
	case ledger.Gone:
		w.goneBy += len(hit)
	case ledger.HasCopy:
		w.copies = w.copies || live && len(hit) == len(l.calls)
		w.partly = w.partly || live
	case ledger.Partly:
		w.partly = true
	}
	ids := make([]string, 0, len(hit))
	for _, s := range hit {
		ids = append(ids, s.Event.ID)
	}
	// Each by its id where they are few: the same thing can be lost twice, in two ways.
	filter := claim.Filter{"action": list(actions), "actor": hostileActors, "outcome": "success"}
	if len(ids) <= maxEvidence {
		filter["event"] = list(ids)
	} else {
		filter["resource"] = list([]string{name, l.ID})
	}
	for _, p := range keys(equals) {
		filter[claimField(p)] = list(equals[p])
	}
	sentence := fmt.Sprintf("%d %s of the intruder's, %s on `%s`, %s: %s.", len(hit), plural("calls", int64(len(hit))), strings.Join(actions, ", "), name,
		span(hit[0].Event.Time, hit[len(hit)-1].Event.Time), text)
	out.Claims = append(out.Claims, in.claims.add(sentence, claim.Predicate{Op: "count", Filter: filter, Value: len(hit)}, cite(ids[:min(len(ids), maxEvidence)]...), "A"))
}

// byEarlier weighs one call of before: a setting, or a copy and what became of it.
// is is what follows from it.
func (in *inquiry) byEarlier(l *loss, way *ledger.Way, is string, t heard, w *weight, out *Recovery, ended map[string]*evidence.Event) {
	name := lastPart(l.ID)
	if !claim.Quotable(name) || !strings.Contains(string(t.e.Body), name) {
		return
	}
	equals := map[string]any{"action": t.e.Action(), "time": stamp(t.e.Time), "outcome": "success"}
	for p, v := range t.Equals {
		if !claim.Quotable(v) {
			return
		}
		equals[claimField(p)] = v
	}
	text := t.Text
	if way.From == ledger.FromCopy {
		text = fmt.Sprintf("made `%s` of it", lastPart(t.Copy))
		if !claim.Quotable(lastPart(t.Copy)) {
			return
		}
	}
	who := t.e.Identity.Called()
	if who == "" { // AWS for itself
		who = "AWS"
	}
	sentence := fmt.Sprintf("At %s %s called %s on `%s`, which %s.", stamp(t.e.Time), who, t.e.Action(), name, text)
	out.Claims = append(out.Claims, in.claims.add(sentence, claim.Predicate{Op: "event", Event: t.e.ID, Equals: equals}, cite(t.e.ID), "A"))
	switch over := in.copyEnded(t.e, t.Copy, out, ended); {
	case over:
	case is == ledger.HasCopy:
		w.copies = true
	case is == ledger.Kept:
		w.kept = true
	case is == ledger.Partly:
		w.partly = true
	}
}

// copyEnded says whether a call took the copy away, and tells of it.
func (in *inquiry) copyEnded(of *evidence.Event, name string, out *Recovery, ended map[string]*evidence.Event) bool {
	e := ended[copyKey(of, name)]
	if name == "" || e == nil || e.Time.Before(of.Time) {
		return false
	}
	short := lastPart(name)
	if !claim.Quotable(short) {
		return true
	}
	sentence := fmt.Sprintf("At %s %s called %s on `%s`.", stamp(e.Time), e.Identity.Called(), e.Action(), short)
	out.Claims = append(out.Claims, in.claims.add(sentence, claim.Predicate{Op: "event", Event: e.ID, Equals: map[string]any{"action": e.Action(), "time": stamp(e.Time), "outcome": "success"}}, cite(e.ID), "A"))
	return true
}

// byListing looks for copies that a snapshot lists; one taken before the loss shows that it was
// there, and a call would show it gone.
func (in *inquiry) byListing(l *loss, way *ledger.Way, w *weight, out *Recovery, ended map[string]*evidence.Event) {
	for _, id := range keys(in.observed.things) {
		for _, o := range in.observed.things[id] {
			if o.Kind != way.Kind {
				continue
			}
			r, err := o.Parse()
			if err != nil || r.Str(way.Of[0]) != lastPart(l.ID) {
				continue
			}
			name := r.Str(way.Copy[0])
			at := *l.calls[0].Event
			id := in.stateClaim(sighting{ref: o.CitedAs(), path: way.Of[0], value: lastPart(l.ID), at: in.observed.snapshots[o.Snapshot], what: fmt.Sprintf("lists `%s`, made of `%s`", name, lastPart(l.ID))})
			if id == "" {
				continue
			}
			out.Claims = append(out.Claims, id)
			at.Time = in.notBefore(o)
			if !in.copyEnded(&at, name, out, ended) {
				w.copies = true
			}
			return // one is enough to tell
		}
	}
}

// claimField is a path of content as claims write it.
func claimField(path string) string {
	if rest, ok := strings.CutPrefix(path, "service."); ok {
		return "record.serviceEventDetails." + rest
	}
	return path
}
