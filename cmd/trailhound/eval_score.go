package main

import (
	"context"

	"github.com/trailhound/trailhound/internal/eval"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/verify"
	"github.com/trailhound/trailhound/internal/store"
)

// score investigates one case as a user would, without anybody to ask, and
// verifies the report against the evidence once more. The second result is what a verbose run
// prints: problems of the report, and sentences that the engine struck itself.
func (a *app) score(ctx context.Context, k eval.Case, pack *contentPack) (eval.Score, []string, error) {
	q, done, err := a.openEvidence(ctx, k.Evidence)
	if err != nil {
		return eval.Score{}, nil, err
	}
	defer done()
	events, err := everything(ctx, q)
	if err != nil {
		return eval.Score{}, nil, err
	}
	s, r, err := a.tried(ctx, q, k.Truth, events, pack)
	if err != nil {
		return eval.Score{}, nil, err
	}
	// Verified as a reader of the report would: a claim that does not hold costs the score, be the
	// verdict right or not.
	w, err := investigation.World(ctx, q, pack.Weights.Coverage)
	if err != nil {
		return s, nil, err
	}
	problems, stats, err := verify.Report(ctx, r, w)
	if err != nil {
		return s, nil, err
	}
	s.Uncited = stats.Failed + stats.Broken
	var out []string
	// A broken report can have thousands; ten show which sort they are of.
	for i, p := range problems {
		if i == 10 { // the count is in the score
			break
		}
		out = append(out, "verify "+p.Where+": "+p.What)
	}
	for _, c := range r.StruckClaims {
		out = append(out, "struck: "+c.Text+" | "+c.Reason)
	}
	return s, out, nil
}

// tried investigates evidence that is open, and holds the report against truth.
func (a *app) tried(ctx context.Context, q *store.Store, t eval.Truth, events []evidence.Event, pack *contentPack) (eval.Score, *report.Report, error) {
	o := investigation.Options{Text: t.Sentence, Content: pack.Content, Answers: map[string]intake.Answer{}}
	for id, text := range t.Answers {
		o.Answers[id] = intake.Answer{ID: id, Text: text}
	}
	r, err := a.runCase(ctx, q, o, pack)
	if err != nil {
		return eval.Score{}, nil, err
	}
	return eval.Of(t, r, events), r, nil
}

// everything reads all events without their records: scoring a simulated incident needs them, and
// its evidence is small.
func everything(ctx context.Context, q evidence.Querier) ([]evidence.Event, error) {
	var events []evidence.Event
	for e, err := range q.Events(ctx, evidence.Query{}) {
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}
