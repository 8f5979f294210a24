package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/eval"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/verify"
	"github.com/trailhound/trailhound/internal/simulator"
)

func (a *app) evalCmd() *cobra.Command {
	var datasets, only string
	var seeds, size int
	var verbose bool
	c := &cobra.Command{
		Use:   "eval",
		Short: "Investigate incidents whose truth is known, and print how the reports did",
		Long: `Eval investigates every simulated incident, and the labelled real data if its
folder is given, and scores each report beside two dumb baselines: all events of
the seed ("seed"), and those plus everything from the same addresses ("+IPs").`,
		Example: `  trailhound eval
  trailhound eval --seeds 8 --only quiet-week --verbose`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.eval(c.Context(), datasets, only, seeds, size, verbose)
		},
	}
	c.Flags().StringVar(&datasets, "datasets", "", "folder of the unpacked real data sets")
	c.Flags().StringVar(&only, "only", "", "only cases whose name contains this")
	c.Flags().IntVar(&seeds, "seeds", 1, "how many variations of each simulated incident")
	c.Flags().IntVar(&size, "events", 0, "size of each simulated incident")
	c.Flags().BoolVar(&verbose, "verbose", false, "name what was missed and what was wrong")
	return c
}

func (a *app) eval(ctx context.Context, datasets, only string, seeds, size int, verbose bool) error {
	pack, err := loadContent("")
	if err != nil {
		return err
	}
	mute := *a
	mute.quiet = true
	var scores []eval.Score
	one := func(k eval.Case) error {
		s, problems, err := mute.score(ctx, k, pack)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Truth.Name, err)
		}
		scores = append(scores, s)
		if verbose {
			for _, m := range append(append(s.Missed, s.Phantoms...), problems...) {
				fmt.Fprintf(a.stdout, "%s: %s\n", s.Name, safe(m))
			}
		}
		return nil
	}
	for _, name := range simulator.Names() {
		for seed := 1; seed <= seeds && strings.Contains(name, only); seed++ {
			if err := a.simulated(ctx, name, uint64(seed), size, one); err != nil {
				return err
			}
		}
	}
	if datasets != "" {
		cases, err := eval.Real(datasets)
		if err != nil {
			return withHint(err, "unpack the data sets into one folder first")
		}
		for _, k := range cases {
			if strings.Contains(k.Truth.Name, only) {
				if err := one(k); err != nil {
					return err
				}
			}
		}
	}
	fmt.Fprint(a.stdout, eval.Table(scores))
	return nil
}

func (a *app) simulated(ctx context.Context, name string, seed uint64, size int, one func(eval.Case) error) error {
	dir, err := os.MkdirTemp("", "trailhound-eval-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := simulator.Generate(ctx, name, simulator.Options{Out: dir, Seed: seed, Events: size})
	if err != nil {
		return err
	}
	t := eval.Truth{
		Name: fmt.Sprintf("%s #%d", name, seed), Sentence: r.Truth.Sentence, Answers: r.Truth.Answers, Status: []string{r.Truth.Expected.Status},
		Attack: r.Truth.AttackEventIDs, Neutral: r.Truth.ForwardedEventIDs, Persistence: []eval.Item{},
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

// score investigates one case as a user would, without anybody to ask, and
// verifies the report against the evidence once more.
func (a *app) score(ctx context.Context, k eval.Case, pack *contentPack) (eval.Score, []string, error) {
	q, done, err := a.openEvidence(ctx, k.Evidence)
	if err != nil {
		return eval.Score{}, nil, err
	}
	defer done()
	o := investigation.Options{Text: k.Truth.Sentence, Content: pack.Content, Answers: map[string]intake.Answer{}}
	for id, text := range k.Truth.Answers {
		o.Answers[id] = intake.Answer{ID: id, Text: text}
	}
	r, err := a.runCase(ctx, q, o, pack)
	if err != nil {
		return eval.Score{}, nil, err
	}
	var events []evidence.Event
	for e, err := range q.Events(ctx, evidence.Query{}) {
		if err != nil {
			return eval.Score{}, nil, err
		}
		events = append(events, e)
	}
	s := eval.Of(k.Truth, r, events)
	w, err := investigation.World(ctx, q)
	if err != nil {
		return s, nil, err
	}
	problems, stats, err := verify.Report(ctx, r, w)
	if err != nil {
		return s, nil, err
	}
	s.Uncited = stats.Failed + stats.Broken
	var out []string
	for i, p := range problems {
		if i == 10 {
			break
		}
		out = append(out, "verify "+p.Where+": "+p.What)
	}
	for _, c := range r.StruckClaims {
		out = append(out, "struck: "+c.Text+" | "+c.Reason)
	}
	return s, out, nil
}
