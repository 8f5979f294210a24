package intake

import "time"

// ordinal reads a day of a month that nobody names: "on the 10th", "Thursday the 5th",
// "the 28th of last month". "The 3rd key" is no day: something that counts must stand
// before it, and nothing that is counted behind it.
func (p *whenParser) ordinal(i int) (day, int) {
	n, ok := p.num(i, 2, 1, 31)
	if !ok || !p.is(i+1, "st", "nd", "rd", "th") || !p.glued(i+1) {
		return day{}, i
	}
	d, next := day{kind: ordinalDay, d: n}, i+2
	if p.is(next, "of") && p.is(next+1, "this", "last", "the") && p.is(next+2, "month") {
		d.unit, d.n = 'o', 0
		if p.is(next+1, "last") {
			d.n = 1
		}
		return d, next + 3
	}
	j := i - 1
	the := p.is(j, "the")
	if the {
		j--
	}
	dated := p.is(j, "on", "since", "from", "until", "till", "before", "after", "between", "around", "about") || p.weekdayAt(j) ||
		p.is(j, "of") && (parts[p.at(j-1).text] != "" || p.is(j-1, "as", "hours", "week")) || p.is(j, "by") && the ||
		p.is(j, "and", "or", "to", "through", "until", "-", "–") && p.is(j-1, "st", "nd", "rd", "th")
	if !dated && the { // "yesterday (the 4th)"
		if p.is(j, "(", ",") {
			j--
		}
		dated = p.is(j, "yesterday", "today", "morning", "afternoon", "evening", "night")
	}
	ranged := p.is(next, "-", "–") && p.digitsAt(next+1) && p.is(next+2, "st", "nd", "rd", "th") // "5th-7th"
	if !(dated && p.closes(next) || (the || dated || i == 0) && p.timeBegins(next) || ranged) {
		return day{}, i
	}
	return d, next
}

// ordinal places a day of the month: in the month of the day last named, else the last
// time before now that it was that day, and the weekday where one is said; in the
// evidence where it can be.
func (r *resolver) ordinal(d day, loc *time.Location) (time.Time, bool) {
	now := r.c.now().In(loc)
	if r.c.now().IsZero() {
		return now, false
	}
	in := func(months int) (time.Time, bool) {
		t := time.Date(now.Year(), now.Month()-time.Month(months), d.d, 0, 0, 0, 0, loc)
		return t, t.Day() == d.d && !t.After(now) && (d.said == 0 || int(t.Weekday()) == d.said-1)
	}
	if d.unit == 'o' {
		d.said = 0
		return in(d.n)
	}
	var found []time.Time // inside the evidence
	var last time.Time
	for k := 0; k < 24; k++ {
		t, ok := in(k)
		if !ok {
			continue
		}
		if last.IsZero() {
			last = t
		}
		if t.Before(r.c.EvidenceTo) && t.AddDate(0, 0, 1).After(r.c.EvidenceFrom) && !r.c.EvidenceFrom.IsZero() {
			found = append(found, t)
		}
	}
	switch {
	case d.doubted && (last.IsZero() || len(found) == 0 && !r.c.EvidenceFrom.IsZero()): // "Friday 9" may be the hour, or wrong: nobody can tell
		r.note("%s %d is no such day of the evidence", time.Weekday(d.said-1), d.d)
		return now, false
	case last.IsZero() && d.said > 0: // no such weekday in two years: the number counts
		d.said = 0
		return r.ordinal(d, loc)
	case len(found) == 0:
		return last, !last.IsZero()
	}
	best := found[0]
	for _, t := range found {
		if !r.day.IsZero() && t.Month() == r.day.In(loc).Month() && t.Year() == r.day.In(loc).Year() {
			best = t
		}
	}
	if len(found) > 1 {
		r.note("no month is given with day %d; it was read as %s", d.d, best.Format("2 January 2006"))
	}
	return best, true
}

// nightOf reads a night named by the two days that it joins: "the night of 3rd to 4th",
// "night 3./4.11.", "the night from Monday to Tuesday".
func (p *whenParser) nightOf(i int) (expr, int) {
	from := i
	if p.is(i, "in", "during", "on") { // else "in the night of Saturday" is read without the Sunday behind it
		i++
	}
	if p.is(i, "the") {
		i++
	}
	if !p.is(i, "night") {
		return expr{}, from
	}
	if e, next := p.nightBefore(i); next > i {
		return e, next
	}
	j := i + 1
	for p.is(j, "of", "from", "between", "on", "the") && j < i+4 {
		j++
	}
	a, next := p.nightDay(j)
	// "at" and "for" are what glossaries make of "à dimanche" and "para domingo".
	if next == j || !p.is(next, "to", "/", "-", "–", "and", "on", "at", "for", "till", "until") {
		return expr{}, from
	}
	k := next + 1
	for p.is(k, "the", "on", "to") && k < next+3 {
		k++
	}
	b, end := p.nightDay(k)
	if end == k {
		return expr{}, from
	}
	switch {
	case a.kind == weekDay || b.kind == weekDay:
		if a.kind != b.kind || (a.n+1)%7 != b.n {
			return expr{}, from
		}
	case b.d != a.d+1 && !(b.d == 1 && a.d >= 28):
		return expr{}, from
	case a.kind != dateDay && b.kind == dateDay:
		first := a.d
		if a = b; b.d == 1 {
			if a.m--; a.m == 0 {
				a.m, a.y = 12, max(a.y-1, 0)
			}
		}
		a.d = first
	case a.kind == bareDay:
		a.kind = ordinalDay
	}
	s := stamp{day: a, clock: clock{has: true, part: "night"}, start: p.at(i).start, end: p.at(end - 1).end}
	if z, after := p.zoneBehind(end); after > end {
		s.zone, s.end, end = &z, p.at(after-1).end, after
	}
	return expr{op: "at", a: s}, end
}

// nightBefore reads a night named by the day on which it ends: "the night to the 30th of October", "the night before Tuesday".
func (p *whenParser) nightBefore(i int) (expr, int) {
	if !p.is(i+1, "to", "before") {
		return expr{}, i
	}
	j := p.skip(i+2, "the")
	d, end := p.nightDay(j)
	if end == j {
		return expr{}, i
	}
	if d.kind == bareDay {
		d.kind = ordinalDay
	}
	e := expr{op: "range", a: stamp{day: d, clock: clock{has: true, h: -6, grain: 'h'}}, b: stamp{day: d, clock: clock{has: true, h: 6, grain: 'h'}}}
	e.a.start, e.b.end = p.at(i).start, p.at(end-1).end
	e.a.end, e.b.start = e.b.end, e.a.start
	if z, after := p.zoneBehind(end); after > end {
		e.a.zone, e.b.zone, e.b.end, end = &z, &z, p.at(after-1).end, after
	}
	return e, end
}

// zoneBehind reads the zone of what ends at lexeme i, also in parentheses.
func (p *whenParser) zoneBehind(i int) (zone, int) {
	j := i
	if p.is(j, "(") {
		j++
	}
	z, after := p.zone(j, false)
	switch {
	case after == j:
		return zone{}, i
	case j > i && p.is(after, ")"):
		after++
	}
	return z, after
}

// nightDay reads a date, a weekday or a bare number, which "night" makes a day.
func (p *whenParser) nightDay(i int) (day, int) {
	if d, _, next := p.day(i); next > i && (d.kind == dateDay || d.kind == weekDay || d.kind == ordinalDay) {
		return d, next
	}
	b, next := p.bare(i)
	if next > i && b.day.d == 0 {
		return day{}, i
	}
	return b.day, next
}
