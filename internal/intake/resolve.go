package intake

import (
	"fmt"
	"strconv"
	"time"
)

// resolver turns expressions into intervals.
type resolver struct {
	c Clock
	// What is remembered from one time to the next (day, night, today) makes the order of the
	// text part of its meaning: times are resolved in the order in which they stand.
	zone    *time.Location // of times that name none
	zoneWhy string         // what that is, for notes; "" where the caller or text said it
	day     time.Time      // the day last named: "on 2 Nov …, at 14:00 …"
	dayZone *time.Location
	today   time.Time // the last moment of the day of writing, where the text dates it; zero without
	wrote   time.Time // the moment of writing, where the head of a mail gives its hour; zero without
	night   bool      // it was a night, which ends on the day after
	order   byte      // as whenParser.order
	unzoned []string
	notes   []string
	said    func(start, end int) string // what was written there
}

// note tells people what was assumed; every guess about a time is noted, since hours decide
// what is looked at.
func (r *resolver) note(format string, a ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, a...))
}

// location is the zone a stamp is read in.
func (r *resolver) location(s stamp) *time.Location {
	if s.zone != nil && s.zone.loc != nil {
		return s.zone.loc
	}
	return r.zone
}

// span resolves one expression; ok is false where it cannot be placed.
func (r *resolver) span(e expr) (Span, bool) {
	sp := Span{Text: r.said(e.start, e.end), Start: e.start, End: e.end}
	var ok bool
	switch e.op {
	case "range":
		sp.From, sp.To, ok = r.between(e.a, e.b)
		sp.Grain = "range"
	case "past":
		now := r.now()
		sp.From, sp.To, sp.Grain, ok = back(now, e.a.day.n, e.a.day.unit), now, "range", !now.IsZero()
	default:
		sp.From, sp.To, sp.Grain, ok = r.stamp(e.a)
		if ok && e.op == "since" {
			sp.Grain = "since"
			sp.From = r.weekBack(e.a, sp.From)
			if now := r.c.now(); now.After(sp.From) {
				sp.To = now
			}
			if at := sp.From.In(r.location(e.a)); e.sameDay {
				if midnight := time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, at.Location()); midnight.Before(sp.To) {
					sp.To = midnight
				}
			}
		}
		if ok && e.op == "until" {
			sp.Grain = "until"
			to := sp.From
			if e.a.clock.grain == 0 && e.a.day.kind != agoDay && !e.a.clock.has { // "until 2 Nov" includes that day; "before" too, to be safe
				to = sp.To
			}
			from := r.c.EvidenceFrom
			if from.IsZero() || !from.Before(to) {
				from = to.AddDate(0, 0, -30)
			}
			sp.From, sp.To = from, to
		}
	}
	if !ok {
		r.note("%q could not be placed in time; the time is left open", sp.Text)
		return sp, false
	}
	sp.From, sp.To = sp.From.UTC(), sp.To.UTC()
	// Outside of these years nothing is evidence; time.Time would still go on.
	if y := sp.From.Year(); y < 1970 || y > 2200 || !sp.From.Before(sp.To) {
		return sp, false
	}
	r.zoneNotes(e, sp)
	return sp, true
}

// weekBack moves "since Monday" to the Monday before, where the evidence holds hardly
// anything of the last one: whoever writes so on a Monday morning means the one that has passed.
func (r *resolver) weekBack(s stamp, from time.Time) time.Time {
	if d := r.c.EvidenceTo.Sub(from); s.day.kind != weekDay || s.day.weeks >= 0 || s.clock.has || r.c.EvidenceTo.IsZero() || d < 0 || d > beginning {
		return from
	}
	r.note("the evidence ends as %s begins; the one before was taken", from.In(r.location(s)).Format("Monday"))
	return from.AddDate(0, 0, -7)
}

// beginning is how much of a day has hardly begun it.
const beginning = 6 * time.Hour

