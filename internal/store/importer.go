package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// importer gathers what the reader hands over into batches of whole artifacts.
// It runs on the reader's goroutine; writing is done by one other, so that
// reading goes on meanwhile.
type importer struct {
	s         *Store
	ctx       context.Context // ends also when writing has failed
	writer    *committer
	progress  func(Progress)
	unsettled bool // leave the settling to the next import
	hasty     bool // …or that of events to nobody, where they can do without
	partition Partition
	sum       Summary
	at        Progress

	known map[artifactKey]bool // in the store before; never written to, since workers look
	taken map[artifactKey]bool // by this import
	open  map[string]*openArtifact
	held  int64 // bytes in open and ready

	ready      gathered // of artifacts that are complete
	readyBytes int64
}

// gathered is what whole artifacts say, ready to be committed: what is in memory,
// and what had to be put on disk before.
type gathered struct {
	events       []batch // as they came: they are many and large, and nobody moves them
	runs         []*spilled
	observed     []evidence.Observation
	observedRuns []*spilled
	rows         []artifactRow
}

type artifactKey [sha256.Size]byte

func keyOf(id string) artifactKey { return sha256.Sum256([]byte(id)) }

// openArtifact is an artifact of which something has come, but not the end. That
// waits outside the batch, so that a batch never holds a part of it.
type openArtifact struct {
	gathered
	bytes int64
}

// spilled is a run in staging that is being written, or was.
type spilled struct {
	staged
	ready chan struct{} // closed when it is written; nil for what was never side by side
	err   error         // why it could not be
}

func (r *spilled) wait() error {
	if r.ready != nil {
		<-r.ready
	}
	return r.err
}

// spillEvents puts the events that are in memory on disk.
func (g *gathered) spillEvents(c *committer) {
	if len(g.events) > 0 {
		g.runs = append(g.runs, c.spill(g.events))
		g.events = nil
	}
}

func newImporter(ctx context.Context, s *Store) (*importer, error) {
	im := &importer{s: s, known: map[artifactKey]bool{}, taken: map[artifactKey]bool{}, open: map[string]*openArtifact{}}
	rows, err := s.artifactRows(ctx, s.state())
	if err != nil {
		return nil, err
	}
	for i := range rows {
		im.known[keyOf(rows[i].ID)] = true
	}
	im.writer = newCommitter(ctx, s)
	im.ctx = im.writer.ctx
	return im, nil
}

// isKnown says whether the store had an artifact before this import. It is
// called from the reader's workers; repetitions within the import are for take.
func (im *importer) isKnown(id string) bool { return im.known[keyOf(id)] }

// watch passes the reader's progress on and remembers it.
func (im *importer) watch(p Progress) {
	im.at = p
	im.progress(p)
}

// take receives one batch of the reader.
func (im *importer) take(b batch) error {
	if err := im.writer.err(); err != nil {
		return err
	}
	key := b.Artifact.ID + "\x00" + b.Artifact.URI
	a := im.open[key]
	if a == nil {
		a = &openArtifact{}
		im.open[key] = a
	}
	for i := range b.Events {
		e := &b.Events[i]
		if !b.Plain {
			normalise(e)
		}
		w := weight(e)
		a.bytes += w
		im.held += w
	}
	for i := range b.Observations {
		w := observationWeight(&b.Observations[i])
		a.bytes += w
		im.held += w
	}
	if len(b.Events) > 0 {
		a.events = append(a.events, b)
	}
	a.observed = append(a.observed, b.Observations...)
	if b.Done {
		im.sum.Shifted += int64(b.Shifted)
		delete(im.open, key)
		if err := im.done(&b.Artifact, a); err != nil {
			return err
		}
	}
	return im.relieve()
}

// done files a complete artifact: with its events if it is new, as another
// place of the same bytes if not.
func (im *importer) done(art *evidence.Artifact, a *openArtifact) error {
	id := keyOf(art.ID)
	if im.known[id] || im.taken[id] {
		if im.known[id] {
			im.sum.Known++
		} else {
			im.sum.Copies++
		}
		im.ready.rows = append(im.ready.rows, artifactRow{ID: art.ID, Copies: []string{toArtifactRow(art).URI}, Delta: true})
		im.held -= a.bytes
		return im.writer.do(func() error {
			for _, r := range slices.Concat(a.runs, a.observedRuns) {
				if err := r.wait(); err != nil {
					return err
				}
				r.discard()
			}
			return nil
		})
	}
	im.taken[id] = true
	im.sum.Artifacts++
	im.sum.Records += int64(art.Records)
	im.sum.Rejected += int64(art.Rejected)
	r := &im.ready
	r.rows = append(r.rows, toArtifactRow(art))
	r.events, r.runs = append(r.events, a.events...), append(r.runs, a.runs...)
	r.observed, r.observedRuns = append(r.observed, a.observed...), append(r.observedRuns, a.observedRuns...)
	im.readyBytes += a.bytes
	return nil
}

// relieve keeps memory within the batch size: it commits what is complete, and
// where that is not enough puts the largest open artifact on disk, out of sight.
func (im *importer) relieve() error {
	if im.readyBytes >= im.s.limits.batch/2 || im.held >= im.s.limits.batch && im.readyBytes > 0 {
		if err := im.commit(); err != nil {
			return err
		}
	}
	for im.held >= im.s.limits.batch {
		var largest *openArtifact
		for _, a := range im.open { // order does not matter: only sizes are compared, and all end on disk alike
			if largest == nil || a.bytes > largest.bytes {
				largest = a
			}
		}
		if largest == nil {
			return nil
		}
		observed := largest.observed
		im.held -= largest.bytes
		largest.observed, largest.bytes = nil, 0
		largest.spillEvents(im.writer)
		if len(observed) > 0 {
			run := &spilled{}
			largest.observedRuns = append(largest.observedRuns, run)
			if err := im.writer.do(func() error { return im.writer.spillObservations(run, observed) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// commit hands what is complete to the committer.
func (im *importer) commit() error {
	if len(im.ready.rows) == 0 {
		return nil
	}
	g := im.ready
	im.held -= im.readyBytes
	im.ready, im.readyBytes = gathered{}, 0
	g.spillEvents(im.writer)
	if len(g.observed) == 0 {
		return im.writer.later(g)
	}
	return im.writer.do(func() error { return im.writer.commit(g) }) // it holds observations in memory
}

// finish commits what is complete and settles the store. After a failure of the
// reader only what it completed counts, and settling waits for the next import.
func (im *importer) finish(readErr error) error {
	if readErr != nil {
		return im.writer.stop(readErr)
	}
	if len(im.open) > 0 {
		names := make([]string, 0, len(im.open))
		for key := range im.open {
			names = append(names, key)
		}
		slices.Sort(names)
		return im.writer.stop(fmt.Errorf("import: the reader never finished %q", names[0]))
	}
	if im.unsettled {
		err := im.commit()
		err = im.writer.stop(err)
		im.sum.Duplicates = im.writer.dropped
		return err
	}
	if im.progress != nil {
		im.at.Settling = true
		im.progress(im.at)
	}
	g := im.ready
	err := im.writer.do(func() error { return im.writer.last(g, im.hasty, im.partition) })
	err = im.writer.stop(err)
	im.sum.Duplicates = im.writer.dropped
	return err
}
