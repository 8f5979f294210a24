package verify

import (
	"context"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/report"
)

// inventory checks the lists of what the intruder touched, left and hit, then what
// was alerted on, judged benign, and cited by the playbook and the hypotheses. One
// rule runs through it: a row that says that something came about needs a call that
// succeeded, for what was only tried is never a result.
func (c *check) inventory(context.Context) error {
	c.resources()
	c.persistence()
	c.doubtful()
	c.impact()
	c.recovery()
	c.indicators()
	c.supplied()
	for i, a := range c.r.Alerts {
		c.follow(at("alerts", i, "events"), a.Events)
	}
	for i, b := range c.r.Benign {
		c.follow(at("benign", i, "events"), b.Events)
	}
	c.flow()
	return nil
}

// resources: what was touched was touched by calls that are there.
func (c *check) resources() {
	for i, x := range c.r.AffectedResources {
		where := at("affected_resources", i)
		facts := c.mustFollow(where+"/by_event", x.ByEvent, "the resource")
		c.follow(where+"/state_evidence", x.StateEvidence)
		if len(facts) > 0 && !anyFact(facts, succeeded) && slices.ContainsFunc(x.Effect, func(e string) bool { return e != "attempted" }) {
			c.problem(where+"/effect", x.ID, "every call failed, so the effect can only be \"attempted\", not %q", strings.Join(x.Effect, ", "))
		}
	}
}

// persistence: what was left behind was made by calls that succeeded, or stood before, and
// then something else must show it; what is gone is gone by evidence.
func (c *check) persistence() {
	judged := report.Judged(c.r.Attribution)
	for i, p := range c.r.Persistence {
		where := at("persistence", i)
		// What stood before the evidence begins has no event that made it, but then
		// a snapshot must show it.
		if len(p.Events) == 0 {
			c.mustFollow(where+"/evidence", p.Evidence, "the persistence")
		} else {
			c.follow(where+"/evidence", p.Evidence)
		}
		facts := c.follow(where+"/events", p.Events)
		c.follow(where+"/state_evidence", p.StateEvidence)
		c.later(where, p, judged)
		switch p.Status {
		case "live", "removed": // "removed" too: what never came about cannot be removed
			if len(facts) > 0 && !anyFact(facts, succeeded) {
				c.problem(where+"/status", p.ID, "the status is %q, and every call that would have made it failed", p.Status)
			}
			if p.Status == "removed" && len(p.StateEvidence) == 0 {
				c.problem(where+"/status", p.ID, "it is removed by no evidence")
			}
		case "attempted": // copies of one event may differ, so a failure among them excuses it
			if anyFact(facts, succeeded) && !anyFact(facts, failed) {
				c.problem(where+"/status", p.ID, "the status is \"attempted\", and the calls succeeded")
			}
		case "unknown":
		default:
			c.problem(where+"/status", p.ID, "%q is no status", p.Status)
		}
	}
}

// doubtful: what calls of nobody's left was made by calls that succeeded, that the report
// itself puts down to nobody, and that a claim tells of.
func (c *check) doubtful() {
	judged := report.Judged(c.r.Attribution)
	for i, u := range c.r.Doubtful {
		where := at("doubtful", i)
		c.claimRefs(where+"/claims", u.Claims)
		facts := c.mustFollow(where+"/events", u.Events, "what is undecided")
		if len(facts) > 0 && !anyFact(facts, succeeded) {
			c.problem(where+"/events", u.ID, "every call that would have made it failed")
		}
		if u.Status != ledger.Live && u.Status != ledger.Unknown {
			c.problem(where+"/status", u.ID, "%q is no status of something that may be there", u.Status)
		}
		for k, id := range u.Events {
			if a := judged[id].Actor; a != attribution.Undetermined {
				c.problem(where+at("events", k), id, "the call is held to be nobody's, and by the attribution its actor is %q", a)
			}
		}
	}
}

// later: what is said to have removed a thing is what shows that it is gone, and its uses
// are calls that the report holds against an intruder.
func (c *check) later(where string, p ledger.Persistence, judged map[string]attribution.Row) {
	for k, l := range p.Later {
		here := where + at("later", k)
		c.follow(here+"/events", l.Events)
		for _, id := range l.Events {
			switch {
			case l.What == "removed" && (p.Status != ledger.Removed || !slices.Contains(p.StateEvidence, "event:"+id)):
				c.problem(here+"/events", id, "nothing else of the row says that this call removed it")
			// Who removed a way back decides whether it was cleaned up or covered
			// up.
			case l.What == "removed" && l.Actor != string(judged[id].Actor):
				c.problem(here+"/actor", id, "the actor is %q, and by the attribution %q", l.Actor, judged[id].Actor)
			case l.What == "used" && !judged[id].Actor.Hostile():
				c.problem(here+"/events", id, "the use is not attributed to an intruder")
			}
		}
	}
}

