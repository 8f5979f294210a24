package intake

import (
	"time"
)

// date places a date without a year: inside the evidence where it can be, else the last
// time that it was such a date before now.
func (r *resolver) date(d day, loc *time.Location) (time.Time, bool) {
	in := func(y int) time.Time { return time.Date(y, time.Month(d.m), d.d, 0, 0, 0, 0, loc) }
	length := func(t time.Time) time.Time {
		if d.kind == monthDay {
			return t.AddDate(0, 1, 0)
		}
		return t.AddDate(0, 0, 1)
	}
	if d.y > 0 {
		return in(d.y), true
	}
	now := r.c.now()
	if now.IsZero() {
		return time.Time{}, false
	}
	var best time.Time
	// Next year too: evidence may end after the moment the text was written. A century back is
	// further than any 29 February.
	for y := now.Year() + 1; y >= now.Year()-100; y-- {
		t := in(y)
		if int(t.Month()) != d.m { // 29 February of another year
			continue
		}
		if !r.c.EvidenceTo.IsZero() && t.Before(r.c.EvidenceTo) && length(t).After(r.c.EvidenceFrom) && !r.c.EvidenceFrom.IsZero() {
			return t, true
		}
		if best.IsZero() && !t.After(now) {
			best = t
		}
		if !best.IsZero() && (r.c.EvidenceFrom.IsZero() || t.Before(r.c.EvidenceFrom)) {
			break
		}
	}
	// Who tells of what is most of a year ago writes the year: a day that is soon to come is meant,
	// of a release, a deadline, an end.
	if soon := best.AddDate(1, 0, 0); d.kind == dateDay && !best.IsZero() && soon.Month() == best.Month() && soon.Sub(now) <= comingDays*24*time.Hour && now.Sub(best) >= goneDays*24*time.Hour {
		best = soon
	}
	// "Friday 6 Nov", said on the 2nd: of years that are near the one in which it is that day.
	if d.said > 0 && int(best.Weekday()) != d.said-1 {
		for _, y := range []int{now.Year(), now.Year() + 1, now.Year() - 1} {
			if t := in(y); int(t.Weekday()) == d.said-1 && int(t.Month()) == d.m {
				return t, true
			}
		}
	}
	return best, !best.IsZero()
}

// A date without a year that has passed so many days ago and will come again within so many is
// that to come.
const comingDays, goneDays = 60, 300

// numeric tells day and month of 02/11 apart: by what is possible, by the order that the
// text says or shows its dates to have, then by what falls inside the evidence; where both
// do, the time is from the one to the other. Where none does, day first. All of it is said.
func (r *resolver) numeric(d day, loc *time.Location) (from, to time.Time, grain string, ok bool) {
	whole := func(d day) (time.Time, time.Time, string, bool) {
		t, ok := r.date(d, loc)
		return t, t.AddDate(0, 0, 1), "day", ok
	}
	one, two := day{kind: dateDay, y: d.y, m: d.m, d: d.d}, day{kind: dateDay, y: d.y, m: d.d, d: d.m}
	switch {
	case !validDay(one) && !validDay(two):
		return from, to, "", false
	case !validDay(two) || d.m == d.d:
		return whole(one)
	case !validDay(one), r.order == 'm':
		return whole(two)
	case r.order == 'd':
		return whole(one)
	}
	t1, ok1 := r.date(one, loc)
	t2, ok2 := r.date(two, loc)
	if !ok1 || !ok2 {
		return t1, t1.AddDate(0, 0, 1), "day", ok1
	}
	in := func(t time.Time) bool {
		return !r.c.EvidenceTo.IsZero() && t.Before(r.c.EvidenceTo) && t.AddDate(0, 0, 1).After(r.c.EvidenceFrom)
	}
	t, why := t1, "day first"
	switch {
	case in(t2) && in(t1):
		if t2.Before(t1) {
			t1, t2 = t2, t1
		}
		r.note("%d/%d may be two dates, %s or %s; all from the one to the other was taken", d.d, d.m, t1.Format("2 January 2006"), t2.Format("2 January 2006"))
		return t1, t2.AddDate(0, 0, 1), "range", true
	case in(t2):
		t, why = t2, "month first, as only that lies inside the evidence"
	case in(t1):
		why = "day first, as only that lies inside the evidence"
	}
	r.note("%d/%d may be two dates; it was read as %s, %s", d.d, d.m, t.Format("2 January 2006"), why)
	return t, t.AddDate(0, 0, 1), "day", true
}

