package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// fact is what the citations of an event are held against.
type fact struct {
	time        time.Time
	outcome     evidence.Outcome
	credentials []string
	keyless     bool // the record shows no access key
}

// chunk bounds how many events are fetched by one query.
const chunk = 20_000

// fetch reads every event that the report names, once and without its record.
func (c *check) fetch(ctx context.Context) error {
	c.events = map[string][]fact{}
	var others []string
	c.eachRef(func(ref string) {
		if id, ok := eventID(ref); ok {
			c.events[id] = nil
		} else {
			others = append(others, ref)
		}
	})
	var err error
	if c.seen, err = c.w.Sight(ctx, others); err != nil {
		return err
	}
	ids := make([]string, 0, len(c.events))
	for id := range c.events {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, chunk) {
		for e, err := range c.w.Events.Events(ctx, evidence.Query{IDs: part}) {
			if err != nil {
				return fmt.Errorf("read cited events: %w", err)
			}
			c.events[e.ID] = append(c.events[e.ID], fact{e.Time.UTC(), e.Outcome(), claim.Credentials(&e), e.Identity.AccessKey == ""})
		}
	}
	return nil
}

// eachRef yields every reference that stands anywhere in the report outside the
// claims, which have a check of their own.
func (c *check) eachRef(yield func(string)) {
	refs := func(lists ...[]string) {
		for _, list := range lists {
			for _, ref := range list {
				yield(ref)
			}
		}
	}
	r := c.r
	for _, a := range r.Attribution {
		yield(a.Event)
	}
	for _, x := range r.Credentials {
		refs(x.StateEvidence)
		if x.IssuedBy != nil && x.IssuedBy.Event != "" {
			yield(x.IssuedBy.Event)
		}
	}
	for _, q := range r.Questions {
		refs(q.ContradictedBy)
	}
	for _, f := range r.Findings {
		refs(f.Evidence)
	}
	for _, t := range r.Timeline {
		yield(t.Event)
	}
	for _, x := range r.AffectedResources {
		refs(x.ByEvent, x.StateEvidence)
	}
	for _, p := range r.Persistence {
		refs(p.Events, p.Evidence, p.StateEvidence)
	}
	for _, i := range r.Impact {
		refs(i.Evidence)
	}
	for _, a := range r.Alerts {
		refs(a.Events)
	}
	for _, b := range r.Benign {
		refs(b.Events)
	}
	for _, h := range r.Hypotheses {
		refs(h.SetAside)
	}
	r.EachFlow(func(list []string) {
		for _, ref := range list {
			if !strings.HasPrefix(ref, "limit:") {
				refs([]string{ref})
			}
		}
	})
}

// eventID reads a reference: "event:<id>", or the bare id that some lists hold.
func eventID(ref string) (string, bool) {
	if id, ok := strings.CutPrefix(ref, "event:"); ok {
		return id, id != ""
	}
	for _, other := range []string{"snapshot:", "alert:", "cost:", "flow:"} {
		if strings.HasPrefix(ref, other) {
			return "", false
		}
	}
	return ref, ref != ""
}

// follow checks a list of references and returns the facts they lead to.
func (c *check) follow(where string, refs []string) []fact {
	var out []fact
	for i, ref := range refs {
		c.stats.Citations++
		id, ok := eventID(ref)
		switch {
		case !ok && c.seen.Holds(ref):
		case !ok:
			c.stats.Broken++
			c.problem(at(where[1:], i), ref, "the reference leads to nothing in the evidence")
		case len(c.events[id]) == 0:
			c.stats.Broken++
			c.problem(at(where[1:], i), ref, "there is no event %s in the evidence", id)
		default:
			out = append(out, c.events[id]...)
		}
	}
	return out
}

// mustFollow also demands that there is a reference at all.
func (c *check) mustFollow(where string, refs []string, what string) []fact {
	if len(refs) == 0 {
		c.problem(where, "", "%s names no evidence", what)
	}
	return c.follow(where, refs)
}

// event follows one event id of a row.
func (c *check) event(where, id string) []fact {
	c.stats.Citations++
	if len(c.events[id]) == 0 {
		c.stats.Broken++
		c.problem(where, id, "there is no event %q in the evidence", id)
	}
	return c.events[id]
}

func anyFact(facts []fact, f func(fact) bool) bool { return slices.ContainsFunc(facts, f) }

func succeeded(f fact) bool { return f.outcome == evidence.Success }
func failed(f fact) bool    { return f.outcome == evidence.Failure }

// extent is the first and the last moment.
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

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
