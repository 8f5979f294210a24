package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/eval"
	"github.com/trailhound/trailhound/internal/simulator"
)

// evalCmd is how a change of judgement is measured: the same cases before and after, with and
// without answers.
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

// evalOptions are what the verb was asked; the flags say what each means.
type evalOptions struct {
	// A folder of real data, "" for none; and a part of the names of the cases to run.
	datasets, only string
	// Variations of each incident, events in each (0 is the simulator's default), and how many
	// of the mutations to run one after the other.
	seeds, size, families int
	mutate                []string // these, in place of the first so many
	verbose, noAnswers    bool
	study                 bool // vary the weights, and print no score
}

// eval runs the cases one after the other, each in a folder of its own that is gone before the
// next, and prints the table in the end.
func (a *app) eval(ctx context.Context, o evalOptions) error {
	pack, err := loadContent("")
	if err != nil {
		return err
	}
	// A copy, so that progress bars and notices of a hundred cases stay silent.
	mute := *a
	mute.quiet = true
	var scores []eval.Score
	study := eval.NewStudy(pack.Weights)
	ran := 0
	one := func(k eval.Case) error {
		ran++
		// Without answers some cases cannot be decided; what may be said of them then is part of the
		// truth (Unanswered).
		if o.noAnswers {
			k.Truth.Answers = nil
			k.Truth.Status = append(slices.Clone(k.Truth.Status), k.Truth.Unanswered...)
		}
		if o.study {
			return mute.study(ctx, study, k, pack)
		}
		// By tactic is how the table counts techniques too.
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
	// The empty mutation is the incident as it is.
	mutations := []string{""}
	if o.families > 0 {
		mutations = simulator.Mutations()[:o.families]
	}
	if len(o.mutate) > 0 {
		mutations = o.mutate
	}
	var families []eval.Family
	for _, m := range mutations {
		// Real data is not mutated, so it is in the table and in no family.
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
	if err := realCases(o, one); err != nil {
		return err
	}
	if ran == 0 {
		return withHint(usage("there is no case %q", o.only), "trailhound simulate --list prints the names")
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

// realCases runs the labelled real data, if its folder is given. It comes last: it is missing on
// most machines, and the table of the simulated cases is the same without it.
func realCases(o evalOptions, one func(eval.Case) error) error {
	if o.datasets == "" {
		return nil
	}
	cases, err := eval.Real(o.datasets)
	if err != nil {
		return withHint(err, "unpack the data sets into one folder first")
	}
	for _, k := range cases {
		if !strings.Contains(k.Truth.Name, o.only) {
			continue
		}
		if err := one(k); err != nil {
			return err
		}
	}
	return nil
}
