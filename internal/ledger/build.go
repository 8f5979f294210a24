package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Input is what Build must be told besides the evidence.
type Input struct {
	// Hostile says whether an event is attributed to the intruder. Nil: only
	// those handed to Build are.
	Hostile func(e *evidence.Event) bool
	// Accounts are the case's own accounts; a principal of any other is outside.
	Accounts []string
	// End is up to when status is judged: the end of the evidence, or the
	// caller's now. It decides only whether a session has expired.
	End time.Time
	// Blind, if set, says whether the evidence of an account and region has a
	// gap after a time, so that a removal could have gone unseen.
	Blind func(account, region string, after time.Time) bool
}

// Build writes the ledger of the hostile events, which must carry their bodies,
// and follows what they made and changed through the calls of everybody. Its
// result depends on the set of events only, not on their order.
func (t *Table) Build(ctx context.Context, q evidence.Querier, hostile []evidence.Event, in Input) (Ledger, error) {
	w := &writer{t: t, in: in, hostile: map[string]bool{}, kept: map[string]bool{}, placed: map[string][]string{}, named: naming{}}
	for i := range hostile {
		if w.hostile[mark(&hostile[i])] {
			continue
		}
		w.hostile[mark(&hostile[i])] = true
		w.events = append(w.events, hostile[i])
	}
	if err := w.deployed(ctx, q); err != nil {
		return Ledger{}, err
	}
	w.scout()
	if err := w.follow(ctx, q); err != nil {
		return Ledger{}, err
	}
	b := newBook()
	b.play(w.steps())
	b.named = w.named
	return Ledger{Resources: b.resources(in), Persistence: b.persistence(in), Unresolved: w.unresolved}, nil
}

func mark(e *evidence.Event) string { return e.Key() }

// writer gathers the events that the ledger is written from.
type writer struct {
	t       *Table
	in      Input
	hostile map[string]bool
	events  []evidence.Event
	kept    map[string]bool     // events of others, followed
	placed  map[string][]string // what the things hang on that an event of a set's made, by event
	watched map[string]bool     // keys whose later life matters
	calls   map[string]bool     // calls that can change one of them
	from    time.Time           // nothing before the intruder's first change matters
	docs    bool                // whether earlier documents are needed
	named   naming              // who names the things that count only once they are armed

	unresolved []Unresolved
}

// scout reads the hostile events once to learn what to look up. No document of before is
// known yet, nor needed: what a call plants may depend on one, which things it names does
// not.
func (w *writer) scout() {
	w.watched, w.calls = map[string]bool{}, map[string]bool{}
	for i := range w.events {
		e := &w.events[i]
		r, err := e.Parse()
		if err != nil {
			continue // steps says so
		}
		effects, _ := w.t.effects(newCall(e, r, w.in.Accounts), before{})
		for _, eff := range effects {
			w.docs = w.docs || eff.entry.weighs()
			if e.Outcome() == evidence.Failure || eff.entry.Does == doesTouch || eff.thing.thing.Unfollowed {
				continue
			}
			if w.from.IsZero() || e.Time.Before(w.from) {
				w.from = e.Time
			}
			w.named.await(&eff)
			keys := append([]string{eff.thing.key, eff.row.key}, eff.parents...)
			for _, k := range append(keys, eff.also...) {
				w.watched[k] = true
			}
			for th := eff.thing.thing; th != nil; th = w.t.things[th.parentName] {
				for _, call := range w.t.byType[th.name] {
					w.calls[call] = true
				}
			}
		}
	}
}

// weighs says whether what the entry plants depends on documents seen before.
func (e *entry) weighs() bool {
	return slices.ContainsFunc(e.Plants, func(p plant) bool {
		return slices.ContainsFunc(p.When, func(k condition) bool { return len(k.Managed) > 0 || k.Adds })
	})
}