// zoneNotes says which zone was assumed, and when an abbreviation names an offset that
// clocks there did not show on that date.
func (r *resolver) zoneNotes(e expr, sp Span) {
	s := e.a
	if s.zone == nil {
		s = e.b
	}
	exact := e.a.clock.has || e.b.clock.has || e.a.day.kind != agoDay
	switch {
	case s.zone == nil || s.zone.loc == nil:
		if r.zoneWhy != "" && exact && e.op != "past" {
			r.unzoned = append(r.unzoned, strconv.Quote(sp.Text))
		}
	case s.zone.seasonal != "":
		if loc, err := time.LoadLocation(s.zone.seasonal); err == nil {
			_, there := sp.From.In(loc).Zone()
			if _, said := sp.From.In(s.zone.loc).Zone(); said != there {
				r.note("%q: %s is UTC%+.4g, and was taken at its word; clocks in %s showed UTC%+.4g then",
					sp.Text, s.zone.text, float64(said)/3600, s.zone.seasonal, float64(there)/3600)
			}
		}
	}
}

// between resolves a range; each side borrows the day that only the other names.
func (r *resolver) between(a, b stamp) (from, to time.Time, ok bool) {
	lent := a.day.kind == noDay && b.day.kind != noDay
	if lent {
		a.day = b.day
	}
	borrowed := b.day.kind == noDay && a.day.kind != noDay
	if borrowed {
		b.day = a.day
	}
	if a.day.kind == dateDay && b.day.kind == dateDay && a.day.y == 0 {
		a.day.y = b.day.y
		if b.day.y > 0 && (a.day.m > b.day.m || a.day.m == b.day.m && a.day.d > b.day.d) {
			a.day.y--
		}
	}
	if a.clock.part != "" && b.clock.noAMPM && b.clock.h < 12 && a.clock.part != "morning" && a.clock.part != "night" {
		b.clock.h, b.clock.noAMPM = b.clock.h+12, false // "between lunch and 4"
	}
	from, _, _, ok1 := r.stamp(a)
	bf, bt, _, ok2 := r.stamp(b)
	if !ok1 || !ok2 {
		return from, to, false
	}
	to = bt
	if b.clock.has && b.clock.part == "" && !b.approx { // "between 14:00 and 16:00" ends at 16:00
		to = bf
	}
	// A range written backwards: of weekdays the first is of the week before; without days it goes
	// over midnight; without a year it ends in the next.
	if !from.Before(to) {
		switch {
		case b.day.kind == weekDay || b.day.kind == backDay && a.day.kind == weekDay:
			from = from.AddDate(0, 0, -7)
		case a.day.kind == noDay && b.day.kind == noDay || borrowed || lent: // over midnight
			if a.day.kind == noDay || lent {
				from = from.AddDate(0, 0, -1)
				if lent { // "between 21:00 and 01:00 on 3 Nov" begins or ends on that day
					to = to.AddDate(0, 0, 1)
					r.note("of a night told as that of one day, the night to it and the night after it are meant")
				}
			} else {
				to = to.AddDate(0, 0, 1)
			}
		case b.day.kind == dateDay && b.day.y == 0:
			to = to.AddDate(1, 0, 0)
		}
	}
	return from, to, from.Before(to)
}

