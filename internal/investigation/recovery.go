package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// Recovery says of one thing that the intruder took away whether it can be had back.
type Recovery struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	What string `json:"what"` // what was lost, "objects deleted"
	// Outcome is kept (the thing itself keeps what was), copy (a copy was made and nothing
	// shows it gone), partly, pending (until Until), restored (somebody put it back), gone, or
	// unknown: the evidence does not say.
	Outcome string   `json:"outcome"`
	Until   string   `json:"until,omitempty"` // of what is pending; RFC 3339
	Events  []string `json:"events"`          // the calls that took it away
	Claims  []string `json:"claims"`          // what shows the outcome, and what bounds it
	Decides string   `json:"decides"`         // what would tell, or confirm, it
}

// maxRecovery bounds the list; what was touched is listed whole elsewhere.
const maxRecovery = 60

// loss is one thing that calls of one sort took away.
type loss struct {
	ledger.Lost
	calls []*detection.Subject
	told  map[*ledger.Way][]heard
	past  map[*ledger.Way]heard // what was set otherwise since, and lasts
}

// heard is what one call says of a way of a loss.
type heard struct {
	ledger.Said
	e *evidence.Event
}

// recovery asks of each thing that the intruder took away from its owner whether it can be had
// back: by the very calls, by what was set before, by copies made before, and by what a
// snapshot lists. What none of them tells is unknown, never gone.
func (in *inquiry) recovery(ctx context.Context) error {
	list := in.losses()
	list = list[:min(len(list), maxRecovery)]
	if err := in.before(ctx, list); err != nil {
		return err
	}
	ended, err := in.endedCopies(ctx, list)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, l := range list {
		if r := in.row(l.ID); seen[l.ID] && !l.Loss.Apart && r != nil && r.DeletesAt != "" {
			continue // disabled and set to be deleted: one thing, which waits
		}
		seen[l.ID] = true
		for _, s := range l.calls { // an object that is told of with its bucket
			for _, e := range in.o.Content.Ledger.Effects(s.Event, s.Record, in.res.Accounts...) {
				seen[e.ID] = true
			}
		}
		in.res.Recovery = append(in.res.Recovery, in.recoverable(l, ended))
	}
	in.otherwiseLost(seen)
	return nil
}

// losses are the things that hostile calls took away, in order of the first call. What the
// intruder had made is nobody's loss.
func (in *inquiry) losses() (out []*loss) {
	by, ids := map[string]*loss{}, map[string]bool{}
	for _, s := range in.hostile() {
		if s.Event.Outcome() != evidence.Success || ids[s.Event.ID] {
			continue // two contents of one id happened once
		}
		ids[s.Event.ID] = true
		for _, x := range in.o.Content.Ledger.Lost(s.Event, s.Record, in.res.Accounts...) {
			if in.theirOwn(x.ID, s) {
				continue
			}
			key := fmt.Sprintf("%s|%s", x.Loss.What, x.Key)
			l := by[key]
			if l == nil {
				l = &loss{Lost: x, told: map[*ledger.Way][]heard{}, past: map[*ledger.Way]heard{}}
				by[key] = l
				out = append(out, l)
			}
			l.calls = append(l.calls, in.subject(s.Event.ID))
		}
	}
	return out
}

// theirOwn says whether what a call took away was the intruder's own. An object that is written
// over looks like one of theirs, so that only its bucket tells.
func (in *inquiry) theirOwn(id string, s detection.Subject) bool {
	own := in.selfMade(s)
	if slices.ContainsFunc(in.o.Content.Ledger.Effects(s.Event, s.Record, in.res.Accounts...), func(e ledger.Effect) bool { return e.Effect == ledger.Created }) {
		own = false
	}
	return own || in.created[id]
}

// maxHeard bounds the calls that are told of one way: the last ones count.
const maxHeard = 3

