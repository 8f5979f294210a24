package investigation

import (
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// judged is what is reckoned from one attribution and asked for once a row or more: without
// it each question would walk all rows again, and a case has as many rows as its busiest
// credential has calls. attribute alone sets at, and begins this anew with it; nothing
// here may outlive the attribution that it was reckoned from.
type judged struct {
	bounded  bool // from and to are reckoned, be they zero
	from, to time.Time

	rows     map[string]attribution.Row // by event; of several of one event a hostile one
	repeats  []bool                     // by row: an earlier one is of the same event
	firsts   map[[2]string]string       // credential and network → first event
	shown    map[string]map[string]bool // principal → rights it was seen to use
	periodic map[renewal]bool           // sorts of hostile calls that come at one pace
	persons  map[string]bool            // who made any of the calls
}

// intrusion is from the first hostile event to the last; zero if there is none. Rows stand in
// the order of evidence, which is that of time.
func (in *inquiry) intrusion() (from, to time.Time) {
	j := &in.judged
	if !j.bounded {
		j.bounded = true
		for i, row := range in.at.Rows {
			if row.Actor.Hostile() {
				if j.from.IsZero() {
					j.from = in.at.Events[i].Time
				}
				j.to = in.at.Events[i].Time
			}
		}
	}
	return j.from, j.to
}

// during says whether t lies in the intrusion, widened by an hour: clocks, and what led up to
// the first call that was recognised.
func (in *inquiry) during(t time.Time) bool {
	from, to := in.intrusion()
	return !from.IsZero() && !t.Before(from.Add(-time.Hour)) && !t.After(to.Add(time.Hour))
}

// rows are the attribution by event. An event id with two contents has two rows; that one of them
// is the intruder's must not be lost by the other.
func (in *inquiry) rows() map[string]attribution.Row {
	if in.judged.rows == nil {
		in.judged.rows = map[string]attribution.Row{}
		for _, r := range in.at.Rows {
			if prev, ok := in.judged.rows[r.Event]; !ok || !prev.Actor.Hostile() {
				in.judged.rows[r.Event] = r
			}
		}
	}
	return in.judged.rows
}

// again says whether an earlier row is of the same event: an event id with two
// contents has two rows, and happened once.
func (in *inquiry) again(row int) bool {
	if in.judged.repeats == nil {
		in.judged.repeats = make([]bool, len(in.at.Rows))
		seen := map[string]bool{}
		for i, r := range in.at.Rows {
			in.judged.repeats[i] = seen[r.Event]
			seen[r.Event] = true
		}
	}
	return in.judged.repeats[row]
}

// touches says whether any call of the person was judged.
func (in *inquiry) touches(person string) bool {
	if in.judged.persons == nil {
		in.judged.persons = map[string]bool{}
		for i := range in.at.Events {
			in.judged.persons[in.at.Events[i].Identity.Person()] = true
		}
	}
	return in.examined(person) || in.judged.persons[person]
}

// renewal is one sort of call about the same things by the same hands.
type renewal struct{ source, name, actor, resources string }

// renewalOf is the sort of one call: a role is told by the things that the call names.
func renewalOf(e *evidence.Event) renewal {
	return renewal{e.Source, e.Name, actorOf(e), strings.Join(e.Resources, "\x1f")}
}
