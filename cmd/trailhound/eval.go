package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/eval"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/verify"
	"github.com/trailhound/trailhound/internal/simulator"
	"github.com/trailhound/trailhound/internal/store"
)

func (a *app) evalCmd() *cobra.Command {
	var datasets, only string
	var seeds, size, families int
	var verbose, noAnswers, study bool
	var mutate []string
	c := &cobra.Command{
		Use:   "eval",
		Short: "Investigate incidents whose truth is known, and print how the reports did",
		Long: `Eval investigates every simulated incident, and the labelled real data if its
folder is given, and scores each report beside two dumb baselines: all events of
the seed ("seed"), and those plus everything from the same addresses ("+IPs").`,
		Example: `  trailhound eval
  trailhound eval --seeds 8 --only quiet-week --verbose
  trailhound eval --study --events 1500`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if families < 0 || families > len(simulator.Mutations()) {
				return usage("--families takes 0 to %d", len(simulator.Mutations()))
			}
			return a.eval(c.Context(), evalOptions{datasets, only, seeds, size, families, mutate, verbose, noAnswers, study})
		},
	}
	c.Flags().StringVar(&datasets, "datasets", "", "folder of the unpacked real data sets")
	c.Flags().StringVar(&only, "only", "", "only cases whose name contains this")
	c.Flags().IntVar(&seeds, "seeds", 1, "how many variations of each simulated incident")
	c.Flags().IntVar(&size, "events", 0, "size of each simulated incident")
	c.Flags().IntVar(&families, "families", 0, "mutate each incident in this many ways, and print a line for each way")
	c.Flags().StringSliceVar(&mutate, "mutate", nil, "mutate each incident in these ways, one line each; see simulate --mutate")
	c.Flags().BoolVar(&noAnswers, "no-answers", false, "give the sentence alone: nobody answers a question")
	c.Flags().BoolVar(&study, "study", false, "move each weight and threshold by a quarter, each weight to nothing too, and print what becomes of the cases")
	c.Flags().BoolVar(&verbose, "verbose", false, "name what was missed and what was wrong")
	return c
}

type evalOptions struct {
	datasets, only        string
	seeds, size, families int
	mutate                []string
	verbose, noAnswers    bool
	study                 bool
}

func (a *app) eval(ctx context.Context, o evalOptions) error {
	pack, err := loadContent("")
	if err != nil {
		return err
	}
	mute := *a
	mute.quiet = true
	var scores []eval.Score
	study := eval.NewStudy(pack.Weights)
	one := func(k eval.Case) error {
		if o.noAnswers {
			k.Truth.Answers = nil
		}
		if o.study {
			return mute.study(ctx, study, k, pack)
		}
		k.Truth.Tactics = tacticsOf(pack)
		s, problems, err := mute.score(ctx, k, pack)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Truth.Name, err)
		}
		scores = append(scores, s)
		if o.verbose {
			for _, m := range append(s.Failures(), problems...) {
				fmt.Fprintf(a.stdout, "%s: %s\n", s.Name, safe(m))
			}
		}
		return nil
	}
	mutations := []string{""}
	if o.families > 0 {
		mutations = simulator.Mutations()[:o.families]
	}
	if len(o.mutate) > 0 {
		mutations = o.mutate
	}
	var families []eval.Family
	for _, m := range mutations {
		from := len(scores)
		for _, name := range simulator.Names() {
			for seed := 1; seed <= o.seeds && strings.Contains(name, o.only); seed++ {
				if err := a.simulated(ctx, name, m, uint64(seed), o.size, one); err != nil {
					return err
				}
			}
		}
		families = append(families, eval.Family{Name: m, Cases: slices.Clone(scores[from:])})
	}
	if o.datasets != "" {
		cases, err := eval.Real(o.datasets)
		if err != nil {
			return withHint(err, "unpack the data sets into one folder first")
		}
		for _, k := range cases {
			if strings.Contains(k.Truth.Name, o.only) {
				if err := one(k); err != nil {
					return err
				}
			}
		}
	}
	if o.study {
		fmt.Fprint(a.stdout, study.Table())
		return nil
	}
	fmt.Fprint(a.stdout, eval.Table(scores))
	if mutations[0] != "" {
		fmt.Fprint(a.stdout, "\n"+eval.Families(families))
	}
	return nil
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

func (a *app) simulated(ctx context.Context, name, mutation string, seed uint64, size int, one func(eval.Case) error) error {
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
	t := eval.Truth{
		Name: strings.TrimSpace(fmt.Sprintf("%s #%d %s", name, seed, mutation)), Sentence: r.Truth.Sentence, Answers: r.Truth.Answers, Status: []string{r.Truth.Expected.Status},
		Attack: r.Truth.AttackEventIDs, Neutral: r.Truth.ForwardedEventIDs, Persistence: []eval.Item{},
	}
	if (len(r.Truth.Gaps) > 0 || strings.HasPrefix(mutation, "drop-")) && r.Truth.Expected.Status == "no_incident" {
		t.Status = append(t.Status, "inconclusive") // who lacks half the evidence may say so
	}
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
	events, err := everything(ctx, q)
	if err != nil {
		return eval.Score{}, nil, err
	}
	s, r, err := a.tried(ctx, q, k.Truth, events, pack)
	if err != nil {
		return eval.Score{}, nil, err
	}
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
