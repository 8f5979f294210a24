package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/simulator"
)

// simulateCmd makes evidence whose truth is known, for exercises and for eval.
func (a *app) simulateCmd() *cobra.Command {
	var list bool
	var o simulator.Options
	c := &cobra.Command{
		Use:   "simulate NAME --out DIR",
		Short: "Write a made-up incident: CloudTrail and the truth about it",
		Long: `Simulate writes weeks of made-up CloudTrail with an incident in it, as
DIR/AWSLogs/..., and what really happened as DIR/truth.json. The same name, seed
and size give the same bytes. It serves exercises, tests and benchmarks.`,
		Example: `  trailhound simulate --list
  trailhound simulate leaked-ci-key --out ./exercise --seed 7
  trailhound simulate quiet-week --out ./big --events 2000000`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				for _, n := range simulator.Names() {
					fmt.Fprintln(a.stdout, n)
				}
				return nil
			}
			if len(args) != 1 || o.Out == "" {
				return withHint(usage("a name and --out DIR are needed"), "trailhound simulate --list prints the names")
			}
			// Checked before anything is made, so that a slip leaves no empty folder.
			if _, ok := simulator.Describe(args[0]); !ok {
				return withHint(usage("there is no incident %q", args[0]), "trailhound simulate --list prints the names")
			}
			if o.Events < 0 {
				return usage("--events must not be negative")
			}
			for _, m := range o.Mutate {
				if !slices.Contains(simulator.Mutations(), m) {
					return withHint(usage("there is no mutation %q", m), "choose of "+strings.Join(simulator.Mutations(), ", "))
				}
			}
			r, err := simulator.Generate(c.Context(), args[0], o)
			if err != nil {
				return hintFor(err)
			}
			fmt.Fprintf(a.stdout, "wrote %d events in %d files (%.1f MB, %.1f MB unpacked) and %s\n", r.Truth.Counts.Events, r.Truth.Counts.Files, float64(r.Bytes)/1e6, float64(r.Raw)/1e6, safe(r.Path))
			fmt.Fprintf(a.stdout, "case: %s\n", safe(r.Truth.Sentence))
			return nil
		},
	}
	c.Flags().BoolVar(&list, "list", false, "print the names, one a line")
	c.Flags().StringVar(&o.Out, "out", "", "folder to write to")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "which of the endless variations")
	c.Flags().StringSliceVar(&o.Mutate, "mutate", nil, "change the story's conditions: any of "+strings.Join(simulator.Mutations(), ", "))
	c.Flags().IntVar(&o.Events, "events", 0, "about how many events in all (default: some 20,000)")
	_ = c.MarkFlagDirname("out")
	c.ValidArgs = simulator.Names()
	return c
}

// demo simulates the built-in incident and investigates it: the whole program
// in one command, with nothing needed.
func (a *app) demoCmd() *cobra.Command {
	f := caseFlags{noInput: true}
	var keep string
	c := &cobra.Command{
		Use:   "demo [NAME]",
		Short: "Simulate an incident and investigate it: the program at work on a built-in sample",
		Example: `  trailhound demo
  trailhound demo instance-role-theft --format html --output report.html`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: simulator.Names(),
		RunE: func(c *cobra.Command, args []string) error {
			name := "leaked-ci-key"
			if len(args) == 1 {
				name = args[0]
			}
			if _, ok := simulator.Describe(name); !ok {
				return withHint(usage("there is no incident %q", name), "trailhound simulate --list prints the names")
			}
			return a.demo(c.Context(), name, keep, f)
		},
	}
	c.Flags().StringVar(&keep, "keep", "", "keep the simulated evidence in this folder")
	f.out.register(c)
	return c
}

// demo investigates as a user would, without anybody to ask: it must give the same report
// everywhere.
func (a *app) demo(ctx context.Context, name, keep string, f caseFlags) error {
	// What is kept can be investigated again with other questions; else nothing is left behind.
	dir := keep
	if dir == "" {
		tmp, err := os.MkdirTemp("", "trailhound-demo-")
		if err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	r, err := simulator.Generate(ctx, name, simulator.Options{Out: dir, Seed: 1})
	if err != nil {
		return hintFor(err)
	}
	// What would have been typed is shown, so that the demo can be repeated by hand.
	fmt.Fprintf(a.stderr, "simulated %d events; the case: %s\n", r.Truth.Counts.Events, safe(r.Truth.Sentence))
	return a.investigate(ctx, []string{filepath.Join(dir, "AWSLogs")}, r.Truth.Sentence, f)
}
