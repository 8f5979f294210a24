package store

import (
	"context"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// days writes the settled files of one day after the other.
type days struct {
	s         *Store
	ctx       context.Context
	divides   bool                   // days may be divided by account
	whole     bool                   // no event is lossy
	old       map[string][]fileEntry // settled files not taken up by the merge
	committed map[string]bool        // if not nil, events of other artifacts are left out
	drops     map[string]int64       // by artifact
	kept      map[string]int64       // by artifact, if committed is not nil

	runs   []fileEntry // what the merge is of, besides settled files
	memory []timed     // …sorted

	day   string
	from  time.Time // its beginning, and that of the next
	to    time.Time
	files []fileEntry     // settled files of the day that take part
	own   map[string]bool // accounts with a partition of their own that day; nil if it has one in all
	later []string        // those of them that another pass is to write
	// entangled says that something of a later pass has an id and a second in which there are two
	// contents. The other may be another account's: who reads one account alone would not see
	// it, and take the fingerprint for needless.
	entangled bool
	open      map[string]*part // being written, by partition; that of an undivided day is ""
	parts     []dayPart
}

// part is a partition of a day that is being written.
type part struct {
	out  *eventWriter
	last evidence.Event // written last: its id and time
}

type dayPart struct {
	staged
	day, account string // the account is empty where the day is not divided
}

// run merges runs, the events in memory and the settled files of the days that these touch,
// and all of the days in again.
func (d *days) run(runs []fileEntry, events []batch, again []string) error {
	d.runs = runs
	req := &request{from: minMicros, to: maxMicros, body: true}
	m := &merge{}
	defer m.close()
	for _, f := range runs {
		m.add(d.s.source(d.ctx, f, req))
	}
	if len(events) > 0 {
		d.memory = sorted(events)
		m.add(memorySource(d.memory))
	}
	taken := map[string]bool{}
	for _, day := range again {
		taken[day] = true
		for _, f := range d.old[day] {
			m.add(d.s.source(d.ctx, f, req))
		}
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
			files := d.old[day]
			delete(d.old, day)
			if err := d.begin(day, e.Time, files); err != nil {
				return err
			}
			// What the day has already joins in; some of it may come first.
			if !taken[day] {
				for _, f := range files {
					m.add(d.s.source(d.ctx, f, req))
				}
			}
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

func (d *days) begin(day string, at time.Time, files []fileEntry) error {
	if err := d.end(); err != nil {
		return err
	}
	d.day, d.files, d.own, d.later, d.entangled, d.open = day, files, nil, nil, false, map[string]*part{}
	d.span(at)
	if !d.divides {
		return nil
	}
	own, err := d.count()
	if err != nil || len(own) == 0 {
		return err
	}
	d.own = map[string]bool{}
	for _, account := range own {
		d.own[account] = true
	}
	// The shared partition is of the first pass, which sees every event.
	first := min(len(own), max(d.s.limits.openParts-1, 0))
	d.open[shared] = &part{}
	for _, account := range own[:first] {
		d.open[account] = &part{}
	}
	d.later = own[first:]
	return nil
}

// keep writes one event, unless its partition is of a later pass. Files are cut between ids,
// so that all forms of one event that are in a partition stand in one file.
func (d *days) keep(e *evidence.Event) error {
	name := ""
	switch {
	case d.own[e.Account]:
		name = e.Account
	case d.own != nil:
		name = shared
	}
	p := d.open[name]
	if p == nil {
		if name != "" {
			d.entangled = d.entangled || e.Fingerprint != ""
			return nil
		}
		p = &part{}
		d.open[name] = p
	}
	if d.committed != nil {
		d.kept[e.Ref.Artifact]++
	}
	if p.out != nil && p.out.entry.Rows > 0 {
		if evidence.Compare(&p.last, e) >= 0 {
			return damagedOrder(&p.last, e)
		}
		if p.out.entry.Rows >= d.s.limits.partRows && (e.ID != p.last.ID || !e.Time.Equal(p.last.Time)) {
			if err := d.endPart(name); err != nil {
				return err
			}
		}
	}
	if p.out == nil {
		var err error
		if p.out, err = d.s.newEventWriter(&dayShape); err != nil {
			return err
		}
	}
	p.last = evidence.Event{Time: e.Time, ID: e.ID, Fingerprint: e.Fingerprint}
	return p.out.add(e)
}

// end completes the day in hand, with the passes that are left.
func (d *days) end() error {
	if err := d.endParts(); err != nil {
		return err
	}
	for len(d.later) > 0 {
		some := d.later[:min(len(d.later), max(d.s.limits.openParts, 1))]
		d.later = d.later[len(some):]
		for _, account := range some {
			d.open[account] = &part{}
		}
		if err := d.pass(some); err != nil {
			return err
		}
		if err := d.endParts(); err != nil {
			return err
		}
	}
	return nil
}

// endParts completes what is open, in order of the partitions.
func (d *days) endParts() error {
	names := make([]string, 0, len(d.open))
	for name := range d.open {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := d.endPart(name); err != nil {
			return err
		}
		delete(d.open, name)
	}
	return nil
}

// endPart completes the open file of a partition, if there is one.
func (d *days) endPart(name string) error {
	p := d.open[name]
	if p.out == nil {
		return nil
	}
	st, err := p.out.finish()
	p.out = nil
	if err != nil {
		return err
	}
	d.parts = append(d.parts, dayPart{st, d.day, name})
	return nil
}

// close removes what was written for nothing.
func (d *days) close() {
	for _, p := range d.open {
		if p.out != nil {
			p.out.abandon()
		}
	}
	for _, p := range d.parts {
		p.discard()
	}
}
