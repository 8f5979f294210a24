package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// settleInput is what settling puts in place besides what the state names.
type settleInput struct {
	events   []batch // of an import that fits into memory
	observed []evidence.Observation
	rows     []artifactRow
	// rebuilt is set when the manifest was lost: the runs may hold events of
	// artifacts that were never committed, and the counts of duplicates are
	// unknown.
	rebuilt bool
	// eventsStay leaves runs of events as they are.
	eventsStay bool
	// partition is how events are to be laid out from now on; empty for as they were.
	partition Partition
}

// settle merges the runs of a state, and the settled files of the days that
// they touch, into new settled files: each event once, in order, by day. The
// files of a day depend on its events alone, not on how they got here. It is
// one commit: before it the runs are live, after it the new files.
func (s *Store) settle(ctx context.Context, man *manifest, in settleInput) (dropped int64, err error) {
	rows, err := s.artifactRows(ctx, man)
	if err != nil {
		return 0, err
	}
	rows = mergeArtifacts(append(rows, in.rows...))
	mode := cmp.Or(in.partition, man.Partition, PartitionAuto)
	d := &days{s: s, ctx: ctx, divides: mode != PartitionDay, whole: man.whole() && !lossy(in.events), old: map[string][]fileEntry{}, drops: map[string]int64{}, kept: map[string]int64{}}
	defer d.close()
	for _, f := range man.Events {
		day := dayIn(f.Path)
		d.old[day] = append(d.old[day], f)
	}
	k := &kinds{s: s, ctx: ctx, old: map[string][]fileEntry{}, drops: d.drops, kept: d.kept}
	defer k.close()
	for _, f := range man.Observations {
		k.old[kindIn(f.Path)] = append(k.old[kindIn(f.Path)], f)
	}
	if in.rebuilt {
		d.committed = map[string]bool{}
		for i := range rows {
			d.committed[rows[i].ID] = true
		}
		k.committed = d.committed
	}
	next := man.next()
	if !in.eventsStay {
		again, err := d.relaid(man.Partition, mode)
		if err != nil {
			return 0, err
		}
		if err := d.run(man.Runs, in.events, again); err != nil {
			return 0, err
		}
		next.Runs, next.Partition = []fileEntry{}, mode
	}
	if err := k.run(man.ObservationRuns, in.observed); err != nil {
		return 0, err
	}
	for i := range rows {
		r := &rows[i]
		if in.rebuilt {
			r.Duplicates = max(r.Records-d.kept[r.ID], 0)
		} else {
			r.Duplicates += d.drops[r.ID]
		}
	}
	for _, n := range d.drops {
		dropped += n
	}
	return dropped, s.settled(ctx, next, d, k, rows, in.eventsStay)
}

// settled places what settling has written and commits it.
func (s *Store) settled(ctx context.Context, next *manifest, d *days, k *kinds, rows []artifactRow, eventsStay bool) error {
	table, err := s.writeArtifacts(rows, &rowPartShape)
	if err != nil {
		return err
	}
	next.Pending, next.Artifacts = []fileEntry{}, nil
	placed, err := k.place(next)
	if err != nil {
		return err
	}
	if !eventsStay {
		more, err := d.place(next)
		if err != nil {
			return err
		}
		placed = append(placed, more...)
	}
	f, err := s.place(table, artifactsDir+"/part-"+table.hash()+".parquet")
	if err != nil {
		return err
	}
	next.Artifacts, placed = []fileEntry{f}, append(placed, f.Path)
	if len(next.Runs) == 0 {
		found, err := s.findConflicts(ctx, next)
		if err != nil {
			return err
		}
		if len(found) <= maxKnownConflicts {
			next.Conflicts = &found
		}
	}
	return s.commit(next, placed)
}

// sorted gives the events in the order of a merge. Pointers are sorted, since an
// event is a kilobyte, with their times beside them, since these nearly always decide.
func sorted(batches []batch) []timed {
	n := 0
	for _, b := range batches {
		n += len(b.Events)
	}
	all := make([]timed, 0, n)
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for k, b := range batches {
		for i := range b.Events {
			at := b.Events[i].Time.Unix() // normalised to whole seconds
			all = append(all, timed{at, &b.Events[i], k})
			least, most = min(least, at), max(most, at)
		}
	}
	if n >= 1<<placeBits || uint64(most-least) >= 1<<(64-placeBits) {
		slices.SortFunc(all, func(a, b timed) int {
			if c := cmp.Compare(a.at, b.at); c != 0 {
				return c
			}
			return order(a.event, b.event)
		})
		return all
	}
	// A time and a place in one number each: no sort calls us to compare two of these.
	keys := make([]uint64, n)
	for i := range all {
		keys[i] = uint64(all[i].at-least)<<placeBits | uint64(i)
	}
	slices.Sort(keys)
	out := make([]timed, n)
	for i, k := range keys {
		out[i] = all[k&(1<<placeBits-1)]
	}
	for from := 0; from < n; {
		to := from + 1
		for to < n && out[to].at == out[from].at {
			to++
		}
		if to-from > 1 {
			slices.SortFunc(out[from:to], func(a, b timed) int {
				if c := strings.Compare(a.event.ID, b.event.ID); c != 0 { // nearly always, and what order says
					return c
				}
				return order(a.event, b.event)
			})
		}
		from = to
	}
	return out
}

// placeBits hold the place of an event among those that are sorted at once.
const placeBits = 20

// timed is an event in memory.
type timed struct {
	at    int64
	event *evidence.Event
	batch int // its place among those that were sorted
}

// memorySource is a source of sorted events that are in memory.
func memorySource(events []timed) *source {
	i := 0
	return &source{
		from: events[0].event.Time,
		read: func(e *evidence.Event) (bool, error) {
			if i == len(events) {
				return false, nil
			}
			*e = *events[i].event
			i++
			return true, nil
		},
		done: func() {},
	}
}

// mergeInto writes the distinct events of runs to one file, whole days and all.
func (s *Store) mergeInto(ctx context.Context, runs []fileEntry, w *eventWriter, drops map[string]int64) error {
	m := &merge{}
	defer m.close()
	for _, f := range runs {
		m.add(s.source(ctx, f, &request{from: minMicros, to: maxMicros, body: true}))
	}
	dist := &distinct{keep: w.add, drop: countDrop(drops)}
	for {
		e, err := m.peek()
		if err != nil {
			return errorOf(ctx, err)
		}
		if e == nil {
			return dist.flush()
		}
		m.next()
		if err := dist.add(e); err != nil {
			return err
		}
	}
}
