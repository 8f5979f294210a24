package store

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// compact merges runs, fanIn at a time, until there are no more than most. The
// least merged come first, so that each event is written again a number of times
// that grows with the logarithm of the import.
func (c *committer) compact(most int) error {
	for {
		man := c.s.state()
		if len(man.Runs) <= most {
			return nil
		}
		runs := slices.Clone(man.Runs)
		slices.SortStableFunc(runs, func(a, b fileEntry) int { return cmp.Compare(a.Level, b.Level) })
		if err := c.mergeEventRuns(man, runs[:min(len(runs), max(c.s.limits.fanIn, 2))]); err != nil {
			return err
		}
	}
}

// fullLevel finds the lowest level that has n runs or more.
func fullLevel(runs []fileEntry, n int) (level int, found []fileEntry) {
	byLevel := map[int][]fileEntry{}
	top := 0
	for _, r := range runs {
		byLevel[r.Level] = append(byLevel[r.Level], r)
		top = max(top, r.Level)
	}
	for level := range top + 1 {
		if len(byLevel[level]) >= n {
			return level, byLevel[level]
		}
	}
	return 0, nil
}

// mergeEventRuns puts one run in the place of several.
func (c *committer) mergeEventRuns(man *manifest, runs []fileEntry) error {
	w, err := c.s.newEventWriter(&runShape)
	if err != nil {
		return err
	}
	drops := map[string]int64{}
	if err := c.s.mergeInto(c.ctx, runs, w, drops); err != nil {
		w.abandon()
		return err
	}
	merged, err := w.finish()
	if err != nil {
		return err
	}
	// The small tables of the commits are merged on the same occasion.
	var rows []artifactRow
	for _, f := range man.Pending {
		more, err := readArtifacts(c.s.abs(f.Path))
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	table, err := c.s.writeArtifacts(append(rows, deltas(drops)...), &rowRunShape)
	if err != nil {
		return err
	}
	next := man.next()
	gone := map[string]bool{}
	for _, f := range runs {
		gone[f.Path] = true
	}
	next.Runs = slices.DeleteFunc(next.Runs, func(f fileEntry) bool { return gone[f.Path] })
	run, err := c.s.place(merged, merged.runName(next.Generation+1, 0))
	if err != nil {
		return err
	}
	run.Level = runs[len(runs)-1].Level + 1
	next.Runs = append(next.Runs, run)
	pending, err := c.s.place(table, runsDir+"/artifacts-"+table.hash()+".parquet")
	if err != nil {
		return err
	}
	next.Pending = []fileEntry{pending}
	if err := c.s.commit(next, []string{run.Path, pending.Path}); err != nil {
		return err
	}
	for _, n := range drops {
		c.dropped += n
	}
	c.s.clean()
	return nil
}

// deltas are the rows that add to the duplicates of artifacts, sorted.
func deltas(drops map[string]int64) []artifactRow {
	rows := make([]artifactRow, 0, len(drops))
	for id, n := range drops {
		rows = append(rows, artifactRow{ID: id, Duplicates: n, Delta: true})
	}
	slices.SortFunc(rows, func(a, b artifactRow) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return rows
}

func countDrop(drops map[string]int64) func(*evidence.Event) {
	return func(e *evidence.Event) { drops[e.Ref.Artifact]++ }
}

// damagedOrder guards the invariant that every file is sorted, on which pruning
// and the dropping of repetitions rest.
func damagedOrder(before, after *evidence.Event) error {
	return fmt.Errorf("merge evidence: event %s stands before %s: a file is not sorted", before.ID, after.ID)
}
