package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// fact is what the citations of an event are held against. It is small on purpose:
// a report may name hundreds of thousands of events, and all their facts are held
// at once. What needs the record reads it again, in chunks.
type fact struct {
	time        time.Time // UTC
	outcome     evidence.Outcome
	credentials []string
	keyless     bool // the record shows no access key
	turnedAway  bool // a sign-in that did not succeed: whoever tried did not have the password
}

// chunk bounds how many events, keys or principals one query names: a store's
// filter of this length is still quick, and what it yields streams.
const chunk = 20_000

// fetch reads every event that the report names, once and without its record. An
// id may lead to several events: copies that differ are all kept, and a statement
// holds if one of them bears it out.
func (c *check) fetch(ctx context.Context) error {
	c.events = map[string][]fact{}
	var others []string
	c.eachRef(func(ref string) {
		if id, ok := eventID(ref); ok {
			c.events[id] = nil // known to be named, not known to exist
		} else {
			others = append(others, ref)
		}
	})
	var err error
	// Observations are looked up by reference and not read: what they say is for the
	// claims to check.
	if c.seen, err = c.w.Sight(ctx, others); err != nil {
		return err
	}
	ids := make([]string, 0, len(c.events))
	for id := range c.events {
		ids = append(ids, id)
	}
	slices.Sort(ids) // maps have no order, and queries are to be the same each time
	for part := range slices.Chunk(ids, chunk) {
		for e, err := range c.w.Events.Events(ctx, evidence.Query{IDs: part}) {
			if err != nil {
				return fmt.Errorf("read cited events: %w", err)
			}
			c.events[e.ID] = append(c.events[e.ID], fact{e.Time.UTC(), e.Outcome(), claim.Credentials(&e), e.Identity.AccessKey == "", e.Name == "ConsoleLogin" && e.Outcome() == evidence.Failure})
		}
	}
	return nil
}

func anyFact(facts []fact, f func(fact) bool) bool { return slices.ContainsFunc(facts, f) }

// There is a third outcome, unknown: not succeeded(f) is not failed(f).
func succeeded(f fact) bool { return f.outcome == evidence.Success }
func failed(f fact) bool    { return f.outcome == evidence.Failure }

// extent is the first and the last moment; both are zero of no facts.
func extent(facts []fact) (first, last time.Time) {
	for i, f := range facts {
		if i == 0 || f.time.Before(first) {
			first = f.time
		}
		if i == 0 || f.time.After(last) {
			last = f.time
		}
	}
	return first, last
}

// same compares a time of the report with one of the evidence. The format is
// RFC 3339 in UTC; another spelling of the same moment is no lie.
func same(s string, t time.Time) bool {
	p, err := time.Parse(time.RFC3339, s)
	return err == nil && p.Equal(t)
}

// stamp writes a moment of the evidence into a problem, as the format would have it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// parse reads a time of the report, as strictly as same does.
func parse(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}
