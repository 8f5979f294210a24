package sigma

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Result is what the rules had to say.
// What was bounded away is counted in it: a run that says nothing must not look like one that
// saw nothing.
type Result struct {
	Alerts     []Alert       // by time, then rule, then event
	Events     int           // events looked at
	Unreadable []string      // ids of events whose record could not be read: no rule has seen them; the first 100
	Unread     int           // how many of those there were
	Dropped    map[*Rule]int // matches beyond the bounds, by rule
}

// hit is one match of one rule, with the fields that correlations ask of it.
// Fields are kept instead of the record: a rule may match half a million events.
type hit struct {
	at     time.Time
	id     string // of the event; of the last one of a correlation
	rule   *Rule
	fields map[string][]string
	parts  []hit // what a correlation was made of
}

// Run holds every event against the rules. Events need their Body; their order
// does not matter.
// A record that cannot be read is counted and not passed over in silence: no rule has seen it.
func (p *Pack) Run(ctx context.Context, events iter.Seq2[evidence.Event, error]) (*Result, error) {
	res := &Result{Dropped: map[*Rule]int{}}
	hits := map[*Rule][]hit{}
	alerts := map[*Rule]int{}
	var rules []int
	for e, err := range events {
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		if res.Events++; res.Events%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// The columns are the record's own words, so that most records need not
		// be parsed.
		// RawName, as Sigma's rules write the name that the record has, with its version.
		if rules = p.candidates(rules[:0], e.RawName, e.Source); len(rules) == 0 {
			continue
		}
		record, err := e.Parse()
		if err != nil {
			if res.Unread++; len(res.Unreadable) < 100 {
				res.Unreadable = append(res.Unreadable, e.ID)
			}
			continue
		}
		for _, n := range rules {
			r := p.plain[n]
			if !r.when.eval(record) {
				continue
			}
			if r.feeds {
				if len(hits[r]) < maxHits {
					hits[r] = append(hits[r], hit{at: e.Time, id: e.ID, rule: r, fields: take(p.wanted[r], record)})
				} else {
					res.Dropped[r]++
				}
			}
			if r.silent {
				continue
			}
			if alerts[r]++; alerts[r] > MaxAlerts {
				res.Dropped[r]++
				continue
			}
			res.Alerts = append(res.Alerts, Alert{Rule: r, At: e.Time, Events: []string{e.ID}, Total: 1})
		}
	}
	if err := p.correlate(ctx, hits, res); err != nil {
		return nil, err
	}
	// Events may have come in any order; alerts never do.
	slices.SortStableFunc(res.Alerts, func(a, b Alert) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Rule.Path, b.Rule.Path), cmp.Compare(a.Rule.Line, b.Rule.Line),
			slices.Compare(a.Events, b.Events), slices.Compare(a.Group, b.Group))
	})
	slices.Sort(res.Unreadable)
	return res, nil
}

// take reads the fields that correlations want, as text.
// A field with more values than the bound keeps the first; CloudTrail's lists that rules group
// by are short.
func take(want []path, record map[string]any) map[string][]string {
	out := make(map[string][]string, len(want))
	for _, p := range want {
		var texts []string
		for _, v := range p.values(nil, record) {
			if len(texts) == maxValues {
				break
			}
			texts = append(texts, text(v))
		}
		out[p.String()] = texts
	}
	return out
}
