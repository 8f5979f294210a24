// Package verify holds a report, from here or from elsewhere, against evidence:
// every claim is run again and every citation is followed. It believes nothing
// that the report says of itself.
//
// references.go collects whatever the report cites, facts.go reads all of it in one go, and
// the other files hold one part of the report each against what was read. Only what can be
// checked is: facts, references, sentences, and that conclusions (actors, verdicts, answers)
// agree with one another. What somebody may dispute in good faith is no problem.
package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/report"
)

// Problem is one thing in the report that does not hold.
type Problem struct {
	Where string // JSON pointer into the report
	What  string // one sentence, lower-case, no full stop
	Ref   string // the claim or event that it is about; "" if none
}

// Stats says how much was looked at.
// Notes are what checks of claims could not look at; they are no problems.
type Stats struct {
	Claims    int // claims run again
	Failed    int // claims that do not hold
	Citations int // references followed, wherever they stand
	Broken    int // references that lead to nothing
	Events    int // different events that the report names
	Notes     []Problem
}

// Report checks every claim and every citation of r against w. What w lacks of
// attribution and answers is taken from the report: those are conclusions and
// quotations, and the claims about them are held to be about the report's own.
// The problems stand in the order of the document; the error is about evidence
// that could not be read.
// A report may be hostile. What package json reads is bounded in size, and queries name what
// the report cites in chunks.
func Report(ctx context.Context, r *report.Report, w *claim.World) ([]Problem, Stats, error) {
	if w == nil || w.Events == nil {
		return nil, Stats{}, errors.New("verify the report: no evidence to hold it against")
	}
	// A copy of the world: what is filled in from this report must not be held
	// against the next.
	c := &check{r: r, w: fill(*w, r)}
	c.index()
	if err := c.fetch(ctx); err != nil {
		return nil, Stats{}, fmt.Errorf("verify the report: %w", err)
	}
	// In any order: no part rests on what another found.
	for _, part := range []func(context.Context) error{
		c.document, c.claims, c.attribution, c.credentials, c.findings, c.timeline, c.inventory, c.plan,
	} {
		if err := part(ctx); err != nil {
			return nil, Stats{}, fmt.Errorf("verify the report: %w", err)
		}
	}
	sortProblems(c.problems)
	sortProblems(c.stats.Notes)
	c.stats.Events = len(c.events)
	return c.problems, c.stats, nil
}

// fill returns the world with what the report says of attribution and answers,
// where the caller brought none of its own.
func fill(w claim.World, r *report.Report) *claim.World {
	if w.Actors == nil {
		w.Actors = make(map[string]string, len(r.Attribution))
		for event, row := range report.Judged(r.Attribution) {
			w.Actors[event] = string(row.Actor)
		}
	}
	if w.Answers == nil {
		w.Answers = map[string]string{}
		for _, q := range r.Questions {
			if q.Status == "answered" {
				w.Answers[q.ID] = q.Answer
			}
		}
	}
	return &w
}

// check is one run over one report.
type check struct {
	r         *report.Report
	w         *claim.World
	events    map[string][]fact // every event that the report names, by id; empty if the evidence has none
	seen      *claim.Sightings  // what its references beside events lead to
	claimText map[string]string // their sentences, by id
	limits    map[string]bool

	sentences map[string]bool // of the claims
	starts    *sentences      // the same, in order; nil until it is asked
	about     map[string]bool // what established looks in; nil until it is asked

	problems []Problem
	stats    Stats
}

// problem notes what does not hold. ref is the id that the reader would look up.
func (c *check) problem(where, ref, format string, args ...any) {
	c.problems = append(c.problems, Problem{where, fmt.Sprintf(format, args...), ref})
}

// index lists the ids that other parts of the report may refer to.
func (c *check) index() {
	c.claimText, c.limits, c.sentences = map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, cl := range c.r.Claims {
		c.claimText[cl.ID], c.sentences[cl.Text] = cl.Text, true
	}
	for _, l := range c.r.Limits {
		c.limits[l.ID] = true
	}
}
