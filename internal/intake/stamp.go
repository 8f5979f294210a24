package intake

import "strings"

// stamp reads day, clock and zone in any order, with the small words between them.
func (p *whenParser) stamp(i int) (stamp, int) {
	var s stamp
	end := i
	open := false // a parenthesis: "14:00 (CET) on 2 Nov"
	for j := i; j < len(p.lex); {
		if j > i && strings.Count(p.work[p.at(j-1).end:p.at(j).start], "\n") > 1 {
			break // the day above a chat is not that of its first line alone
		}
		next := p.takeDay(&s, j)
		if next == j {
			next = p.takeClock(&s, j)
		}
		if next == j && s.zone == nil && !p.spans(&s, j) {
			if z, after := p.zone(j, s.clock.has && s.clock.part == ""); after > j && (end > i || p.timeBegins(after)) {
				s.zone, next = &z, after
			}
		}
		if next > j {
			j, end = next, next
			continue
		}
		// Small words may stand between two parts, never at the end.
		if p.is(j, "around", "about", "approximately", "approx", "roughly", "circa", "ca", "~", "≈", "towards") && j-max(end, i) < maxSmall {
			s.approx = true
			j++
			if p.is(j, ".") && p.glued(j) && p.digitsAt(j+1) { // "ca. 2 am"
				j++
			}
			continue
		}
		if p.is(j, "ish") && p.glued(j) && s.clock.has && end == j {
			s.approx = true
			j, end = j+1, j+1
			continue
		}
		if end == i && p.is(j, "in", "on", "of") && p.is(j+1, "at", "on", "since", "around", "about") {
			break // "signed in at 04:00"
		}
		if open && p.is(j, ")") && end == j {
			open = false
			j, end = j+1, j+1
			continue
		}
		if p.is(j, "a") && p.is(j+1, "the") && end > i && j-end < maxSmall { // "a las 02:30"
			j += 2
			continue
		}
		if p.is(j, "on", "at", "the", "in", "of", ",", "(", "early", "late", "during") && j-end < 3 && (end > i || p.is(j, "on", "at", "the", "in", "early", "late", "during")) {
			open = open || p.is(j, "(")
			j++
			continue
		}
		break
	}
	if end == i || s.day.kind == noDay && s.clock.part != "" || s.day.kind == noDay && !s.clock.has {
		return stamp{}, i
	}
	s.start, s.end = p.at(i).start, p.at(end-1).end
	if p.is(end, ")") && open {
		end++
	}
	return s, end
}

// spans says that a hyphen and an hour follow the clock, as in "01:00-02:00": an hour and no
// offset, unless a whole date stands before it, as machines write.
func (p *whenParser) spans(s *stamp, j int) bool {
	return s.clock.has && s.day.y == 0 && s.clock.grain == 'm' && p.is(j, "-", "−") && p.glued(j) && p.digitsAt(j+1) && p.glued(j+1) && p.is(j+2, ":") && p.glued(j+2)
}

// takeDay reads the date part at lexeme j into s. A weekday may stand before a date,
// and then tells of what month "Thursday the 5th" is.
func (p *whenParser) takeDay(s *stamp, j int) int {
	if s.day.kind != noDay && s.day.kind != weekDay {
		return j
	}
	d, c, next := p.day(j)
	if next == j && s.day.kind == weekDay {
		d, next = p.weekdayNumber(s.day.n, j)
	}
	if next == j || s.day.kind == weekDay && d.kind != dateDay && d.kind != numberDay && d.kind != ordinalDay {
		return j
	}
	if s.day.kind == weekDay {
		d.said = s.day.n + 1
	}
	s.day = d
	switch {
	case c.has && !s.clock.has:
		s.clock = c
	case c.part == "night" && s.clock.has && s.clock.part == "":
		if s.clock = s.clock.within("night"); s.clock.h < 12 {
			s.day.n-- // "at 2am last night" is the morning of today
		}
	}
	return next
}

// takeClock reads the hour, or the part of the day, at lexeme j into s.
func (p *whenParser) takeClock(s *stamp, j int) int {
	if s.clock.has && s.clock.part == "" {
		part, next := p.half(j)
		if next > j {
			s.clock = s.clock.within(part)
		}
		return next
	}
	if c, next := p.halfDay(j); next > j && s.day.kind != noDay && !s.clock.has {
		s.clock = c
		return next
	}
	c, next := p.clock(j, s.day.kind != noDay && p.is(j-1, "at"))
	if next == j || c.part != "" && (s.clock.has || s.day.kind == noDay && !p.partOf(next)) {
		return j
	}
	if s.clock.part != "" {
		c = c.within(s.clock.part)
		if s.clock.part == "night" && c.h < 12 && s.day.kind == backDay {
			s.day.n-- // "last night at 2am"
		}
	}
	s.clock = c
	return next
}

