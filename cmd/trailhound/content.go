package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/response"
)

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

// kinds are the folders of a content folder.
var kinds = []string{"access", "actions", "attribution", "detections", "hypotheses", "intake", "ledger", "noise", "playbooks", "questions", "reference", "sigma"}

func (a *app) contentTest(ctx context.Context, dir string) error {
	if err := contentFolder(dir); err != nil {
		return err
	}
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
	// Whole, as investigate --content would read it: everything else, and ids
	// that the built-in rules have already.
	if len(failures)+len(ways) > 0 {
		return codeError(exitFailed)
	}
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

// contentPack is everything that analysts contribute, loaded.
type contentPack struct {
	investigation.Content
	Actions   map[string]response.Action
	Playbooks *playbook.Pack
}

// loadContent reads the content built in, or a folder laid over it.
func loadContent(dir string) (*contentPack, error) {
	if dir != "" {
		if err := contentFolder(dir); err != nil {
			return nil, err
		}
	}
	fsys := overlay(dir)
	p := &contentPack{}
	var err error
	if p.Rules, err = detection.Load(fsys); err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	if p.Noise, err = detection.LoadNoise(fsys); err != nil {
		return nil, fmt.Errorf("load noise markers: %w", err)
	}
	if p.Ledger, err = ledger.Load(fsys); err != nil {
		return nil, fmt.Errorf("load the ledger: %w", err)
	}
	if p.Weights, err = attribution.LoadWeights(fsys); err != nil {
		return nil, err
	}
	if p.Access, err = access.LoadContent(fsys); err != nil {
		return nil, fmt.Errorf("load ways to more access: %w", err)
	}
	if p.Questions, err = intake.LoadQuestions(fsys); err != nil {
		return nil, fmt.Errorf("load questions: %w", err)
	}
	if p.Actions, err = response.LoadActions(fsys); err != nil {
		return nil, fmt.Errorf("load actions: %w", err)
	}
	if p.Playbooks, err = playbook.Load(fsys); err != nil {
		return nil, err
	}
	return p, nil
}

func overlay(dir string) fs.FS {
	if dir == "" {
		return content.FS
	}
	return layered{os.DirFS(dir), content.FS}
}

// layered is one file system over another: what the first lacks is read from
// the second.
type layered struct{ over, under fs.FS }

func (l layered) Open(name string) (fs.File, error) {
	if f, err := l.over.Open(name); err == nil {
		if info, err := f.Stat(); err == nil && !info.IsDir() {
			return f, nil
		}
		f.Close()
	}
	return l.under.Open(name)
}

// ReadDir merges both folders, so that content added by a team is found.
func (l layered) ReadDir(name string) ([]fs.DirEntry, error) {
	under, errUnder := fs.ReadDir(l.under, name)
	over, errOver := fs.ReadDir(l.over, name)
	if errUnder != nil && errOver != nil {
		return nil, errUnder
	}
	seen := map[string]fs.DirEntry{}
	for _, e := range append(under, over...) {
		seen[e.Name()] = e
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	out := make([]fs.DirEntry, 0, len(names))
	for _, n := range names {
		out = append(out, seen[n])
	}
	return out, nil
}

// rulesOf shows only a team's own rules and their samples, and the built-in
// content for everything that rules refer to: those built in have no samples in
// the binary to be tested with.
type rulesOf struct {
	all fs.FS
	own fs.FS
}

// Open implements fs.FS.
func (r rulesOf) Open(name string) (fs.File, error) {
	if name == "detections" || strings.HasPrefix(name, "detections/") {
		return r.own.Open(name)
	}
	return r.all.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (r rulesOf) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "detections" || strings.HasPrefix(name, "detections/") {
		return fs.ReadDir(r.own, name)
	}
	return fs.ReadDir(r.all, name)
}
