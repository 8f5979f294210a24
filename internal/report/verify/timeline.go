package verify

import (
	"context"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// timeline: each line agrees with its event in time, outcome and caption, and
// with the attribution in its actor.
func (c *check) timeline(ctx context.Context) error {
	findings := map[string]bool{"": true} // a line need not belong to a finding
	for _, f := range c.r.Findings {
		findings[f.ID] = true
	}
	actorOf := map[string][]string{}
	for _, a := range c.r.Attribution {
		actorOf[a.Event] = append(actorOf[a.Event], string(a.Actor))
	}
	lines := map[string][]int{} // event id → positions of its lines
	var ids []string
	for i, t := range c.r.Timeline {
		where := at("timeline", i)
		facts := c.event(where+"/event", t.Event)
		if len(facts) == 0 {
			continue
		}
		if !anyFact(facts, func(f fact) bool { return same(t.At, f.time) }) {
			c.problem(where+"/at", t.Event, "the event is at %s, not %q", stamp(facts[0].time), t.At)
		}
		if !anyFact(facts, func(f fact) bool { return string(f.outcome) == t.Outcome }) {
			c.problem(where+"/outcome", t.Event, "the outcome of the event is %s, not %q", facts[0].outcome, t.Outcome)
		}
		if !findings[t.Finding] {
			c.problem(where+"/finding", t.Finding, "there is no finding %q in the report", t.Finding)
		}
		// Copies of one event may be judged apart: the line may say either.
		if who := actorOf[t.Event]; len(who) > 0 && !slices.Contains(who, t.Actor) {
			c.problem(where+"/actor", t.Event, "the event is attributed to %s, not to %q", who[0], t.Actor)
		}
		if len(lines[t.Event]) == 0 {
			ids = append(ids, t.Event)
		}
		lines[t.Event] = append(lines[t.Event], i)
	}
	return c.captions(ctx, ids, lines)
}

// captions reads the records of the timeline's events and holds each line's text
// against its own. ids are the keys of lines, in the order of the document.
func (c *check) captions(ctx context.Context, ids []string, lines map[string][]int) error {
	for part := range slices.Chunk(ids, chunk/4) { // with their records: those are large
		agrees := map[int]error{}
		for e, err := range c.w.Events.Events(ctx, evidence.Query{IDs: part, Body: true}) {
			if err != nil {
				return fmt.Errorf("read the events of the timeline: %w", err)
			}
			for _, i := range lines[e.ID] {
				// Of two copies of one event, one must bear the caption.
				if err, ok := agrees[i]; !ok || err != nil {
					agrees[i] = claim.TokensAgree(c.r.Timeline[i].Text, e)
				}
			}
		}
		for i, err := range agrees {
			if err != nil {
				c.problem(at("timeline", i, "text"), c.r.Timeline[i].Event, "%s", err)
			}
		}
	}
	return nil
}
