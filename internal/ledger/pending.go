package ledger

import (
	"slices"
	"strconv"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// pending is a deletion that was scheduled and not called off: until its time the thing
// can be had back whole, and afterwards not at all.
type pending struct {
	ref
	hostile bool
	due     time.Time
	told    bool // the answer said when; what is only reckoned may come later
	undo    string
}

// due is when the thing of an entry that schedules goes: as the answer says it, else by
// the days asked for, else by the longest that the service gives. told is the first.
func (c *call) due(e *entry) (at time.Time, told bool) {
	for _, path := range e.Due {
		if v := c.values(path); len(v) > 0 {
			if at := evidence.ParseTime(v[0]); !at.IsZero() {
				return at, true
			}
		}
	}
	days := e.AtMost
	if e.Days != "" {
		if v := c.values(e.Days); len(v) > 0 {
			if n, err := strconv.Atoi(v[0]); err == nil && n > 0 && n < 36500 {
				days = n
			}
		}
	}
	if days == 0 {
		return time.Time{}, false
	}
	return c.e.Time.AddDate(0, 0, days).UTC(), false
}

// schedule and spare note that a thing is to go, and that it is not.
func (b *book) schedule(l *life, s *step) {
	if s.eff.due.IsZero() {
		return
	}
	l.pending = &pending{s.ref, s.hostile, s.eff.due, s.eff.told, s.eff.entry.Undo}
	l.spared = nil
	if s.hostile {
		l.doomed = true
	}
}

func (b *book) spare(l *life, s *step) {
	if l.pending == nil && !l.doomed { // the call that scheduled it is not here, or nobody's concern
		return
	}
	l.pending = nil
	if l.doomed && !s.hostile {
		l.spared = &s.ref
	}
}

// past says whether the time has come: yes only where the answer told it, maybe where it
// is reckoned or the evidence has a gap in which it could have been called off.
func (p *pending) past(in Input) (past, sure bool) {
	if in.End.IsZero() || p.due.After(in.End) {
		return false, true
	}
	return true, p.told && !blind(in, []ref{p.ref})
}

// tell writes on the row what a pending deletion makes of its thing: there until its time,
// and what calls it off if the intruder had scheduled it.
func (p *pending) tell(r *Resource, in Input) {
	past, sure := p.past(in)
	switch {
	case past && sure:
		r.StateNow = Removed
	case past:
		r.StateNow = Unknown
	default:
		r.StateNow, r.DeletesAt = Present, p.due.Format(time.RFC3339)
		if p.hostile {
			r.Undo = p.undo
		}
	}
	r.StateEvidence = cite([]ref{p.ref})
}

// over are the calls by which a thing that others hang on works no longer: it went at its
// time, or somebody other than the intruder has it deleted. One that the intruder had
// scheduled comes back with all that hangs on it, so that those are still to be undone.
func (b *book) over(parents []string, in Input) []ref {
	for _, k := range parents {
		l := b.lives[k]
		if l == nil || l.pending == nil {
			continue
		}
		if past, sure := l.pending.past(in); !l.pending.hostile || past && sure {
			return []ref{l.pending.ref}
		}
	}
	return nil
}

// called says what became of a thing whose deletion was called off: it is as it was where
// nothing else that the intruder did to it stands, a key switched on again for one.
func (b *book) called(l *life, r *row) (string, []ref) {
	refs, open := []ref{*l.spared}, r.loose
	for _, k := range b.partsOf(r.id.key) {
		if sp := b.lives[k].now(); sp != nil && len(sp.opened) > 0 {
			open = open || sp.live
			refs = append(refs, sp.ended...)
		}
	}
	if open {
		return Present, append(refs, *r.changed)
	}
	return Restored, slices.Clip(refs)
}
