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
	d := &days{s: s, ctx: ctx, old: map[string][]fileEntry{}, drops: map[string]int64{}, kept: map[string]int64{}}
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
	if !in.eventsStay {
		if err := d.run(man.Runs, in.events); err != nil {
			return 0, err
		}
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
	return dropped, s.settled(ctx, man, d, k, rows, in.eventsStay)
}

// settled places what settling has written and commits it.
func (s *Store) settled(ctx context.Context, man *manifest, d *days, k *kinds, rows []artifactRow, eventsStay bool) error {
	table, err := s.writeArtifacts(rows, &rowPartShape)
	if err != nil {
		return err
	}
	next := man.next()
	next.Events, next.Pending, next.Artifacts = nil, []fileEntry{}, nil
	if !eventsStay {
		next.Runs = []fileEntry{}
	}
	for _, kept := range d.old { // sorted below
		next.Events = append(next.Events, kept...)
	}
	placed, err := k.place(next)
	if err != nil {
		return err
	}
	for _, p := range d.parts {
		f, err := s.place(p.staged, partPath(p.day, p.hash()))
		if err != nil {
			return err
		}
		next.Events, placed = append(next.Events, f), append(placed, f.Path)
	}
	d.parts = nil
	slices.SortFunc(next.Events, func(a, b fileEntry) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return a.To.Compare(b.To)
	})
	if next.Events == nil {
		next.Events = []fileEntry{}
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

// days writes the settled files of one day after the other.
type days struct {
	s         *Store
	ctx       context.Context
	old       map[string][]fileEntry // settled files not taken up by the merge
	committed map[string]bool        // if not nil, events of other artifacts are left out
	drops     map[string]int64       // by artifact
	kept      map[string]int64       // by artifact, if committed is not nil

	day   string
	out   *eventWriter
	last  evidence.Event // written last: its id and time
	parts []dayPart
}

type dayPart struct {
	staged
	day string
}

func (d *days) run(runs []fileEntry, events []batch) error {
	req := &request{from: minMicros, to: maxMicros, body: true}
	m := &merge{}
	defer m.close()
	for _, f := range runs {
		m.add(d.s.source(d.ctx, f, req))
	}
	if len(events) > 0 {
		m.add(memorySource(sorted(events)))
	}
	dist := &distinct{keep: d.keep, drop: countDrop(d.drops)}
	for n := 0; ; n++ {
		if n%1024 == 0 {
			if err := d.ctx.Err(); err != nil {
				return context.Cause(d.ctx)
			}
		}
		e, err := m.peek()
		if err != nil {
			return errorOf(d.ctx, err)
		}
		if e == nil {
			break
		}
		if day := dayOf(e.Time); day != d.day {
			if err := dist.flush(); err != nil {
				return err
			}
			if err := d.begin(day); err != nil {
				return err
			}
			// What the day has already joins in; some of it may come first.
			for _, f := range d.old[day] {
				m.add(d.s.source(d.ctx, f, req))
			}
			delete(d.old, day)
			continue
		}
		m.next()
		if d.committed != nil && !d.committed[e.Ref.Artifact] {
			continue
		}
		if err := dist.add(e); err != nil {
			return err
		}
	}
	if err := dist.flush(); err != nil {
		return err
	}
	return d.end()
}

func (d *days) begin(day string) error {
	err := d.end()
	d.day = day
	return err
}

// keep writes one event. Files are cut between ids, so that all forms of one
// event stand in one file.
func (d *days) keep(e *evidence.Event) error {
	if d.committed != nil {
		d.kept[e.Ref.Artifact]++
	}
	if d.out != nil && d.out.entry.Rows > 0 {
		if evidence.Compare(&d.last, e) >= 0 {
			return damagedOrder(&d.last, e)
		}
		if d.out.entry.Rows >= d.s.limits.partRows && (e.ID != d.last.ID || !e.Time.Equal(d.last.Time)) {
			if err := d.end(); err != nil {
				return err
			}
		}
	}
	if d.out == nil {
		var err error
		if d.out, err = d.s.newEventWriter(&dayShape); err != nil {
			return err
		}
	}
	d.last = evidence.Event{Time: e.Time, ID: e.ID, Fingerprint: e.Fingerprint}
	return d.out.add(e)
}

// end completes the open file, if there is one.
func (d *days) end() error {
	if d.out == nil {
		return nil
	}
	st, err := d.out.finish()
	d.out = nil
	if err != nil {
		return err
	}
	d.parts = append(d.parts, dayPart{st, d.day})
	return nil
}

// close removes what was written for nothing.
func (d *days) close() {
	if d.out != nil {
		d.out.abandon()
	}
	for _, p := range d.parts {
		p.discard()
	}
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
