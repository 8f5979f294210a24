package store

import (
	"context"
	"os"
	"sync"
)

// committer does the writing of an import: runs of events side by side, since that
// is most of the work, and what makes them visible one after the other.
type committer struct {
	s       *Store
	ctx     context.Context
	cancel  context.CancelCauseFunc
	tasks   chan func() error
	waiting chan gathered // to be committed, before any task that comes behind
	ended   chan struct{}
	dropped int64 // records found to repeat another

	slots    chan struct{} // one for each run that may be written at a time
	spilling sync.WaitGroup
}

// maxSpills bounds the runs that are written at a time. Each holds a batch.
const maxSpills = 2

// maxWaiting bounds what waits to be committed. That holds no events, but what it names is
// read again if the import is killed before.
const maxWaiting = 4

func newCommitter(ctx context.Context, s *Store) *committer {
	ctx, cancel := context.WithCancelCause(ctx)
	c := &committer{
		s: s, ctx: ctx, cancel: cancel, ended: make(chan struct{}), slots: make(chan struct{}, maxSpills),
		tasks: make(chan func() error), waiting: make(chan gathered, maxWaiting),
	}
	go c.run()
	return c
}

// run commits what waits and runs the tasks until there will be no more.
func (c *committer) run() {
	defer close(c.ended)
	for {
		select {
		case g := <-c.waiting:
			c.try(func() error { return c.commitAll(g) })
		case task, more := <-c.tasks:
			for len(c.waiting) > 0 { // it was sent before
				g := <-c.waiting
				c.try(func() error { return c.commitAll(g) })
			}
			if !more {
				return
			}
			c.try(task)
		}
	}
}

// try does nothing where something failed before, or all was cancelled: the rest is not
// wanted then.
func (c *committer) try(task func() error) {
	if c.ctx.Err() != nil {
		return
	}
	if err := task(); err != nil {
		c.cancel(err)
	}
}

// later commits whole artifacts after what came before. The reader does not wait for the disk,
// which takes longer over a commit than processors over a run, unless maxWaiting do.
func (c *committer) later(g gathered) error {
	if err := c.err(); err != nil {
		return err
	}
	c.waiting <- g
	return nil
}

// commitAll commits what waits together with g: the disk is waited for as often for one run
// as for some.
func (c *committer) commitAll(g gathered) error {
	for {
		select {
		case more := <-c.waiting:
			g.rows, g.runs, g.observedRuns = append(g.rows, more.rows...), append(g.runs, more.runs...), append(g.observedRuns, more.observedRuns...)
		default:
			return c.commit(g)
		}
	}
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
	c.spilling.Wait()
	err := c.err()
	if err == nil {
		err = readErr
	}
	c.cancel(nil)
	return err
}

// spill begins to write events as a sorted run into staging, when there is a slot
// for it. Whoever needs the run waits for it.
func (c *committer) spill(events []batch) *spilled {
	run := &spilled{ready: make(chan struct{})}
	c.slots <- struct{}{}
	c.spilling.Go(func() {
		defer close(run.ready)
		if run.err = c.err(); run.err == nil {
			run.err = c.write(run, events)
		}
		<-c.slots
		// The disk is waited for beside the next run: its events are given back by now.
		if run.err == nil {
			run.err = run.safe()
		}
		if run.err != nil {
			c.cancel(run.err)
		}
	})
	return run
}

// write gives the memory of each batch back when its last event is written: of files that are
// in order, which most are, half of what a run has is free when half of it is written.
func (c *committer) write(run *spilled, events []batch) error {
	w, err := c.s.newEventWriter(&runShape)
	if err != nil {
		return err
	}
	left := make([]int, len(events))
	for i := range events {
		left[i] = len(events[i].Events)
	}
	all := sorted(events)
	for i, e := range all {
		if i%atOnce == 0 {
			w.touch(all[i:min(i+atOnce, len(all))])
		}
		if err := c.ctx.Err(); i%1024 == 0 && err != nil {
			w.abandon()
			return err
		}
		from := &events[e.batch]
		if err := w.addOne(e.event, from.Plain); err != nil {
			w.abandon()
			return err
		}
		if left[e.batch]--; left[e.batch] == 0 {
			from.Release()
		}
	}
	clear(events) // nothing of them is to live while the disk is waited for
	run.staged, err = w.end()
	return err
}

func (st *staged) discard() { os.Remove(st.from) }

// commit makes whole artifacts visible: their runs, and the table that names
// them, placed last so that a table on disk proves its events are there too.
func (c *committer) commit(g gathered) error {
	if len(g.observed) > 0 {
		run := &spilled{}
		if err := c.spillObservations(run, g.observed); err != nil {
			return err
		}
		g.observedRuns = append(g.observedRuns, run)
	}
	table, err := c.s.writeArtifacts(g.rows, &rowRunShape)
	if err != nil {
		return err
	}
	man := c.s.state().next()
	var placed []string
	for i, r := range g.runs {
		if err := r.wait(); err != nil {
			return err
		}
		f, err := c.s.place(r.staged, r.runName(man.Generation+1, i))
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
	return c.compact(c.s.limits.runs)
}

// last commits the end of an import and settles the store. Where there is
// nothing on disk yet to merge with, the events go straight into place. In haste
// events are not settled unless some are lossy.
func (c *committer) last(g gathered, hasty bool, partition Partition) error {
	man := c.s.state()
	unsettled := len(man.Runs)+len(man.ObservationRuns) > 0 && len(g.events)+len(g.observed) > 0
	if len(g.runs)+len(g.observedRuns) > 0 || unsettled || hasty && len(g.events) > 0 {
		g.spillEvents(c)
		if err := c.commit(g); err != nil {
			return err
		}
		g, man = gathered{}, c.s.state()
	}
	if len(g.rows) == 0 && man.settled() && (partition == "" || partition == man.Partition) {
		return nil
	}
	hasty = hasty && man.whole()
	if !hasty {
		if err := c.compact(c.s.limits.fanIn); err != nil {
			return err
		}
		man = c.s.state()
	}
	dropped, err := c.s.settle(c.ctx, man, settleInput{events: g.events, observed: g.observed, rows: g.rows, eventsStay: hasty, partition: partition})
	c.dropped += dropped
	return err
}
