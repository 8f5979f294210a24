package verify

import (
	"context"
	"strings"
)

// claims runs every claim again, in one batch: the checks share their reading of
// the store. `verified` in the report decides nothing, it only makes a claim that
// fails the graver. A note is no problem: it says what the check could not look at.
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
		case (cl.Grade == "E") != (cl.Predicate.Op == "absence"): // both ways: silence is never graded as if something was seen
			c.problem(where+"/grade", cl.ID, "grade E is for an absence with proven coverage, and for nothing else")
		}
	}
	// A sentence that failed the engine's own check must not come back as a claim.
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

// claimRefs checks that claims referred to by id exist.
func (c *check) claimRefs(where string, ids []string) {
	for i, id := range ids {
		if _, ok := c.claimText[id]; !ok {
			c.problem(where+at(i), id, "there is no claim %q in the report", id)
		}
	}
}
