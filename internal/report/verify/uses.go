package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// watch is what must turn up among the events of one credential. Events stream
// past and are not kept, so each watch ticks off what it was waiting for.
type watch struct {
	index       int // of the row in report.Credentials; two rows may have one id
	first, last time.Time
	sawFirst    bool            // also true from the start where no first use is stated
	sawLast     bool            // likewise
	networks    map[string]bool // false until seen
}

// newWatch reads what a row says of the use of its credential.
func (c *check) newWatch(i int) *watch {
	x := c.r.Credentials[i]
	wt := &watch{index: i, networks: map[string]bool{}}
	for _, n := range slices.Concat(x.Networks, x.Hostile) {
		wt.networks[n] = false
	}
	wt.first, wt.sawFirst = c.moment(i, "first_seen", x.FirstSeen)
	wt.last, wt.sawLast = c.moment(i, "last_seen", x.LastSeen)
	if !wt.sawFirst && !wt.sawLast && wt.last.Before(wt.first) {
		c.problem(at("credentials", i, "last_seen"), x.ID, "the last use is before the first")
	}
	return wt
}

// moment reads a time of use; an empty one has nothing to be seen, and neither has
// one that is no time, of which the problem is told here.
func (c *check) moment(i int, member, s string) (t time.Time, nothing bool) {
	if s == "" {
		return t, true
	}
	t, ok := parse(s)
	if !ok {
		c.problem(at("credentials", i, member), c.r.Credentials[i].ID, "%q is no time", s)
	}
	return t, !ok
}

// stream shows the events of a query to the watches on their credentials. An event
// may bear several ids (the key, and the session it belongs to), and its network
// may be named as the event has it, as a prefix, or as the bare address.
func (c *check) stream(ctx context.Context, q evidence.Query, byID map[string][]*watch) error {
	for e, err := range c.w.Events.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read the events of credentials: %w", err)
		}
		for _, id := range claim.Credentials(&e) {
			for _, wt := range byID[id] {
				wt.sawFirst = wt.sawFirst || e.Time.Equal(wt.first)
				wt.sawLast = wt.sawLast || e.Time.Equal(wt.last)
				for _, n := range []string{e.Network(), evidence.Network(e.SourceIP), e.SourceIP} {
					if _, ok := wt.networks[n]; ok {
						wt.networks[n] = true
					}
				}
			}
		}
	}
	return nil
}

// unseen reports what no event bore out. A credential that was issued and
// never used may carry the time of its issue.
func (c *check) unseen(wt *watch) {
	x := c.r.Credentials[wt.index]
	issued := func(t time.Time) bool {
		return x.IssuedBy != nil && anyFact(c.events[x.IssuedBy.Event], func(f fact) bool { return f.time.Equal(t) })
	}
	if !wt.sawFirst && !issued(wt.first) {
		c.problem(at("credentials", wt.index, "first_seen"), x.ID, "no event of the credential is at %q", x.FirstSeen)
	}
	if !wt.sawLast && !issued(wt.last) {
		c.problem(at("credentials", wt.index, "last_seen"), x.ID, "no event of the credential is at %q", x.LastSeen)
	}
	for k, n := range x.Networks {
		if !wt.networks[n] {
			c.problem(at("credentials", wt.index, "networks", k), x.ID, "no event of the credential came from %q", n)
		}
	}
	for k, n := range x.Hostile {
		if !wt.networks[n] {
			c.problem(at("credentials", wt.index, "hostile_networks", k), x.ID, "no event of the credential came from %q", n)
		}
	}
}
