package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/detection"
)

// contentCmd is for people who write rules; running a case needs none of it.
func (a *app) contentCmd() *cobra.Command {
	c := &cobra.Command{Use: "content", Short: "Work on rules, questions and actions", Args: cobra.NoArgs,
		Example: "  trailhound content test ./our-rules",
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(&cobra.Command{
		Use:   "test [DIR]",
		Short: "Check a content folder: every rule loads, fires on its positive samples and not on its negative ones",
		Example: `  trailhound content test ./content
  trailhound content test ./our-rules`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "content"
			if len(args) == 1 {
				dir = args[0]
			}
			return a.contentTest(c.Context(), dir)
		},
	})
	return c
}

// kinds are the folders of a content folder. The words by which a case is read, intake, are none:
// they are read from what is built in alone, and a folder of them would add nothing.
var kinds = []string{"access", "actions", "attribution", "detections", "hypotheses", "ledger", "noise", "playbooks", "questions", "recovery", "reference", "sigma", "wording"}

// contentTest tests a team's own content kind by kind, each beside what is built in, and then
// loads the whole as a case would.
func (a *app) contentTest(ctx context.Context, dir string) error {
	if err := contentFolder(dir); err != nil {
		return err
	}
	// Rules may refer to what is built in; only the samples must be the team's own.
	fsys := overlay(dir)
	var failures []detection.Failure
	var stats detection.Stats
	if _, err := os.Stat(filepath.Join(dir, "detections")); err == nil {
		if failures, stats, err = detection.Test(ctx, rulesOf{fsys, os.DirFS(dir)}); err != nil {
			return err
		}
	}
	for _, f := range failures {
		fmt.Fprintln(a.stdout, safe(fmt.Sprint(f)))
	}
	fmt.Fprintf(a.stdout, "%d rules, %d positive samples, %d attempts, %d negative samples: %d failures\n", stats.Rules, stats.Positives, stats.Attempts, stats.Negatives, len(failures))
	// Noise markers have samples of their own, of what they must hide and what they must not.
	if _, err := os.Stat(filepath.Join(dir, "noise")); err == nil {
		marks, n, err := detection.TestNoise(ctx, os.DirFS(dir))
		if err != nil {
			return err
		}
		for _, f := range marks {
			fmt.Fprintln(a.stdout, safe(fmt.Sprint(f)))
		}
		fmt.Fprintf(a.stdout, "%d noise markers, %d positive samples, %d negative samples: %d failures\n", n.Rules, n.Positives, n.Negatives, len(marks))
		failures = append(failures, marks...)
	}
	var ways []string
	if _, err := os.Stat(filepath.Join(dir, "access", "escalation")); err == nil {
		var reached access.Stats
		if ways, reached, err = access.Test(os.DirFS(dir), fsys); err != nil {
			return err
		}
		for _, f := range ways {
			fmt.Fprintln(a.stdout, safe(f))
		}
		fmt.Fprintf(a.stdout, "%d ways to more access, %d positive samples, %d negative samples: %d failures\n", reached.Primitives, reached.Positives, reached.Negatives, len(ways))
	}
	// What failed has been printed, line by line.
	if len(failures)+len(ways) > 0 {
		return codeError(exitFailed)
	}
	// Whole, as investigate --content would read it: everything else, and ids
	// that the built-in rules have already.
	p, err := loadContent(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "with what is built in: %d rules, %d actions, %d questions\n", len(p.Rules.Rules), len(p.Actions), len(p.Questions))
	return a.sigmaTest(dir)
}

// contentFolder refuses a folder that would silently add nothing.
func contentFolder(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return withHint(fmt.Errorf("there is no content folder %s", dir), "check the path; docs/howto/bring-your-own-content.md tells what goes in it")
	}
	for _, kind := range kinds {
		if info, err := os.Stat(filepath.Join(dir, kind)); err == nil && info.IsDir() {
			return nil
		}
	}
	return withHint(fmt.Errorf("%s holds no content", dir), "a content folder has at least one of "+strings.Join(kinds, ", ")+" in it")
}
