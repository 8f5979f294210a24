package main

import (
	"context"
	"fmt"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/eval"
)

// study reads the evidence of one case once and investigates it under every
// variant of the weights.
func (a *app) study(ctx context.Context, s *eval.Study, k eval.Case, pack *contentPack) error {
	q, done, err := a.openEvidence(ctx, k.Evidence)
	if err != nil {
		return err
	}
	defer done()
	// Read once for all variants: they change how events are judged, and not which there are.
	events, err := everything(ctx, q)
	if err != nil {
		return err
	}
	err = s.Add(pack.Weights, func(w *attribution.Weights) (eval.Score, error) {
		// A copy, since the pack is shared with the next variant; only the weights differ.
		varied := *pack
		varied.Weights = w
		score, _, err := a.tried(ctx, q, k.Truth, events, &varied)
		return score, err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", k.Truth.Name, err)
	}
	return nil
}