// stamp resolves one day, clock or both.
func (r *resolver) stamp(s stamp) (from, to time.Time, grain string, ok bool) {
	loc := r.location(s)
	now := r.now().In(loc)
	if s.day.kind == agoDay && !(s.clock.has && (s.day.unit == 'd' || s.day.unit == 'w')) {
		return r.ago(s, loc)
	}
	start, end, grain, ok := r.days(s, loc)
	if !ok {
		return start, end, grain, false
	}
	// A single day, be it one of 25 hours, is what "at 14:00" further on is of.
	if end.Sub(start) <= 26*time.Hour && s.day.kind != noDay {
		r.day, r.dayZone, r.night = start, loc, s.clock.part == "night" || s.day.night
	}
	if !s.clock.has || s.day.kind == numberDay && grain == "range" { // of two days that it may be neither is the one for the hour
		return start, end, grain, true
	}
	at := func(d, h, m, sec int) time.Time {
		return time.Date(start.Year(), start.Month(), start.Day()+d, h, m, sec, 0, loc)
	}
	switch s.clock.part {
	case "morning":
		return at(0, 0, 0, 0), at(0, 12, 0, 0), "part", true
	case "lunch":
		return at(0, 11, 0, 0), at(0, 14, 0, 0), "part", true
	case "afternoon":
		return at(0, 12, 0, 0), at(0, 18, 0, 0), "part", true
	case "small":
		return at(0, 0, 0, 0), at(0, 6, 0, 0), "part", true
	case "pm":
		return at(0, 12, 0, 0), at(1, 0, 0, 0), "part", true
	case "evening":
		return at(0, 17, 0, 0), at(1, 0, 0, 0), "part", true
	case "night":
		d := 0
		if s.day.kind == backDay && !now.IsZero() && at(0, 18, 0, 0).After(r.moment(s)) {
			d = -1 // nobody tells of a night to come: "tonight", said by day, is the one that has passed
		} else if s.day.either {
			return at(-1, 18, 0, 0), at(1, 6, 0, 0), "part", true // said in the evening it may be either
		}
		return at(d, 18, 0, 0), at(d+1, 6, 0, 0), "part", true
	}
	from = at(0, s.clock.h, s.clock.m, s.clock.s)
	if s.day.kind == backDay && from.After(r.moment(s)) && !now.IsZero() {
		from = at(-1, s.clock.h, s.clock.m, s.clock.s) // likewise "tonight at 03:10"
	}
	today := r.day.IsZero() || r.night && r.day.Equal(midnight(now, 0, loc)) // "tonight …, 23h to 5h"
	if s.day.kind == noDay && today && from.After(r.moment(s)) && !now.IsZero() {
		from = at(-1, s.clock.h, s.clock.m, s.clock.s) // the last time the clock showed it
	}
	if s.clock.noAMPM {
		r.note("an hour without am or pm was read as %02d:%02d", s.clock.h, s.clock.m)
	}
	step, grain := time.Minute, "minute"
	switch s.clock.grain {
	case 's':
		step, grain = time.Second, "second"
	case 'h':
		step, grain = time.Hour, "hour"
	}
	if s.approx { // "around 3am" is an hour either side
		return from.Add(-time.Hour), from.Add(time.Hour), "hour", true
	}
	return from, from.Add(step), grain, true
}

// past is how many weeks before t a day must lie that somebody tells of, where t lies
// behind the evidence: what is not in it yet, nobody asks about.
func (r *resolver) past(t time.Time) int {
	if r.c.EvidenceTo.IsZero() || t.Before(r.c.EvidenceTo) || !t.Before(r.c.now()) {
		return 0
	}
	weeks := int(t.Sub(r.c.EvidenceTo)/(7*24*time.Hour)) + 1
	r.note("the evidence ends before %s; the day of that name before its end was taken", t.Format("Monday, 2 January 2006"))
	return weeks
}

// midnight is the beginning of the day of t, or of one so many days behind it, by the clocks
// of loc. Days are counted by the calendar: where clocks change, one has 23 or 25 hours.
func midnight(t time.Time, days int, loc *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, loc)
}

