package store

import (
	"context"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// kinds writes the settled files of one kind of observation after the other, as
// days does for events.
type kinds struct {
	s         *Store
	ctx       context.Context
	old       map[string][]fileEntry // settled files not taken up by the merge, by kind
	committed map[string]bool        // if not nil, observations of other artifacts are left out
	drops     map[string]int64       // by artifact
	kept      map[string]int64       // by artifact, if committed is not nil

	kind  string
	out   *observationWriter
	parts []kindPart
}

type kindPart struct {
	staged
	kind string
}

// run merges runs and list with the settled files of the kinds they touch.
func (k *kinds) run(runs []fileEntry, list []evidence.Observation) error {
	all := &evidence.ObservationQuery{}
	m, err := k.s.mergeObservations(k.ctx, runs, all)
	if err != nil {
		return err
	}
	defer m.close()
	m.drop = func(o *evidence.Observation) {
		if k.committed == nil || k.committed[o.Ref.Artifact] {
			k.drops[o.Ref.Artifact]++
		}
	}
	slices.SortFunc(list, func(a, b evidence.Observation) int { return evidence.MergeObservations(&a, &b) })
	if err := m.addMemory(list); err != nil {
		return err
	}
	for {
		head, err := m.peek()
		if err != nil {
			return errorOf(k.ctx, err)
		}
		if head == nil {
			return k.end()
		}
		if kind := kindIn(observationPath(head.Kind, "")); kind != k.kind {
			if err := k.end(); err != nil {
				return err
			}
			k.kind = kind
			for _, f := range k.old[kind] {
				if err := m.addFile(k.ctx, k.s, f, all); err != nil {
					return err
				}
			}
			delete(k.old, kind)
			continue // what the kind has already may come first
		}
		// Of a rebuilt store, what was never committed must not stand for the same
		// content that was.
		if k.committed != nil && !k.committed[head.Ref.Artifact] {
			m.skip()
			continue
		}
		if o := m.step(); o != nil {
			if err := k.keep(o); err != nil {
				return err
			}
		}
	}
}

// skip leaves out the observation that peek showed.
func (m *observationMerge) skip() { m.last = m.take() }

func (k *kinds) keep(o *evidence.Observation) error {
	if k.committed != nil {
		k.kept[o.Ref.Artifact]++
	}
	if k.out != nil && k.out.entry.Rows >= k.s.limits.partRows {
		if err := k.end(); err != nil {
			return err
		}
	}
	if k.out == nil {
		var err error
		if k.out, err = k.s.newObservationWriter(rowPartShape); err != nil {
			return err
		}
	}
	return k.out.add(o)
}

// end completes the open file, if there is one.
func (k *kinds) end() error {
	if k.out == nil {
		return nil
	}
	st, err := k.out.finish()
	k.out = nil
	if err == nil {
		k.parts = append(k.parts, kindPart{st, k.kind})
	}
	return err
}

// close removes what was written for nothing.
func (k *kinds) close() {
	if k.out != nil {
		k.out.abandon()
	}
	for _, p := range k.parts {
		p.discard()
	}
}

// place puts the new files where they belong and names them in next.
func (k *kinds) place(next *manifest) (placed []string, err error) {
	next.Observations, next.ObservationRuns = []fileEntry{}, []fileEntry{}
	for _, kept := range k.old { // sorted below
		next.Observations = append(next.Observations, kept...)
	}
	for _, p := range k.parts {
		f, err := k.s.place(p.staged, observationPath(p.kind, p.hash()))
		if err != nil {
			return nil, err
		}
		next.Observations, placed = append(next.Observations, f), append(placed, f.Path)
	}
	k.parts = nil
	slices.SortFunc(next.Observations, func(a, b fileEntry) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return placed, nil
}

// compactObservations merges the runs of a level when there are fanIn of them.
func (c *committer) compactObservations() error {
	for {
		man := c.s.state()
		level, runs := fullLevel(man.ObservationRuns, c.s.limits.fanIn)
		if runs == nil {
			return nil
		}
		drops := map[string]int64{}
		merged, err := c.mergeRuns(runs, drops)
		if err != nil {
			return err
		}
		table, err := c.s.writeArtifacts(deltas(drops), &rowRunShape)
		if err != nil {
			return err
		}
		next := man.next()
		next.ObservationRuns = slices.DeleteFunc(next.ObservationRuns, func(f fileEntry) bool { return f.Level == level })
		run, err := c.s.place(merged, runsDir+"/observations-"+merged.hash()+".parquet")
		if err != nil {
			return err
		}
		run.Level = level + 1
		next.ObservationRuns = append(next.ObservationRuns, run)
		pending, err := c.s.place(table, runsDir+"/artifacts-"+table.hash()+".parquet")
		if err != nil {
			return err
		}
		next.Pending = append(next.Pending, pending)
		if err := c.s.commit(next, []string{run.Path, pending.Path}); err != nil {
			return err
		}
		for _, n := range drops {
			c.dropped += n
		}
		c.s.clean()
	}
}

func (c *committer) mergeRuns(runs []fileEntry, drops map[string]int64) (staged, error) {
	m, err := c.s.mergeObservations(c.ctx, runs, &evidence.ObservationQuery{})
	if err != nil {
		return staged{}, err
	}
	defer m.close()
	m.drop = func(o *evidence.Observation) { drops[o.Ref.Artifact]++ }
	w, err := c.s.newObservationWriter(rowRunShape)
	if err != nil {
		return staged{}, err
	}
	for {
		o, err := m.next()
		if err == nil && o == nil {
			return w.finish()
		}
		if err == nil {
			err = w.add(o)
		}
		if err != nil {
			w.abandon()
			return staged{}, err
		}
	}
}

// addObservationRun adds a file that was found where the manifest was lost.
func (s *Store) addObservationRun(ctx context.Context, man *manifest, entry fileEntry) error {
	r, err := s.readObservations(ctx, entry, &evidence.ObservationQuery{})
	if err != nil {
		return err
	}
	defer r.close()
	for _, g := range r.groups {
		entry.Rows += g.NumRows()
	}
	man.ObservationRuns = append(man.ObservationRuns, entry)
	return nil
}
