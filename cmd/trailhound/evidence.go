package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/response"
	"github.com/trailhound/trailhound/internal/store"
)

// contentPack is everything that analysts contribute, loaded.
type contentPack struct {
	investigation.Content
	Actions map[string]response.Action
}

// loadContent reads the content built in, or a folder laid over it.
func loadContent(dir string) (*contentPack, error) {
	fsys := overlay(dir)
	p := &contentPack{}
	var err error
	if p.Rules, err = detection.Load(fsys); err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	if p.Ledger, err = ledger.Load(fsys); err != nil {
		return nil, fmt.Errorf("load the ledger: %w", err)
	}
	if p.Weights, err = attribution.LoadWeights(fsys); err != nil {
		return nil, err
	}
	if p.Questions, err = intake.LoadQuestions(fsys); err != nil {
		return nil, fmt.Errorf("load questions: %w", err)
	}
	if p.Actions, err = response.LoadActions(fsys); err != nil {
		return nil, fmt.Errorf("load actions: %w", err)
	}
	return p, nil
}

func overlay(dir string) fs.FS {
	if dir == "" {
		return content.FS
	}
	return layered{os.DirFS(dir), content.FS}
}

// openEvidence gives a Querier over the paths: a store as it is, anything else
// read into a temporary store that close removes.
func (a *app) openEvidence(ctx context.Context, paths []string) (q *store.Store, done func(), err error) {
	if len(paths) == 0 {
		return nil, nil, withHint(usage("no evidence was given"), "add --evidence PATH: a file, a folder, an archive, - for standard input, or a store")
	}
	stores := 0
	for _, p := range paths {
		if p != "-" && store.IsStore(p) {
			stores++
		}
	}
	switch {
	case stores == 1 && len(paths) == 1:
		s, err := store.Open(ctx, paths[0])
		if err != nil {
			return nil, nil, err
		}
		return s, func() { s.Close() }, nil
	case stores > 0:
		return nil, nil, withHint(usage("a store cannot be combined with other evidence"), "import the files into the store first: trailhound import --store DIR PATH...")
	}
	return a.temporary(ctx, paths)
}

func (a *app) temporary(ctx context.Context, paths []string) (*store.Store, func(), error) {
	for _, p := range paths {
		if _, err := os.Stat(p); p != "-" && err != nil {
			return nil, nil, withHint(fmt.Errorf("read evidence: %w", err), "check the path given with --evidence")
		}
	}
	dir, err := os.MkdirTemp("", "trailhound-")
	if err != nil {
		return nil, nil, withHint(fmt.Errorf("make a temporary store: %w", err), "set TMPDIR to a folder with room")
	}
	remove := func() { os.RemoveAll(dir) }
	s, err := store.Create(ctx, dir)
	if err != nil {
		remove()
		return nil, nil, err
	}
	done := func() { s.Close(); remove() }
	bar := a.bar("reading evidence")
	sum, err := s.Import(ctx, paths, store.ImportOptions{Stdin: a.stdin, Progress: bar.importing})
	bar.end()
	if err != nil {
		done()
		return nil, nil, hintFor(err)
	}
	if sum.Events == 0 {
		err := noEvents(ctx, s, paths)
		done()
		return nil, nil, err
	}
	return s, done, nil
}

// noEvents says why nothing could be read: what the inputs turned out to be.
func noEvents(ctx context.Context, s *store.Store, paths []string) error {
	list, err := s.Artifacts(ctx)
	if err != nil {
		return err
	}
	reasons := map[string]int{}
	for _, a := range list {
		r := string(a.Kind)
		if a.Reason != "" {
			r = a.Reason
		}
		reasons[r]++
	}
	why := ""
	for _, a := range list {
		r := string(a.Kind)
		if a.Reason != "" {
			r = a.Reason
		}
		if n := reasons[r]; n > 0 && strings.Count(why, ";") < 3 {
			why += fmt.Sprintf("; %s", r)
			if n > 1 {
				why += fmt.Sprintf(" (%d files)", n)
			}
			delete(reasons, r)
		}
	}
	return withHint(fmt.Errorf("no CloudTrail event was found in %s%s", strings.Join(paths, ", "), why),
		"give a file or folder of CloudTrail: the AWSLogs folder of a trail's bucket, or any export of it")
}

// hintFor adds advice to errors of the operating system.
func hintFor(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return withHint(err, "the file or folder is not readable by this user")
	case strings.Contains(err.Error(), "no space left"):
		return withHint(err, "free some space, or point TMPDIR or --store at another disk; what was imported before stays")
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return withHint(err, "check the path")
	}
	return err
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
	slicesSort(names)
	out := make([]fs.DirEntry, 0, len(names))
	for _, n := range names {
		out = append(out, seen[n])
	}
	return out, nil
}

var _ evidence.Querier = (*store.Store)(nil)
