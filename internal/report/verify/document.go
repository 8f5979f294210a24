package verify

import (
	"context"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// document checks what concerns the whole: the schema, the verdict, the scope,
// the questions, and references by id.
func (c *check) document(context.Context) error {
	r := c.r
	if r.Schema != report.Schema {
		c.problem("/schema", "", "the schema is %q and not %q", r.Schema, report.Schema)
	}
	c.claimRefs("/verdict/claims", r.Verdict.Claims)
	hostile := slices.ContainsFunc(r.Attribution, func(a attribution.Row) bool { return a.Actor.Hostile() })
	switch r.Verdict.Status { // the format's closed list; anything else is a report nobody can rely on
	case "incident":
		if !hostile {
			c.problem("/verdict/status", "", "an incident is reported, and no event is attributed to an intruder")
		}
	case "no_incident":
		if hostile {
			c.problem("/verdict/status", "", "no incident is reported, and events are attributed to an intruder")
		}
		if len(r.Containment) > 0 {
			c.problem("/containment", "", "no incident is reported, and containment is proposed")
		}
	case "suspicious", "inconclusive":
	default:
		c.problem("/verdict/status", "", "the status %q is none of the format", r.Verdict.Status)
	}
	c.severity()
	c.headline()
	for i, s := range r.Scope.Seeds {
		// A span is half-open, in bytes of the case text; a seed from an answer or
		// from evidence has none, [0,0].
		if s.Span[0] < 0 || s.Span[1] < s.Span[0] || s.From == "case text" && s.Span[1] > len(r.Case.Text) {
			c.problem(at("scope", "seeds", i, "span"), "", "the span lies outside the case text")
		}
	}
	for i, q := range r.Questions {
		c.follow(at("questions", i, "contradicted_by"), q.ContradictedBy)
	}
	for i, p := range r.Principals {
		c.claimRefs(at("principals", i, "claims"), p.Claims)
	}
	c.coverage()
	return nil
}

// severity: an incident is no milder than the gravest thing that succeeded in it.
func (c *check) severity() {
	v := c.r.Verdict
	if evidence.SeverityRank(v.Severity) < 0 {
		c.problem("/verdict/severity", "", "the severity %q is none of the format", v.Severity)
		return
	}
	if v.Status != "incident" {
		return
	}
	for _, f := range c.r.Findings {
		// An attempt may be graver than anything that came about; the verdict speaks
		// of what did.
		if f.Outcome != "attempted" && evidence.SeverityRank(f.Severity) > evidence.SeverityRank(v.Severity) {
			c.problem("/verdict/severity", f.ID, "the severity is %s, and a finding that succeeded is %s", v.Severity, f.Severity)
			return
		}
	}
}

// coverage: the evidence has at least what the report says it has. Every absence
// rests on these rows, so a row too many would make silence look like proof. A row
// too few is no lie; without an index of coverage there is nothing to compare.
func (c *check) coverage() {
	if c.w.Coverage == nil {
		return
	}
	for i, row := range c.r.Coverage {
		id := row.Account + "/" + row.Region + "/" + row.Day
		have, ok := c.w.Coverage(id)
		if !ok {
			c.problem(at("coverage", i), id, "the evidence has nothing of account %s in %s on %s", row.Account, row.Region, row.Day)
			continue
		}
		for _, class := range row.Classes {
			if !slices.Contains(have.Classes, class) {
				c.problem(at("coverage", i, "classes"), id, "the evidence has no %s events there on that day", class)
			}
		}
	}
}
