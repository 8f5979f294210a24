package store

import (
	"crypto/sha256"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// distinct drops repetitions from a stream in merge order, by the rules of
// evidence.Dedupe and with its result, holding no more than the events of one
// id and second, and of those only what a later one can still decide.
//
// Within one (time, id): events of one fingerprint are one event; of the lossy
// ones of one Core the first stays, and only if no whole record has that Core.
//
// The merge gives fingerprints to events that something else could repeat. What
// is kept has one only if its id and second have two contents: so it does not
// depend on what was dropped.
type distinct struct {
	keep func(*evidence.Event) error
	drop func(*evidence.Event)

	at      time.Time
	id      string
	last    string // fingerprint met last, and where
	lastRef evidence.Ref
	seen    int                // events met in this group
	first   evidence.Event     // the first of the group, while it is the only one
	cores   map[core]*lossyOne // what was met, by Core
	pending []*evidence.Event  // kept so far and not handed on, in order; nil where dropped
	waiting int                // lossy ones among pending
	only    *evidence.Event    // the first that stays, until another does
	several bool               // another did
}

type core [sha256.Size]byte

// lossyOne is what a group holds under one Core.
type lossyOne struct {
	whole bool // a whole record has it: no lossy one stays
	at    int  // else: position in pending of the lossy one
}

func (d *distinct) add(e *evidence.Event) error {
	if d.seen > 0 && (e.ID != d.id || !e.Time.Equal(d.at)) {
		if err := d.flush(); err != nil {
			return err
		}
	}
	if d.seen > 0 && e.Fingerprint == d.last {
		if e.Ref != d.lastRef { // else it is the same record, read twice, and repeats nothing
			d.drop(e)
		}
		d.lastRef = e.Ref
		return nil
	}
	d.at, d.id, d.last, d.lastRef = e.Time, e.ID, e.Fingerprint, e.Ref
	d.seen++
	if d.seen == 1 {
		d.first = *e
		return nil
	}
	if d.seen == 2 { // rare: an id seldom has two contents
		d.cores = map[core]*lossyOne{}
		first := d.first
		if err := d.weigh(&first); err != nil {
			return err
		}
	}
	one := *e
	return d.weigh(&one)
}

// weigh decides on one of several events of one id and second.
func (d *distinct) weigh(e *evidence.Event) error {
	key := core(sha256.Sum256([]byte(e.Core())))
	known := d.cores[key]
	switch {
	case e.Lossy && known != nil:
		d.drop(e)
		return nil
	case e.Lossy:
		d.cores[key] = &lossyOne{at: len(d.pending)}
		d.waiting++
	case known == nil:
		d.cores[key] = &lossyOne{whole: true}
	case !known.whole:
		d.drop(d.pending[known.at])
		d.pending[known.at] = nil
		known.whole = true
		d.waiting--
	}
	if d.waiting == 0 { // nothing before e can change any more
		if err := d.release(); err != nil {
			return err
		}
		return d.stays(e)
	}
	d.pending = append(d.pending, e)
	return nil
}

func (d *distinct) release() error {
	for _, e := range d.pending {
		if e != nil {
			if err := d.stays(e); err != nil {
				return err
			}
		}
	}
	d.pending = d.pending[:0]
	return nil
}

// stays hands on what nothing can drop any more, one behind, since the first
// needs its fingerprint only if there is a second.
func (d *distinct) stays(e *evidence.Event) error {
	switch {
	case d.several:
		return d.keep(e)
	case d.only == nil:
		d.only = e
		return nil
	}
	first := d.only
	d.only, d.several = nil, true
	if err := d.keep(first); err != nil {
		return err
	}
	return d.keep(e)
}

// flush ends the group.
func (d *distinct) flush() error {
	if d.seen == 1 {
		d.seen = 0
		d.first.Fingerprint = ""
		return d.keep(&d.first)
	}
	d.seen, d.waiting, d.cores = 0, 0, nil
	if err := d.release(); err != nil {
		return err
	}
	only := d.only
	d.only, d.several = nil, false
	if only == nil {
		return nil
	}
	only.Fingerprint = ""
	return d.keep(only)
}
