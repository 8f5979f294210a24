package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/store"
)

// openEvidence gives a Querier over the paths, for questions about events: a
// store as it is, anything else read into a temporary store that close removes.
func (a *app) openEvidence(ctx context.Context, paths []string) (q *store.Store, done func(), err error) {
	q, _, done, err = a.openEvidenceBy(ctx, paths, nil)
	return q, done, err
}

// openEvidenceBy is openEvidence by a clock in loc, which may be nil: that of times
// without a zone. shifted counts them, and is -1 for a store, which was read before.
func (a *app) openEvidenceBy(ctx context.Context, paths []string, loc *time.Location) (q *store.Store, shifted int64, done func(), err error) {
	return a.open(ctx, paths, loc, func(events, _ int64) bool { return events > 0 })
}

// openAnyEvidence is openEvidence for questions that a snapshot, an alert or a
// bill can answer too: evidence without any event is enough.
func (a *app) openAnyEvidence(ctx context.Context, paths []string) (q *store.Store, done func(), err error) {
	q, _, done, err = a.open(ctx, paths, nil, func(events, observations int64) bool { return events+observations > 0 })
	return q, done, err
}

// open gives evidence of which enough, by the counts of events and observations, is true.
// done must be called once, also after a failed query; where an error is returned there is
// nothing to close.
func (a *app) open(ctx context.Context, paths []string, loc *time.Location, enough func(events, observations int64) bool) (q *store.Store, shifted int64, done func(), err error) {
	if len(paths) == 0 {
		return nil, 0, nil, withHint(usage("no evidence was given"), "add --evidence PATH: a file, a folder, an archive, - for standard input, or a store")
	}
	// A store among other paths is refused: what is temporary and what is kept would be mixed.
	stores := 0
	for _, p := range paths {
		if onDisk(p) && store.IsStore(p) {
			stores++
		}
	}
	switch {
	case stores == 1 && len(paths) == 1:
		s, err := store.Open(ctx, paths[0])
		if err != nil {
			return nil, 0, nil, err
		}
		if err := holds(ctx, s, paths[0], enough); err != nil {
			s.Close()
			return nil, 0, nil, err
		}
		return s, -1, func() { s.Close() }, nil
	case stores > 0:
		return nil, 0, nil, withHint(usage("a store cannot be combined with other evidence"), "import the files into the store first: trailhound import --store DIR PATH...")
	}
	return a.temporary(ctx, paths, loc, enough)
}

// holds reads one event and one observation at most, whatever the store holds. It refuses a store that nothing of use was imported into: no question can be
// answered from it.
func holds(ctx context.Context, s *store.Store, dir string, enough func(events, observations int64) bool) error {
	for _, err := range s.Events(ctx, evidence.Query{Bare: true}) {
		if err != nil || enough(1, 0) {
			return err
		}
		break
	}
	for _, err := range s.Observations(ctx, evidence.ObservationQuery{}) {
		if err != nil || enough(0, 1) {
			return err
		}
		break
	}
	return withHint(fmt.Errorf("the store %s holds no event", dir), "import evidence into it: trailhound import --store "+dir+" PATH...")
}

// exist refuses a path that leads nowhere before anything is read: it is a slip
// of the keyboard, not evidence that could be set aside.
func exist(paths []string) error {
	for _, p := range paths {
		if !onDisk(p) {
			continue
		}
		if _, err := os.Stat(p); errors.Is(err, fs.ErrNotExist) {
			return withHint(fmt.Errorf("there is no file or folder %s", p), "check the path")
		}
	}
	return nil
}

// temporary reads files into a store that done removes. Reading is hasty: putting events
// in order costs more than the few questions asked of them gain by it.
func (a *app) temporary(ctx context.Context, paths []string, loc *time.Location, enough func(events, observations int64) bool) (*store.Store, int64, func(), error) {
	if err := exist(paths); err != nil {
		return nil, 0, nil, err
	}
	dir, err := os.MkdirTemp("", "trailhound-")
	if err != nil {
		return nil, 0, nil, withHint(fmt.Errorf("make a temporary store: %w", err), "set TMPDIR to a folder with room")
	}
	remove := func() { os.RemoveAll(dir) }
	s, err := store.Create(ctx, dir)
	if err != nil {
		remove()
		return nil, 0, nil, err
	}
	// From here on the folder is done's to remove, on every way out.
	done := func() { s.Close(); remove() }
	places, ended, err := a.places(ctx, paths, s)
	if err != nil {
		done()
		return nil, 0, nil, err
	}
	bar := a.bar("reading evidence")
	restore := spareCollections()
	sum, err := s.Import(ctx, paths, store.ImportOptions{Stdin: interruptible(ctx, a.stdin), Places: places, Clock: loc, Progress: bar.importing, Hasty: true})
	restore()
	bar.end()
	if err != nil {
		done()
		return nil, 0, nil, hintFor(err)
	}
	if !enough(sum.Events, sum.Observations) {
		err := noEvents(ctx, s, paths)
		done()
		return nil, 0, nil, err
	}
	if err := ended(); err != nil { // what was read still tells something
		a.warn(err)
	}
	if !a.quiet {
		if err := a.setAside(ctx, s, maxMentioned); err != nil {
			done()
			return nil, 0, nil, err
		}
	}
	return s, sum.Shifted, done, nil
}

// noEvents says why nothing could be read: what the inputs turned out to be.
func noEvents(ctx context.Context, s *store.Store, paths []string) error {
	list, err := s.Inputs(ctx)
	if err != nil {
		return err
	}
	// Each reason once, in the order of the inputs, with how many files it holds of: a folder of a
	// thousand wrong files is told of in a line.
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

// The commands are written against the interface, so that a network filter can stand before it.
var _ evidence.Querier = (*store.Store)(nil)
