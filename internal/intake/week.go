package intake

import "time"

// weekOf reads a week named by its number ("week 46", "KW 46/2026") or by a date ("w/e 15
// Nov", "week of 2 Nov", "week commencing 2 Nov"). "Week 2 of the project" is no such week.
func (p *whenParser) weekOf(i int) (day, int) {
	mode, j := byte(0), i
	switch {
	case p.is(i, "w") && p.is(i+1, "/") && p.glued(i+1) && p.is(i+2, "e", "c", "b"):
		mode, j = 'c', i+3
		if p.is(i+2, "e") {
			mode = 'e'
		}
	case p.is(i, "calendar") && p.is(i+1, "week"):
		return p.weekNumber(i, i+2)
	case !p.is(i, "week"):
		return day{}, i
	case p.is(i+1, "ending", "ended"):
		mode, j = 'e', i+2
	case p.is(i+1, "commencing", "beginning", "starting"):
		mode, j = 'c', i+2
	case p.is(i+1, "of"):
		mode, j = 'o', i+2
	default:
		return p.weekNumber(i, i+1)
	}
	for p.is(j, "the", "on", ":") && j < i+6 {
		j++
	}
	if p.is(j, "week", "w", "calendar") {
		return day{}, i // day would come back here, once for every "week of" of a text that repeats it
	}
	d, _, next := p.day(j)
	if next == j || d.kind != dateDay && d.kind != numberDay && d.kind != ordinalDay || d.week != 0 {
		return day{}, i
	}
	d.week = mode
	return d, next
}

// weekNumber reads the number of a week at lexeme j, and the year where one stands behind;
// i is where the week began.
func (p *whenParser) weekNumber(i, j int) (day, int) {
	j = p.skip(j, ".", "no", "nr", "#")
	n, ok := p.num(j, 2, 1, 53)
	if !ok || p.is(j+1, "%", "st", "nd", "rd", "th") || p.is(j+1, ":") && p.glued(j+2) {
		return day{}, i
	}
	d, next := day{kind: isoWeek, n: n}, j+1
	if y, after := p.year(next); y > 0 {
		d.y, next = y, after
	} else if p.is(next, "of") || units[p.at(next).text] != 0 {
		return day{}, i
	}
	return d, next
}

// isoWeek places a week by its number, counted as ISO 8601 does: in the evidence. Without a
// year a week outside of it is no week that anybody is sure to have meant.
func (r *resolver) isoWeek(d day, loc *time.Location) (from, to time.Time, ok bool) {
	monday := func(y int) time.Time {
		t := time.Date(y, 1, 4, 0, 0, 0, 0, loc) // always in week 1
		return t.AddDate(0, 0, 7*(d.n-1)-(int(t.Weekday())+6)%7)
	}
	valid := func(t time.Time, y int) bool {
		iy, in := t.ISOWeek()
		return iy == y && in == d.n
	}
	// A year has 52 or 53 weeks: the 53rd of one that has none is no week.
	if d.y > 0 {
		t := monday(d.y)
		return t, t.AddDate(0, 0, 7), valid(t, d.y)
	}
	if r.c.EvidenceFrom.IsZero() || r.c.EvidenceTo.IsZero() {
		return from, to, false
	}
	for y := r.c.EvidenceTo.Year() + 1; y >= r.c.EvidenceFrom.Year()-1; y-- {
		if t := monday(y); valid(t, y) && t.Before(r.c.EvidenceTo) && t.AddDate(0, 0, 7).After(r.c.EvidenceFrom) {
			return t, t.AddDate(0, 0, 7), true
		}
	}
	return from, to, false
}

// inWeek widens the day that names a week to that week: the seven days that it ends or
// begins, or the week from Monday in which it lies.
func inWeek(mode byte, t time.Time) (from, to time.Time) {
	switch mode {
	case 'e':
		from = t.AddDate(0, 0, -6)
	case 'o':
		from = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	default:
		from = t
	}
	return from, from.AddDate(0, 0, 7)
}
