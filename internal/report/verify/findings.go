package verify

import (
	"context"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
)

// actors is the closed vocabulary of `attribution[].actor`.
var actors = []attribution.Actor{attribution.Intruder, attribution.LikelyIntruder, attribution.Undetermined, attribution.Owner, attribution.Service, attribution.Responder}

// attribution: the row's credential is the event's own, or "" where the event
// shows none. Who the actor is, is a conclusion: only its word is checked here, and
// the claims that rest on it are run elsewhere.
func (c *check) attribution(context.Context) error {
	for i, a := range c.r.Attribution {
		where := at("attribution", i)
		facts := c.event(where+"/event", a.Event)
		if !slices.Contains(actors, a.Actor) {
			c.problem(where+"/actor", a.Event, "%q is no actor", a.Actor)
		}
		if len(facts) > 0 && !anyFact(facts, func(f fact) bool {
			return slices.Contains(f.credentials, a.Credential) || a.Credential == "" && f.keyless
		}) {
			c.problem(where+"/credential", a.Event, "the event was not made with %q", a.Credential)
		}
	}
	return nil
}

// findings: the evidence exists and spans exactly what the finding says.
func (c *check) findings(context.Context) error {
	for i, f := range c.r.Findings {
		where := at("findings", i)
		facts := c.mustFollow(where+"/evidence", f.Evidence, "the finding")
		c.claimRefs(where+"/claims", f.Claims)
		// That the evidence is not there is told already; a time that nothing bears
		// out would say the same again.
		if len(facts) == 0 {
			continue
		}
		first, last := extent(facts)
		if !same(f.First, first) {
			c.problem(where+"/first", f.ID, "the first event of its evidence is at %s, not %q", stamp(first), f.First)
		}
		if !same(f.Last, last) {
			c.problem(where+"/last", f.ID, "the last event of its evidence is at %s, not %q", stamp(last), f.Last)
		}
		switch f.Outcome {
		case "succeeded":
			if !anyFact(facts, succeeded) {
				c.problem(where+"/outcome", f.ID, "the finding succeeded, and every event under it failed")
			}
		case "attempted", "mixed": // modest: a part that succeeded makes neither false
		default:
			c.problem(where+"/outcome", f.ID, "%q is no outcome", f.Outcome)
		}
	}
	return nil
}
