package intake

import (
	"strings"
	"time"
)

// apposed says that a date behind the gap names the day of e once more: "last night (10
// February)", "yesterday (the 16th)", "since this morning jan 21".
func apposed(e, date expr, gap string) bool {
	if date.op != "at" || date.a.clock.has && e.a.clock.has || e.op != "at" && e.op != "since" {
		return false
	}
	gap = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(gap), "the"))
	switch date.a.day.kind {
	case dateDay, numberDay, ordinalDay:
	default:
		return false
	}
	night := e.a.clock.part == "night"
	switch gap {
	case "(":
		return !date.a.clock.has && (e.op == "at" || e.a.day.kind == backDay && !night)
	case "", ",":
		return e.a.day.kind == backDay && (e.op == "at" || !night) && !(gap == "," && date.a.clock.has)
	}
	return false
}

// written learns on which day the text was written, from a date beside a word for a day: of
// "this morning, 17 July" it is the 17th, of "yesterday (the 16th)" too. Words elsewhere in
// the text ("yesterday") are then counted from it, and not from the end of the evidence. A
// moment that somebody gave beside the text stands; a night may be that of either day.
func (r *resolver) written(e, date expr) {
	if !r.c.Now.IsZero() || e.a.day.kind != backDay || e.a.clock.part == "night" || !r.today.IsZero() {
		return
	}
	probe := *r
	at, _, grain, ok := probe.days(date.a, r.location(date.a))
	if !ok || grain != "day" {
		return
	}
	if last := at.AddDate(0, 0, e.a.day.n+1).Add(-time.Second); last.Before(r.c.now()) {
		r.today = last
	}
}

// moment is the moment of writing for words that are of a night: what is told of tonight at 23:00 in a
// mail of the morning was last night. Of the rest of a day it is the day's end, since a mail also says
// what will be done on it; and in the evening nobody says tonight of the night before.
func (r *resolver) moment(s stamp) time.Time {
	if (s.day.night || s.day.kind == noDay && r.night) && !r.wrote.IsZero() && r.wrote.Hour() < 17 {
		return r.wrote
	}
	return r.now()
}

// now is the moment that words for days are counted from.
func (r *resolver) now() time.Time {
	if !r.today.IsZero() {
		return r.today
	}
	return r.c.now()
}
