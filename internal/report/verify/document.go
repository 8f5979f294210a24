package verify

import (
	"context"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
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
	switch r.Verdict.Status {
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
	c.headline()
	for i, s := range r.Scope.Seeds {
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
	for i, row := range r.Coverage {
		if c.w.Coverage == nil {
			break
		}
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
	return nil
}

// claimRefs checks that claims referred to by id exist.
func (c *check) claimRefs(where string, ids []string) {
	for i, id := range ids {
		if !c.claimIDs[id] {
			c.problem(at(where[1:], i), id, "there is no claim %q in the report", id)
		}
	}
}

// headline: its typed tokens must stand somewhere in the report that is itself
// checked, or in what was asked. It is a summary, so no single event bears it.
func (c *check) headline() {
	r := c.r
	tokens := claim.Tokens(r.Verdict.Headline)
	if len(tokens) == 0 {
		return
	}
	var known []evidence.Event
	text := []string{r.Case.Text, r.Scope.Window.From, r.Scope.Window.To}
	times := []string{r.Scope.Window.From, r.Scope.Window.To}
	for _, s := range r.Scope.Seeds {
		text = append(text, s.Value)
	}
	text = append(text, r.Scope.Accounts...)
	for _, x := range r.Credentials {
		text = append(text, x.ID, x.Principal, x.PrincipalID)
		text = append(append(text, x.Networks...), x.Hostile...)
		times = append(times, x.FirstSeen, x.LastSeen, x.ExpiresAt)
	}
	for _, p := range r.Principals {
		text = append(text, p.ARN, p.UniqueID)
	}
	for _, f := range r.Findings {
		times = append(times, f.First, f.Last)
		text = append(text, f.Resources...)
	}
	for _, a := range r.AffectedResources {
		text = append(text, a.ID)
	}
	for _, cl := range r.Claims {
		text = append(text, cl.Text)
	}
	for _, facts := range c.events {
		for _, f := range facts {
			known = append(known, evidence.Event{Time: f.time})
		}
	}
	for _, s := range times {
		if t := evidence.ParseTime(s); !t.IsZero() {
			known = append(known, evidence.Event{Time: t})
		}
	}
	// One pretended event says everything that the report establishes elsewhere.
	known = append(known, evidence.Event{Resources: text})
	if err := claim.TokensAgree(r.Verdict.Headline, known...); err != nil {
		c.problem("/verdict/headline", "", "%s", strings.Replace(err.Error(), "the sentence", "the headline", 1))
	}
}

// claims runs every claim again.
func (c *check) claims(ctx context.Context) error {
	r := c.r
	results, err := c.w.CheckAll(ctx, r.Claims)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, cl := range r.Claims {
		where := at("claims", i)
		c.stats.Claims++
		c.stats.Citations += len(cl.Evidence)
		if cl.ID == "" || seen[cl.ID] {
			c.problem(where+"/id", cl.ID, "the id %q is empty or stands twice", cl.ID)
		}
		seen[cl.ID] = true
		if err := results[i].Err; err != nil {
			c.stats.Failed++
			if cl.Verified {
				c.problem(where, cl.ID, "%s, though the claim is marked as verified", err)
			} else {
				c.problem(where, cl.ID, "%s", err)
			}
		}
		for _, n := range results[i].Notes {
			c.stats.Notes = append(c.stats.Notes, Problem{where, n, cl.ID})
		}
		switch {
		case len(cl.Grade) != 1 || !strings.Contains("ABCDE", cl.Grade):
			c.problem(where+"/grade", cl.ID, "%q is no grade", cl.Grade)
		case (cl.Grade == "E") != (cl.Predicate.Op == "absence"):
			c.problem(where+"/grade", cl.ID, "grade E is for an absence with proven coverage, and for nothing else")
		}
	}
	struck := map[string]bool{}
	for _, s := range r.StruckClaims {
		struck[s.Text] = true
	}
	for i, cl := range r.Claims {
		if struck[cl.Text] {
			c.problem(at("claims", i, "text"), cl.ID, "the sentence is also listed as struck")
		}
	}
	return nil
}