// shown is the order that the dates of the text have where one of them can be read one way
// only ("13/11"): 'd' or 'm', 0 where none can or they disagree.
func shown(found []expr) (order byte) {
	for _, e := range found {
		for _, d := range []day{e.a.day, e.b.day} {
			o := byte(0)
			switch {
			case d.kind != numberDay:
				continue
			case !validDay(day{m: d.d, d: d.m}):
				o = 'd'
			case !validDay(day{m: d.m, d: d.d}):
				o = 'm'
			}
			if o != 0 && order != 0 && o != order {
				return 0
			}
			order = max(order, o)
		}
	}
	return order
}

// ago resolves "three hours ago": hours and less to about then, days and more to the day.
func (r *resolver) ago(s stamp, loc *time.Location) (from, to time.Time, grain string, ok bool) {
	now := r.c.now()
	if now.IsZero() {
		return now, now, "", false
	}
	at := back(now, s.day.n, s.day.unit).In(loc)
	switch s.day.unit {
	case 's', 'm':
		if s.day.fuzzy {
			return at.Add(-15 * time.Minute), at.Add(15 * time.Minute), "range", true
		}
		return at.Add(-5 * time.Minute), at.Add(5 * time.Minute), "minute", true
	case 'h':
		if s.day.fuzzy {
			return at.Add(-2 * time.Hour), at.Add(2 * time.Hour), "range", true
		}
		return at.Add(-30 * time.Minute), at.Add(30 * time.Minute), "hour", true
	}
	from = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, loc)
	switch { // "two weeks ago" is hardly meant to the day, "two months" not to the week
	case s.day.unit == 'o':
		return from.AddDate(0, 0, -10), from.AddDate(0, 0, 11), "week", true
	case s.day.unit == 'w':
		return from.AddDate(0, 0, -3), from.AddDate(0, 0, 4), "week", true
	case s.day.fuzzy:
		return from.AddDate(0, 0, -1), from.AddDate(0, 0, 2), "range", true
	}
	return from, from.AddDate(0, 0, 1), "day", true
}

// back is so many units before t. Days, weeks and months are counted by the calendar, the rest
// by the clock; an unknown unit is a month.
func back(t time.Time, n int, unit byte) time.Time {
	switch unit {
	case 's':
		return t.Add(-time.Duration(n) * time.Second)
	case 'm':
		return t.Add(-time.Duration(n) * time.Minute)
	case 'h':
		return t.Add(-time.Duration(n) * time.Hour)
	case 'd':
		return t.AddDate(0, 0, -n)
	case 'w':
		return t.AddDate(0, 0, -7*n)
	}
	return t.AddDate(0, -n, 0)
}

// dated joins a relative time with the date that follows it in parentheses. Where both
// agree the relative one is the finer; where they do not, the text was not written at the
// end of the evidence, and the date counts. The night "of" a date may be either that
// begins or that ends on it, so both are taken.
func (r *resolver) dated(e, date expr, text string) expr {
	joined := e
	joined.end = date.end
	if end := date.end; end < len(text) && text[end] == ')' {
		joined.end++
	}
	if date.a.clock.has { // "yesterday 16 July 14:00": the date says all
		date.op, date.start = e.op, e.start
		return date
	}
	switch e.a.day.kind {
	case backDay, weekDay, agoDay, unitDay:
	default:
		return e
	}
	from, to, _, ok := r.stamp(e.a)
	day, next, _, ok2 := r.stamp(date.a)
	if !ok2 || ok && from.Before(next) && day.Before(to) {
		return joined
	}
	joined.a.day = date.a.day
	if e.a.clock.part == "night" {
		joined.op = "range"
		joined.a = stamp{day: date.a.day, clock: clock{has: true, grain: 'h'}, zone: e.a.zone}
		joined.b = stamp{day: date.a.day, zone: e.a.zone, clock: clock{has: true, h: 30, grain: 'h'}}
		joined.a.clock.h = -6
	}
	return joined
}
