package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/eval"
	"github.com/trailhound/trailhound/internal/simulator"
)

// simulated makes one incident, hands it on with its truth in eval's words, and removes it.
func (a *app) simulated(ctx context.Context, name, mutation string, seed uint64, size int, one func(eval.Case) error) error {
	// A folder for each case, gone before the next: a run over all seeds would fill a disk.
	dir, err := os.MkdirTemp("", "trailhound-eval-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	opt := simulator.Options{Out: dir, Seed: seed, Events: size}
	if mutation != "" {
		opt.Mutate = []string{mutation}
	}
	r, err := simulator.Generate(ctx, name, opt)
	if err != nil {
		return err
	}
	// The simulator's truth in eval's words: eval knows real data sets too, and no simulator.
	t := eval.Truth{
		Name: strings.TrimSpace(fmt.Sprintf("%s #%d %s", name, seed, mutation)), Sentence: r.Truth.Sentence, Answers: r.Truth.Answers, Status: []string{r.Truth.Expected.Status}, Unanswered: r.Truth.Expected.Unanswered,
		Attack: r.Truth.AttackEventIDs, Neutral: r.Truth.ForwardedEventIDs, Persistence: []eval.Item{},
	}
	if (len(r.Truth.Gaps) > 0 || strings.HasPrefix(mutation, "drop-")) && r.Truth.Expected.Status == "no_incident" {
		t.Status = append(t.Status, "inconclusive") // who lacks half the evidence may say so
	}
	// Gaps, decoys and the rest go over one by one: eval's types are what the scores are defined on.
	for _, g := range r.Truth.Gaps {
		t.Gaps = append(t.Gaps, eval.Gap{Kind: g.Kind, Value: g.Value})
	}
	for _, d := range r.Truth.Decoys {
		t.Decoys = append(t.Decoys, eval.Decoy{What: d.What, Events: d.EventIDs})
	}
	for _, e := range r.Truth.Lineage {
		t.Lineage = append(t.Lineage, eval.Edge{Parent: e.Parent, Child: e.Child})
	}
	for _, p := range r.Truth.Persistence {
		t.Persistence = append(t.Persistence, eval.Item{Kind: p.Kind, ID: p.ID, Status: p.Status, Optional: p.Optional})
	}
	for _, x := range r.Truth.Techniques {
		t.Techniques = append(t.Techniques, x.ID)
	}
	// The first of each kind is what the sentence names; the baselines know no more.
	for _, s := range r.Truth.SeedIndicators {
		switch {
		case s.Type == "accessKeyId" && t.SeedKey == "":
			t.SeedKey = s.Value
		case s.Type == "userName" && t.SeedUser == "":
			t.SeedUser = s.Value
		case s.Type == "sourceIPAddress" && t.SeedIP == "":
			t.SeedIP = s.Value
		}
	}
	return one(eval.Case{Truth: t, Evidence: []string{filepath.Join(dir, "AWSLogs")}})
}

// tacticsOf maps each technique of the content to its ATT&CK tactics.
func tacticsOf(pack *contentPack) map[string][]string {
	out := map[string][]string{}
	for _, r := range pack.Rules.Rules {
		for _, t := range r.Attack {
			if !slices.Contains(out[r.ID], t.Tactic) {
				out[r.ID] = append(out[r.ID], t.Tactic)
			}
		}
	}
	return out
}