// days resolves the date part to whole local days. What is counted from the moment of writing
// cannot be placed where nothing tells when that was.
func (r *resolver) days(s stamp, loc *time.Location) (from, to time.Time, grain string, ok bool) {
	now := r.now().In(loc)
	known := !r.now().IsZero()
	if mode := s.day.week; mode != 0 {
		s.day.week = 0
		if from, _, _, ok = r.days(s, loc); ok {
			from, to = inWeek(mode, from)
		}
		return from, to, "week", ok
	}
	one := func(t time.Time, ok bool) (time.Time, time.Time, string, bool) {
		return t, midnight(t, 1, loc), "day", ok
	}
	switch d := s.day; d.kind {
	case noDay:
		if !r.day.IsZero() {
			t := r.dayNamed(loc)
			if r.night && s.clock.h < 18 {
				t = midnight(t, 1, loc)
			}
			return one(t, true)
		}
		return one(midnight(now, 0, loc), known)
	case dateDay:
		return r.dateOf(d, loc)
	case numberDay:
		return r.numeric(d, loc)
	case isoWeek:
		from, to, ok := r.isoWeek(d, loc)
		return from, to, "week", ok
	case monthDay:
		t, ok := r.date(day{kind: monthDay, y: d.y, m: d.m, d: 1}, loc)
		from, to = thirds(t, d.part)
		return from, to, "month", ok
	case ordinalDay:
		return one(r.ordinal(d, loc))
	case weekDay:
		return one(r.weekday(d, now, loc), known)
	case nextDay:
		if r.day.IsZero() {
			return from, to, "", false
		}
		t := r.dayNamed(loc)
		if d.said > 0 { // "the Monday after": the first one behind that day
			d.n = (d.said-1-int(t.Weekday())+6)%7 + 1
		}
		return one(midnight(t, d.n, loc), true)
	case backDay:
		return one(midnight(now, -d.n, loc), known)
	case weekend:
		back := (int(now.Weekday()) + 1) % 7 // days since Saturday
		back += 7 * r.past(midnight(now, -back, loc))
		return midnight(now, -back, loc), midnight(now, 2-back, loc), "range", known
	case unitDay:
		from, to, grain = r.wholeUnit(d, now, loc)
		if d.n == 0 && known && from.Before(now) && now.Before(to) { // this week, this month: so far
			to = now
		}
		return from, to, grain, known
	case agoDay:
		n := d.n
		if d.unit == 'w' {
			n *= 7
		}
		return one(midnight(now, -n, loc), known)
	}
	return from, to, "", false
}

// dayNamed is the day that the text named last, as a day of loc.
func (r *resolver) dayNamed(loc *time.Location) time.Time {
	return midnight(r.day.In(r.dayZone), 0, loc)
}

// dateOf places a date, and notes where the text contradicts itself or could be read otherwise.
func (r *resolver) dateOf(d day, loc *time.Location) (from, to time.Time, grain string, ok bool) {
	t, ok := r.date(d, loc)
	if d.dotted && d.d <= 12 && d.d != d.m && ok {
		r.note("%d.%d. was read as %s, day first", d.d, d.m, t.Format("2 January 2006"))
	}
	if d.said > 0 && ok && int(t.Weekday()) != d.said-1 {
		r.note("%s is no %s but a %s; the date counts", t.Format("2 January 2006"), time.Weekday(d.said-1), t.Weekday())
	}
	return t, midnight(t, 1, loc), "day", ok
}

// weekday is the day of that name in the week that is named, else the last one before now;
// "last Monday", said on a Monday, is the one before.
func (r *resolver) weekday(d day, now time.Time, loc *time.Location) time.Time {
	if d.weeks >= 0 { // weeks begin on Monday
		return midnight(now, -((int(now.Weekday())+6)%7 - (d.n+6)%7 + 7*d.weeks), loc)
	}
	back := (int(now.Weekday()) - d.n + 7) % 7
	if d.last && back == 0 {
		back = 7
	}
	back += 7 * r.past(midnight(now, -back, loc))
	return midnight(now, -back, loc)
}

// wholeUnit is the week, from Monday, or the month that lies d.n before that of now.
func (r *resolver) wholeUnit(d day, now time.Time, loc *time.Location) (from, to time.Time, grain string) {
	if d.unit == 'w' {
		monday := (int(now.Weekday())+6)%7 + 7*d.n
		return midnight(now, -monday, loc), midnight(now, 7-monday, loc), "week"
	}
	t := time.Date(now.Year(), now.Month()-time.Month(d.n), 1, 0, 0, 0, 0, loc)
	return t, t.AddDate(0, 1, 0), "month"
}