// halfDay reads the half of a day that is named by am or pm alone: "Tuesday pm".
func (p *whenParser) halfDay(i int) (clock, int) {
	switch {
	case p.digitsAt(i-1) || p.digitsAt(i+1) || p.is(i+1, "i"):
	case p.is(i, "pm"):
		return clock{has: true, part: "pm"}, i + 1
	case p.is(i, "am"):
		return clock{has: true, part: "morning"}, i + 1
	}
	return clock{}, i
}

// weekdayNumber reads the bare number behind a weekday as a day of the month: "Sunday 8".
// Where the number may count what follows it ("Monday 3 users …") it must have been that
// weekday, and not stand before a plural.
func (p *whenParser) weekdayNumber(weekday, j int) (day, int) {
	n, ok := p.num(j, 2, 1, 31)
	next := j + 1
	if ok && p.is(next, "st", "nd", "rd", "th") && p.glued(next) {
		return day{kind: ordinalDay, d: n}, next + 1
	}
	if !ok || p.is(next, ":", "h", "am", "pm", "uhr", "o", "oclock", "/", ".") && p.glued(next) && p.glued(next+1) || p.is(next, "h", "am", "pm", "uhr", "o", "oclock") || p.is(next, "to") && !p.weekdayAt(next+1) {
		return day{}, j
	}
	if p.is(next, "to", "until", "till", "through") && p.weekdayAt(next+1) { // "Monday 9 to Friday 13 November"
		return day{kind: ordinalDay, d: n, doubted: true}, next
	}
	if w := p.at(next); !p.closes(next) && !p.is(next, "-", "–") &&
		(units[w.text] != 0 || w.kind != 'w' || strings.HasSuffix(w.text, "s") || p.weekday == nil || !p.weekday(weekday, n)) {
		return day{}, j
	}
	return day{kind: ordinalDay, d: n, doubted: true}, next
}

// half reads what tells the halves of the day apart behind an hour: "in the evening", "at night".
func (p *whenParser) half(i int) (part string, next int) {
	j := i
	switch {
	case p.is(j, "at") && p.is(j+1, "night"):
		return "night", j + 2
	case p.is(j, "in", "during") && p.is(j+1, "the"):
		j += 2
	}
	if part = parts[p.at(j).text]; part == "" || part == "lunch" {
		return "", i
	}
	return part, j + 1
}

// within moves an hour of twelve into the part of the day that it was said of: half past
// nine in the evening is 21:30. An hour with am or pm, or of twenty-four, stays.
func (c clock) within(part string) clock {
	if c.half != 0 || c.h > 12 {
		return c
	}
	later := map[string]int{"evening": 4, "afternoon": 1, "lunch": 1, "night": 6}[part] // the first hour that means the second half
	switch {
	case later > 0 && later <= c.h && c.h < 12 && !(part == "lunch" && c.h > 4):
		c.h += 12
	case c.h == 12 && (part == "night" || part == "morning" || part == "small"):
		c.h = 0
	}
	c.noAMPM = false
	return c
}

// partOf sees that a day follows a part of one: "the evening of 2 Nov".
func (p *whenParser) partOf(i int) bool {
	if !p.is(i, "of", "on") {
		return false
	}
	_, _, next := p.day(i + 1)
	if p.is(i+1, "the") {
		_, _, next = p.day(i + 2)
	}
	return next > i+1
}

// timeBegins sees that an hour, or a part of the day, begins at lexeme i.
func (p *whenParser) timeBegins(i int) bool {
	i = p.skip(i, "at", "around", "about", "in", "the", "a", ",", "(", "between", "from", "by", "since", "until", "before", "after")
	if parts[p.at(i).text] != "" || p.is(i, "noon", "midday", "midnight") {
		return true
	}
	return p.digitsAt(i) && (p.is(i+1, ":") && p.glued(i+1) && p.glued(i+2) || p.is(i+1, "h", "am", "pm", "uhr"))
}

// closes says that what stands before lexeme i may end there: a number before it counts
// nothing that follows.
func (p *whenParser) closes(i int) bool {
	l := p.at(i)
	return l.text == "" || grammar().closers[l.text] || l.kind == 'p' && !strings.Contains("-'’%$€/", l.text) || parts[l.text] != ""
}

// weekdayAt says that lexeme i is the name of a day, so that a number behind it is a date.
func (p *whenParser) weekdayAt(i int) bool {
	_, ok := weekdays[p.at(i).text]
	return ok
}
