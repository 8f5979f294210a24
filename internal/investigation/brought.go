package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// brought is something that the case tells of, and the calls of one principal that can have
// brought it about.
type brought struct {
	what   string
	cost   bool
	arn    string
	events []string

	acts []callSort // filled in once the verdict is near
}

// callSort is one call of a principal's, as often as it was made from the first to the last
// of those that were found.
type callSort struct {
	first, last evidence.Event
	n           int
}

// maxBrought bounds what is told of a case in which nothing is held against anybody: sorts of
// calls of one principal, and principals.
const maxBrought = 8

// bring takes note of who did what the case tells of: what they did to a thing that it
// names, where it names one.
func (in *inquiry) bring(what string, cost bool, d doer) {
	events := d.named
	if len(events) == 0 {
		events = d.events
	}
	if len(events) > 0 && len(in.brought) < maxBrought {
		in.brought = append(in.brought, brought{what: what, cost: cost, arn: d.arn, events: events})
	}
}

// boughtBy is who started what costs, "" if nobody is known to have.
func (in *inquiry) boughtBy() string {
	for _, b := range in.brought {
		if b.cost {
			return b.arn
		}
	}
	return ""
}

// broughtAbout reads what was found of what the case tells of, so that a case without an intruder
// still says which calls there were, whose, when and how many, and asks about what costs. What
// is told of is counted over all the evidence, as the check of the claim will count it.
func (in *inquiry) broughtAbout(ctx context.Context) error {
	if n := in.tally(); n.certain > 0 || n.likely > 0 && in.acted() {
		return nil // an incident tells of what was done by itself
	}
	asked := map[string]bool{}
	for i := range in.brought {
		b := &in.brought[i]
		of := map[string]*callSort{}
		for e, err := range in.q.Events(ctx, evidence.Query{IDs: b.events}) {
			if err != nil {
				return fmt.Errorf("read what the case tells of: %w", err)
			}
			if s := of[e.Action()]; s == nil {
				of[e.Action()] = &callSort{first: e, last: e}
			} else {
				s.last = e
			}
		}
		for _, action := range first(keys(of), maxBrought) {
			s := of[action]
			q := evidence.Query{Sources: []string{s.first.Source}, Names: []string{s.first.Name}, From: s.first.Time, To: s.last.Time.Add(time.Second)}
			for e, err := range in.q.Events(ctx, q) {
				if err != nil {
					return fmt.Errorf("count what the case tells of: %w", err)
				}
				if e.Outcome() == evidence.Success && e.Identity.ARN == b.arn {
					s.n++
				}
			}
			b.acts = append(b.acts, *s)
		}
		if b.cost && len(b.acts) > 0 && !asked[b.arn] && !in.foretold(b.events[0]) {
			asked[b.arn] = true
			in.res.Open = append(in.res.Open, fmt.Sprintf("%s started what can cost that: %s (first event %s). Whoever works as it must say whether that was meant.",
				b.arn, and(in.actionsOf(b)), b.events[0]))
		}
	}
	return nil
}

// actionsOf names the calls.
func (in *inquiry) actionsOf(b *brought) (out []string) {
	for _, s := range b.acts {
		out = append(out, s.first.Action())
	}
	return out
}

// calledAs names who made a call; one of many who enter a role through a directory by the
// session, which is theirs alone.
func calledAs(e *evidence.Event) string {
	id := e.Identity
	if session := id.SessionName(); id.Type == "AssumedRole" && session != "" && strings.HasPrefix(id.IssuerName, evidence.PermissionSetRole) {
		return "`" + session + "` in role `" + id.IssuerName + "`"
	}
	return id.Called()
}

// broughtClaims says of each principal which such calls it made, how many and when.
func (in *inquiry) broughtClaims() (out []string) {
	for _, b := range in.brought {
		for _, s := range b.acts {
			if s.n == 0 {
				continue // the caller's ARN is not what a claim could count by
			}
			times := fmt.Sprintf("%d times", s.n)
			if s.n == 1 {
				times = "once"
			}
			window := claim.Interval{From: stamp(s.first.Time), To: stamp(s.last.Time.Add(time.Second))}
			text := fmt.Sprintf("%s called %s %s %s.", upperFirst(calledAs(&s.first)), s.first.Action(), times, span(s.first.Time, s.last.Time))
			filter := claim.Filter{"action": s.first.Action(), "principal": b.arn, "outcome": "success"}
			id := in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Value: s.n, Window: &window}, slices.Compact(cite(s.first.ID, s.last.ID)), "A")
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}
