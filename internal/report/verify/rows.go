package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

var actors = []attribution.Actor{attribution.Intruder, attribution.LikelyIntruder, attribution.Undetermined, attribution.Owner, attribution.Service, attribution.Responder}

// attribution: the row's credential is the event's own, or "" where the event
// shows none.
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
		case "attempted", "mixed":
		default:
			c.problem(where+"/outcome", f.ID, "%q is no outcome", f.Outcome)
		}
	}
	return nil
}

// timeline: each line agrees with its event in time, outcome and caption, and
// with the attribution in its actor.
func (c *check) timeline(ctx context.Context) error {
	findings := map[string]bool{"": true}
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
		if who := actorOf[t.Event]; len(who) > 0 && !slices.Contains(who, t.Actor) {
			c.problem(where+"/actor", t.Event, "the event is attributed to %s, not to %q", who[0], t.Actor)
		}
		if len(lines[t.Event]) == 0 {
			ids = append(ids, t.Event)
		}
		lines[t.Event] = append(lines[t.Event], i)
	}
	for part := range slices.Chunk(ids, chunk/4) { // records are large
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

// inventory checks resources, persistence, impact and what was judged benign.
func (c *check) inventory(context.Context) error {
	for i, x := range c.r.AffectedResources {
		where := at("affected_resources", i)
		facts := c.mustFollow(where+"/by_event", x.ByEvent, "the resource")
		c.follow(where+"/state_evidence", x.StateEvidence)
		if len(facts) > 0 && !anyFact(facts, succeeded) && slices.ContainsFunc(x.Effect, func(e string) bool { return e != "attempted" }) {
			c.problem(where+"/effect", x.ID, "every call failed, so the effect can only be \"attempted\", not %q", strings.Join(x.Effect, ", "))
		}
	}
	for i, p := range c.r.Persistence {
		where := at("persistence", i)
		if len(p.Events) == 0 {
			c.mustFollow(where+"/evidence", p.Evidence, "the persistence")
		} else {
			c.follow(where+"/evidence", p.Evidence)
		}
		facts := c.follow(where+"/events", p.Events)
		c.follow(where+"/state_evidence", p.StateEvidence)
		switch p.Status {
		case "live", "removed":
			if len(facts) > 0 && !anyFact(facts, succeeded) {
				c.problem(where+"/status", p.ID, "the status is %q, and every call that would have made it failed", p.Status)
			}
		case "attempted":
			if anyFact(facts, succeeded) && !anyFact(facts, failed) {
				c.problem(where+"/status", p.ID, "the status is \"attempted\", and the calls succeeded")
			}
		case "unknown":
		default:
			c.problem(where+"/status", p.ID, "%q is no status", p.Status)
		}
	}
	for i, m := range c.r.Impact {
		where := at("impact", i)
		if m.Level == "not_covered" {
			c.follow(where+"/evidence", m.Evidence)
		} else if facts := c.mustFollow(where+"/evidence", m.Evidence, "the impact"); len(facts) > 0 && !anyFact(facts, succeeded) && m.Level != "excluded" {
			c.problem(where+"/level", "", "an impact is %s, and every call under it failed", m.Level)
		}
		for k, id := range m.Coverage {
			if !c.limits[id] {
				c.problem(at("impact", i, "coverage", k), id, "there is no limit %q in the report", id)
			}
		}
	}
	for i, a := range c.r.Alerts {
		c.follow(at("alerts", i, "events"), a.Events)
	}
	for i, b := range c.r.Benign {
		c.follow(at("benign", i, "events"), b.Events)
	}
	c.flow()
	return nil
}

// plan: containment rests on claims of the report, and never turns against
// those who own or defend the account.
func (c *check) plan(context.Context) error {
	friends := map[string]string{}
	for _, p := range c.r.Principals {
		if p.ARN != "" && (p.RoleInCase == "owner" || p.RoleInCase == "responder" || p.RoleInCase == "service") {
			friends[p.ARN] = p.RoleInCase
		}
	}
	for _, p := range c.r.Principals { // one who is also something else in the case is no mere friend
		if friends[p.ARN] != "" && p.RoleInCase != friends[p.ARN] {
			delete(friends, p.ARN)
		}
	}
	for i, s := range c.r.Containment {
		where := at("containment", i)
		c.claimRefs(where+"/why", s.Why)
		if role := friends[s.Target]; role != "" && s.Phase != "preserve" {
			c.problem(where+"/target", s.Target, "the step acts against a principal whose part in the case is %s", role)
		}
	}
	return nil
}

func parse(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}