// follow looks up what anybody did later to the things the intruder changed,
// and earlier documents where a change is judged against them.
func (w *writer) follow(ctx context.Context, q evidence.Querier) error {
	bySource := map[string][]string{}
	for _, call := range sortedKeys(w.calls) {
		source, name, _ := strings.Cut(call, ":")
		bySource[source] = append(bySource[source], name)
	}
	for _, source := range sortedKeys(bySource) {
		if err := w.collect(ctx, q, evidence.Query{From: w.from, Sources: []string{source}, Names: bySource[source], Body: true}, false); err != nil {
			return fmt.Errorf("look up later calls of %s: %w", source, err)
		}
	}
	if !w.docs {
		return nil
	}
	for _, call := range w.t.documents() {
		source, name, _ := strings.Cut(call, ":")
		if err := w.collect(ctx, q, evidence.Query{Sources: []string{source}, Names: []string{name}, Body: true}, true); err != nil {
			return fmt.Errorf("look up documents of %s: %w", call, err)
		}
	}
	return nil
}

// documents are the calls whose document a later call is judged against: those
// on things of which some entry asks what was added, and customer policies.
func (t *Table) documents() (out []string) {
	for _, call := range sortedKeys(t.calls) {
		if slices.ContainsFunc(t.calls[call], func(e *entry) bool {
			return len(e.Doc) > 0 && (t.judged[e.thing.name] || e.thing.Type == "AWS::IAM::ManagedPolicy")
		}) {
			out = append(out, call)
		}
	}
	return out
}

// collect keeps those events of a query that act on a watched thing.
func (w *writer) collect(ctx context.Context, q evidence.Querier, query evidence.Query, documents bool) error {
	for e, err := range q.Events(ctx, query) {
		if err != nil {
			return err
		}
		if w.hostile[mark(&e)] || e.Outcome() == evidence.Failure { // what failed changed the life of nothing
			continue
		}
		r, err := e.Parse()
		if err != nil {
			continue // it was understood once, by the decoder; its life is not ours to follow
		}
		effects, _ := w.t.effects(newCall(&e, r, w.in.Accounts), before{})
		if slices.ContainsFunc(effects, func(eff Effect) bool {
			return documents && eff.set || w.watched[eff.thing.key] || w.watched[eff.row.key]
		}) && !w.kept[mark(&e)] {
			w.kept[mark(&e)] = true
			w.events = append(w.events, e)
		}
	}
	return nil
}

// steps reads all events in order of time, each against what stood before it.
func (w *writer) steps() (out []step) {
	slices.SortFunc(w.events, func(a, b evidence.Event) int {
		if c := evidence.Compare(&a, &b); c != 0 {
			return c
		}
		return cmp.Compare(a.Fingerprint, b.Fingerprint)
	})
	prior := before{docs: map[string]string{}, policy: map[string]string{}}
	for i := range w.events {
		e := &w.events[i]
		ours := w.hostile[mark(e)] || w.in.Hostile != nil && w.in.Hostile(e)
		r, err := e.Parse()
		if err != nil {
			w.unresolved = append(w.unresolved, Unresolved{e.ID, e.Action(), "its record cannot be read"})
			continue
		}
		if ours {
			w.named.hear(e)
		}
		effects, unresolved := w.t.effects(newCall(e, r, w.in.Accounts), prior)
		// A call that failed for another reason than a refusal did nothing to
		// anything, and where it is throttled the record never names its target.
		if ours && unresolved != "" && (e.Outcome() == evidence.Success || refused.MatchString(e.ErrorCode)) {
			w.unresolved = append(w.unresolved, Unresolved{e.ID, e.Action(), unresolved})
		}
		for _, eff := range effects {
			eff.was = prior.docs[eff.thing.key]
			if eff.thing.thing.Within == "" { // what is within such a thing ends with it
				eff.parents = append(slices.Clone(eff.parents), w.placed[mark(e)]...)
			}
			failed := e.Outcome() == evidence.Failure
			out = append(out, step{ref: refOf(e), eff: eff, hostile: ours, failed: failed})
			if eff.set && !failed {
				prior.docs[eff.thing.key] = eff.doc
				prior.policy[eff.thing.show] = eff.doc
			}
		}
	}
	return out
}