// indicators are what somebody blocks or reports: each must be named by a claim of its
// own, which is checked like any other and stands on the intruder's calls.
func (c *check) indicators() {
	for i, x := range c.r.Indicators {
		where := at("indicators", i)
		c.claimRefs(where+"/claims", x.Claims)
		// An address that no claim names would be blocked on nobody's word.
		if !slices.ContainsFunc(x.Claims, func(id string) bool { return x.Value != "" && strings.Contains(c.claimText[id], x.Value) }) {
			c.problem(where+"/value", x.Value, "no claim of the row names it")
		}
	}
}

// supplied: the alert is in the evidence, and the answer given to it fits what the report
// itself says of the calls that it names. Those are the hostile ones first, so that an
// answer other than "intruder" may name none of them. How many calls there are beyond
// those named is not counted again.
func (c *check) supplied() {
	findings := map[string]bool{}
	for _, f := range c.r.Findings {
		findings[f.ID] = true
	}
	judged := report.Judged(c.r.Attribution)
	for i, a := range c.r.Supplied {
		where := at("supplied_alerts", i)
		c.one(where+"/ref", a.Ref)
		c.follow(where+"/events", a.Events)
		for k, id := range a.Findings {
			if !findings[id] {
				c.problem(where+at("findings", k), id, "there is no finding %q in the report", id)
			}
		}
		hostile := slices.ContainsFunc(a.Events, func(id string) bool { return judged[id].Actor.Hostile() })
		if hostile != (a.Answer == investigation.AlertHostile) {
			c.problem(where+"/answer", a.Ref, "the answer is %q, and of the calls named %s attributed to an intruder", a.Answer, map[bool]string{true: "some are", false: "none is"}[hostile])
		}
	}
}

// recovery: what was taken away was taken by successful calls that the report holds against an
// intruder, and an outcome that somebody will rely on is shown by a claim.
func (c *check) recovery() {
	judged := report.Judged(c.r.Attribution)
	state := map[string]ledger.Resource{}
	for _, r := range c.r.AffectedResources {
		state[r.ID] = r
	}
	for i, x := range c.r.Recovery {
		where := at("recovery", i)
		c.claimRefs(where+"/claims", x.Claims)
		if facts := c.mustFollow(where+"/events", x.Events, "what was taken away"); len(facts) > 0 && !anyFact(facts, succeeded) {
			c.problem(where+"/events", x.ID, "every call that would have taken it away failed")
		}
		for k, id := range x.Events {
			if !judged[id].Actor.Hostile() {
				c.problem(where+at("events", k), id, "the call is not attributed to an intruder")
			}
		}
		switch x.Outcome {
		case ledger.Kept, ledger.HasCopy, ledger.Partly, ledger.Gone:
			if len(x.Claims) == 0 {
				c.problem(where+"/outcome", x.ID, "the outcome is %q, and no claim shows it", x.Outcome)
			}
		case ledger.Pending:
			// Somebody will act by this date: it must be the one that the calls
			// gave.
			if x.Until == "" || state[x.ID].DeletesAt != x.Until {
				c.problem(where+"/until", x.ID, "it is pending until %q, and by the row of the resource until %q", x.Until, state[x.ID].DeletesAt)
			}
		case ledger.Restored:
			if state[x.ID].StateNow != ledger.Restored {
				c.problem(where+"/outcome", x.ID, "it was put back, and by the row of the resource it is %q", state[x.ID].StateNow)
			}
		case ledger.Unknown:
		default:
			c.problem(where+"/outcome", x.ID, "%q is no outcome", x.Outcome)
		}
	}
}

// impact: each row rests on calls, says what a claim says, and names limits that are there.
func (c *check) impact() {
	for i, m := range c.r.Impact {
		where := at("impact", i)
		if m.Level == "not_covered" {
			c.follow(where+"/evidence", m.Evidence)
		} else if facts := c.mustFollow(where+"/evidence", m.Evidence, "the impact"); len(facts) > 0 && !anyFact(facts, succeeded) && m.Level != "excluded" {
			c.problem(where+"/level", "", "an impact is %s, and every call under it failed", m.Level)
		}
		// What is only possible is judged from permissions and prices, and no event says it.
		if m.Level != "not_covered" && m.Level != "possible" {
			c.said(where+"/text", m.Text)
		}
		for k, id := range m.Coverage {
			if !c.limits[id] {
				c.problem(at("impact", i, "coverage", k), id, "there is no limit %q in the report", id)
			}
		}
	}
}
