package store

import (
	"context"
	"os"

	"github.com/trailhound/trailhound/internal/evidence"
)

// committer does the writing of an import, one task after the other.
type committer struct {
	s       *Store
	ctx     context.Context
	cancel  context.CancelCauseFunc
	tasks   chan func() error
	ended   chan struct{}
	dropped int64 // records found to repeat another
}

func newCommitter(ctx context.Context, s *Store) *committer {
	ctx, cancel := context.WithCancelCause(ctx)
	c := &committer{s: s, ctx: ctx, cancel: cancel, tasks: make(chan func() error), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		for task := range c.tasks {
			if c.ctx.Err() != nil {
				continue // failed before, or cancelled: the rest is not wanted
			}
			if err := task(); err != nil {
				cancel(err)
			}
		}
	}()
	return c
}

// do runs a task after those before it. It returns when the task has begun, or
// with the reason why it never will.
func (c *committer) do(task func() error) error {
	if err := c.err(); err != nil {
		return err
	}
	c.tasks <- task
	return nil
}

func (c *committer) err() error { return context.Cause(c.ctx) }

// stop waits for the tasks to end. It returns the first thing that went wrong:
// a failed task is why the reader failed, where both did.
func (c *committer) stop(readErr error) error {
	close(c.tasks)
	<-c.ended
	err := c.err()
	if err == nil {
		err = readErr
	}
	c.cancel(nil)
	return err
}

// spill writes events as a sorted run into staging.
func (c *committer) spill(run *spilled, events []evidence.Event) error {
	w, err := c.s.newEventWriter(runShape)
	if err != nil {
		return err
	}
	for i, e := range sorted(events) {
		if err := c.ctx.Err(); err != nil && i%1024 == 0 {
			w.abandon()
			return err
		}
		if err := w.add(e); err != nil {
			w.abandon()
			return err
		}
	}
	run.staged, err = w.finish()
	return err
}

func (st *staged) discard() { os.Remove(st.from) }

// commit makes whole artifacts visible: their runs, and the table that names
// them, placed last so that a table on disk proves its events are there too.
func (c *committer) commit(g gathered) error {
	if len(g.events) > 0 {
		run := &spilled{}
		if err := c.spill(run, g.events); err != nil {
			return err
		}
		g.runs = append(g.runs, run)
	}
	if len(g.observed) > 0 {
		run := &spilled{}
		if err := c.spillObservations(run, g.observed); err != nil {
			return err
		}
		g.observedRuns = append(g.observedRuns, run)
	}
	table, err := c.s.writeArtifacts(g.rows)
	if err != nil {
		return err
	}
	man := c.s.state().next()
	var placed []string
	for _, r := range g.runs {
		f, err := c.s.place(r.staged, runsDir+"/run-"+r.hash()+".parquet")
		if err != nil {
			return err
		}
		man.Runs, placed = append(man.Runs, f), append(placed, f.Path)
	}
	for _, r := range g.observedRuns {
		f, err := c.s.place(r.staged, runsDir+"/observations-"+r.hash()+".parquet")
		if err != nil {
			return err
		}
		man.ObservationRuns, placed = append(man.ObservationRuns, f), append(placed, f.Path)
	}
	f, err := c.s.place(table, runsDir+"/artifacts-"+table.hash()+".parquet")
	if err != nil {
		return err
	}
	man.Pending, placed = append(man.Pending, f), append(placed, f.Path)
	if err := c.s.commit(man, placed); err != nil {
		return err
	}
	if err := c.compactObservations(); err != nil {
		return err
	}
	return c.compact()
}

// last commits the end of an import and settles the store. Where there is
// nothing on disk yet to merge with, the events go straight into place.
func (c *committer) last(g gathered) error {
	man := c.s.state()
	unsettled := len(man.Runs)+len(man.ObservationRuns) > 0 && len(g.events)+len(g.observed) > 0
	if len(g.runs)+len(g.observedRuns) > 0 || unsettled {
		if err := c.commit(g); err != nil {
			return err
		}
		g, man = gathered{}, c.s.state()
	}
	if len(g.rows) == 0 && man.settled() {
		return nil
	}
	dropped, err := c.s.settle(c.ctx, man, settleInput{events: g.events, observed: g.observed, rows: g.rows})
	c.dropped += dropped
	return err
}