// before gathers what calls of anybody's said of the ways before the things were lost, in
// one pass for each service.
func (in *inquiry) before(ctx context.Context, list []*loss) error {
	names := map[string]map[string]bool{}
	for _, l := range list {
		for _, w := range l.Loss.Ways {
			if w.From != ledger.FromSetting && w.From != ledger.FromCopy {
				continue
			}
			if names[w.Source] == nil {
				names[w.Source] = map[string]bool{}
			}
			for _, n := range w.Calls {
				names[w.Source][n] = true
			}
		}
	}
	for _, source := range keys(names) {
		for e, err := range in.q.Events(ctx, evidence.Query{Sources: []string{source}, Names: keys(names[source]), Body: true}) {
			if err != nil {
				return fmt.Errorf("read what was kept of what is lost: %w", err)
			}
			r, err := e.Parse()
			if err != nil || e.Outcome() != evidence.Success {
				continue
			}
			for _, l := range list {
				l.hear(&e, r, in.res.Accounts)
			}
		}
	}
	return nil
}

// hear takes in what a call of before says. A setting holds until the next of its calls, which
// may say something of another way.
func (l *loss) hear(e *evidence.Event, r evidence.Record, accounts []string) {
	if !e.Time.Before(l.calls[0].Event.Time) {
		return
	}
	for _, w := range l.Loss.Ways {
		if (w.From != ledger.FromSetting && w.From != ledger.FromCopy) || w.Source != e.Source || !slices.Contains(w.Calls, e.Name) {
			continue
		}
		if w.From == ledger.FromSetting && l.Loss.About(w, l.Key, e, r, accounts...) {
			if was := l.told[w]; len(was) > 0 && w.Lasts {
				l.past[w] = was[0]
			}
			l.told[w] = nil // set anew, to whatever
		}
		if s, ok := l.Loss.Told(w, l.Key, e, r, accounts...); ok {
			l.told[w] = append(l.told[w], heard{s, e})
			l.told[w] = l.told[w][max(0, len(l.told[w])-maxHeard):]
		}
	}
}

// endedCopies are the calls that took copies away, by the copy's name.
func (in *inquiry) endedCopies(ctx context.Context, list []*loss) (map[string]*evidence.Event, error) {
	ends := map[string]map[string]bool{}
	var ways []*ledger.Way
	for _, l := range list {
		for _, w := range l.Loss.Ways {
			for name := range w.Ends {
				if ends[w.Source] == nil {
					ends[w.Source] = map[string]bool{}
				}
				ends[w.Source][name] = true
			}
			if len(w.Ends) > 0 && !slices.Contains(ways, w) {
				ways = append(ways, w)
			}
		}
	}
	out := map[string]*evidence.Event{}
	for _, source := range keys(ends) {
		for e, err := range in.q.Events(ctx, evidence.Query{Sources: []string{source}, Names: keys(ends[source]), Body: true}) {
			if err != nil {
				return nil, fmt.Errorf("read what became of copies: %w", err)
			}
			r, err := e.Parse()
			if err != nil || e.Outcome() != evidence.Success {
				continue
			}
			for _, w := range ways {
				if name := w.EndedBy(&e, r, in.res.Accounts...); name != "" {
					out[copyKey(&e, name)] = &e
				}
			}
		}
	}
	return out, nil
}

// copyKey is one copy, however it is named: names of copies are unique in account and region.
func copyKey(e *evidence.Event, name string) string {
	return e.Account + "|" + e.Region + "|" + name[strings.LastIndexAny(name, ":/")+1:]
}

// otherwiseLost are the things that are gone and of which content knows no way back: to say
// nothing of them would look like an answer.
func (in *inquiry) otherwiseLost(seen map[string]bool) {
	for i := range in.res.Resources {
		r := &in.res.Resources[i]
		if seen[r.ID] || len(in.res.Recovery) == maxRecovery || slices.Contains(r.Effect, ledger.Created) || !slices.Contains(r.Effect, ledger.Deleted) && r.DeletesAt == "" {
			continue
		}
		out := Recovery{ID: r.ID, Type: r.Type, What: "deleted", Outcome: ledger.Unknown, Events: []string{}, Claims: []string{},
			Decides: "Whoever made it knows whether its definition or a copy is kept elsewhere: AWS keeps none that a call would show."}
		for _, id := range r.ByEvent {
			if s := in.subject(id); s != nil && s.Event.Outcome() == evidence.Success && !s.Event.ReadOnly {
				out.Events = append(out.Events, id)
			}
		}
		out.Events = out.Events[:min(len(out.Events), maxEvidence)]
		if len(out.Events) == 0 {
			continue
		}
		if r.DeletesAt != "" {
			out.What = "set to be deleted"
		}
		in.stands(r, &out)
		in.res.Recovery = append(in.res.Recovery, out)
	}
}
