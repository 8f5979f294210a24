package intake

// dayWord reads the days that are words: yesterday, Monday, last night, two days ago.
func (p *whenParser) dayWord(i int) (day, clock, int) {
	night := clock{has: true, part: "night"}
	if d, next := p.weekOf(i); next > i {
		return d, clock{}, next
	}
	switch {
	case p.is(i, "today"), p.is(i, "this") && p.is(i+1, "morning", "afternoon", "evening"):
		return day{kind: backDay}, clock{}, i + 1
	case p.is(i, "next", "following") && p.is(i+1, "day", "morning", "afternoon", "evening", "night") && p.is(i-1, "the"):
		if p.is(i+1, "day") {
			return day{kind: nextDay, n: 1}, clock{}, i + 2
		}
		return day{kind: nextDay, n: 1}, clock{}, i + 1
	case p.is(i, "day") && p.is(i+1, "after") && p.is(i-1, "the", "a") && !p.is(i+2, "tomorrow"):
		return day{kind: nextDay, n: 1}, clock{}, i + 2
	case p.is(i, "tonight"):
		return day{kind: backDay, night: true}, night, i + 1
	case p.is(i, "overnight"):
		return day{kind: backDay, n: 1}, night, i + 1
	case p.is(i, "yesterday", "yday"):
		return day{kind: backDay, n: 1}, clock{}, i + 1
	case p.is(i, "day") && p.is(i+1, "before") && p.is(i+2, "yesterday"):
		return day{kind: backDay, n: 2}, clock{}, i + 3
	case p.is(i, "last", "previous", "this", "past") && p.is(i+1, "night", "evening"):
		n := 1
		if p.is(i, "this") {
			n = 0
		}
		return day{kind: backDay, n: n, night: n == 0, either: n == 0 && p.is(i+1, "night")}, night, i + 2
	case p.is(i, "night") && p.is(i+1, "before") && p.is(i+2, "last"):
		return day{kind: backDay, n: 2}, night, i + 3
	case p.is(i, "weekend") && p.is(i-1, "migration", "maintenance", "cutover", "upgrade", "release"):
		return day{}, clock{}, i // one of that sort, whenever it was
	case p.is(i, "weekend"):
		return day{kind: weekend}, clock{}, i + 1
	case p.is(i, "last", "this", "past", "previous") && p.is(i+1, "weekend"):
		return day{kind: weekend}, clock{}, i + 2
	case p.is(i, "week") && p.is(i+1, "before") && p.is(i+2, "last"):
		return day{kind: unitDay, n: 2, unit: 'w'}, clock{}, i + 3
	case p.is(i, "last", "previous") && p.is(i+1, "week", "month"):
		return day{kind: unitDay, n: 1, unit: units[p.at(i+1).text]}, clock{}, i + 2
	case p.is(i, "this") && p.is(i+1, "week", "month"):
		return day{kind: unitDay, n: 0, unit: units[p.at(i+1).text]}, clock{}, i + 2
	case p.is(i, "last", "this", "past", "previous"):
		if w, ok := weekdays[p.at(i+1).text]; ok {
			return day{kind: weekDay, n: w, weeks: -1, last: p.is(i, "last", "previous")}, clock{}, i + 2
		}
	}
	if n, ok := numbers[p.at(i).text]; ok {
		j := i + 1
		if p.is(i, "a") && (p.is(j, "couple", "few")) {
			n, j = numbers[p.at(j).text], j+1
		}
		if p.is(i, "half") && p.is(j, "an", "a") && p.is(j+1, "hour") && p.is(j+2, "ago") {
			return day{kind: agoDay, n: 30, unit: 'm'}, clock{}, j + 3
		}
		if p.is(j, "of") {
			j++
		}
		if d, next := p.ago(j, n); next > j {
			d.fuzzy = n > 1 && p.is(j-1, "of", "couple", "few", "several")
			return d, clock{}, next
		}
	}
	if w, ok := weekdays[p.at(i+1).text]; ok && p.is(i, "following") {
		return day{kind: nextDay, said: w + 1}, clock{}, i + 2
	}
	if w, ok := weekdays[p.at(i).text]; ok && p.is(i-1, "the") && p.is(i+1, "after") {
		// "The Monday after", and nothing that it would be after.
		if _, next := p.stamp(i + 2); next == i+2 && !p.is(i+2, "the", "that", "this") {
			return day{kind: nextDay, said: w + 1}, clock{}, i + 2
		}
	}
	if w, ok := weekdays[p.at(i).text]; ok {
		// Short forms are words too (sun, sat, wed): they need their capital, or company.
		if short := len(p.at(i).text) <= 5 && !p.capital(i); short && !p.weekdayBeside(i) {
			return day{}, clock{}, i
		}
		next := i + 1
		if p.is(next, ".") && p.glued(next) && len(p.at(i).text) <= 4 && p.at(next+1).kind == 'n' {
			next++
		}
		weeks, next := p.ofWeek(next)
		return day{kind: weekDay, n: w, weeks: weeks}, clock{}, next
	}
	return day{}, clock{}, i
}

// weekdayBeside says that what stands beside a short form makes it a day: a word of time
// before it, a number or a part of the day behind it.
func (p *whenParser) weekdayBeside(i int) bool {
	if p.is(i, "tue", "tues", "thu", "thur", "thurs", "fri") {
		return true
	}
	j := i + 1
	if p.is(j, ".", ",") {
		j++
	}
	n, ok := p.num(j, 2, 1, 31)
	return p.is(i-1, "since", "last", "until", "till", "before", "after", "from", "this", "past") || p.is(i-1, "on") && !p.is(j, "the") ||
		ok && n > 0 || parts[p.at(i+1).text] != "" || p.is(i+1, "pm", "am") || months[p.at(i+1).text] != 0
}

// ofWeek reads the week of a weekday: "Monday last week", "Friday of this week".
func (p *whenParser) ofWeek(i int) (weeks, next int) {
	j := p.skip(i, "of", "in")
	if p.is(j+1, "week") {
		switch {
		case p.is(j, "last", "previous"):
			return 1, j + 2
		case p.is(j, "this"):
			return 0, j + 2
		}
	}
	return -1, i
}

// clock reads an hour. after says that "at" and a day precede: then a bare number will do.
func (p *whenParser) clock(i int, after bool) (clock, int) {
	switch {
	case p.is(i, "noon", "midday"):
		return clock{has: true, h: 12, grain: 'm'}, i + 1
	case p.is(i, "midnight"):
		return clock{has: true, h: 0, grain: 'm'}, i + 1
	}
	if p.is(i, "early", "small", "wee") && p.is(i+1, "hours") {
		return clock{has: true, part: "small"}, i + 2
	}
	if part, ok := parts[p.at(i).text]; ok && part != "" {
		if part == "lunch" && p.is(i+1, "time", "break", "hour") {
			i++
		}
		return clock{has: true, part: part}, i + 1
	}
	if c, next := p.spoken(i, after); next > i {
		return c, next
	}
	if l := p.at(i); l.kind == 'n' && len(l.text) == 4 {
		return p.fourDigits(i, after)
	}
	h, ok := p.num(i, 2, 0, 24)
	if !ok {
		return clock{}, i
	}
	c, next := p.minutesBehind(i, clock{has: true, h: h, grain: 'h'})
	if next == i {
		return clock{}, i
	}
	if p.is(next, "uhr") {
		next++
	}
	if half, end := p.halfBehind(c, next); end > next {
		return half, end
	}
	if next == i+1 {
		return p.bareHour(c, i, after)
	}
	if c.h == 24 && (c.m != 0 || c.s != 0) {
		return clock{}, i // 24:00 is the end of the day that was named; there is no 24:01
	}
	return c, next
}

// fourDigits reads an hour without a sign in it: "1400 UTC", "0300Z", "1400h". A year, an
// amount and a port look the same, so that a zone, an "h" or a day must stand beside it.
func (p *whenParser) fourDigits(i int, after bool) (clock, int) {
	l := p.at(i)
	h, m := digits(l.text[:2]), digits(l.text[2:])
	if h > 23 || m > 59 {
		return clock{}, i
	}
	c := clock{has: true, h: h, m: m, grain: 'm'}
	if p.is(i+1, "h", "hrs", "hours") {
		return c, i + 2
	}
	if (after || p.is(i-1, "at") && p.dayFollows(i+1)) && p.closes(i+1) {
		return c, i + 1
	}
	if _, next := p.zone(i+1, p.is(i+1, "z")); next > i+1 && (h > 0 || l.text[0] == '0') {
		return c, i + 1
	}
	return clock{}, i
}

// minutesBehind reads what follows the hour c at lexeme i: minutes and seconds, "h",
// "o'clock". It returns i where that makes the number no hour of the day, and i+1 where
// nothing follows.
func (p *whenParser) minutesBehind(i int, c clock) (clock, int) {
	next := i + 1
	two := p.glued(next+1) && len(p.at(next+1).text) == 2
	colon := p.is(next, ":") && p.glued(next) && two
	// A point is a decimal one as often: it needs am or pm behind it, or "at" before it.
	dotted := p.is(next, ".") && p.glued(next) && two && (p.is(next+2, "am", "pm", "a", "p", "uhr") ||
		p.is(i-1, "at") && p.digitsAt(next+1) && p.closes(next+2) && !(p.is(next+2, ".") && p.glued(next+3))) // "at 17.30"
	hour := p.is(next, "h") && p.glued(next)
	switch {
	case colon || dotted || hour && two && p.digitsAt(next+1):
		m, ok := p.num(next+1, 2, 0, 59)
		if !ok {
			return clock{}, i
		}
		c.m, c.grain, next = m, 'm', next+2
		if p.is(next, ":") && p.glued(next) && len(p.at(next+1).text) == 2 {
			if sec, ok := p.num(next+1, 2, 0, 60); ok { // 60 is a leap second
				c.s, c.grain, next = min(sec, 59), 's', next+2
				if p.is(next, ".", ",") && p.glued(next) && p.glued(next+1) && p.digitsAt(next+1) {
					next += 2
				}
			}
		}
	case hour:
		if next++; p.length(i, next) {
			return clock{}, i
		}
	case p.is(next, "o") || p.is(next, "oclock"):
		next = p.skip(next, "o", "'", "’", "clock", "oclock")
		c.noAMPM = c.h < 13
	}
	return c, next
}

// halfBehind reads am or pm, also as "a.m." and "9p", behind the hour c.
func (p *whenParser) halfBehind(c clock, next int) (clock, int) {
	q := p.at(next)
	if !p.is(next, "am", "pm") && !(p.is(next, "a", "p") && (p.is(next+1, ".") && p.is(next+2, "m") || p.glued(next) && p.at(next+1).kind != 'n' && !p.glued(next+1))) {
		return c, next
	}
	if c.h > 12 || c.h == 0 {
		c.h %= 24 // "14:00 pm", "0 am": the number speaks
	} else if q.text[0] == 'p' && c.h < 12 {
		c.h += 12
	} else if q.text[0] == 'a' && c.h == 12 {
		c.h = 0
	}
	c.half = q.text[0]
	next++
	if len(q.text) == 1 && p.is(next, ".") && p.is(next+1, "m") {
		if next += 2; p.is(next, ".") {
			next++
		}
	}
	return c, next
}

// bareHour takes the number at lexeme i, with nothing behind it, for the hour c where the
// words around it leave no doubt: after is as for clock.
func (p *whenParser) bareHour(c clock, i int, after bool) (clock, int) {
	next := i + 1
	_, z := p.zone(next, false)
	_, half := p.half(next)
	said := p.is(next, "ish") && p.glued(next) || half > next && p.is(next, "in", "at") || p.is(i-1, "at", "around", "about") && p.dayFollows(next)
	if !(after || z > next && c.h > 0 || said) {
		return clock{}, i
	}
	c.noAMPM = c.h > 0 && c.h < 12 && (after || said)
	if u := p.at(next).text; units[u] != 0 || months[u] != 0 { // "3 days", "4 November"
		return clock{}, i
	}
	return c, next
}

// dayFollows sees that lexeme i begins the day that an hour before it is of: "at 9 on Monday".
func (p *whenParser) dayFollows(i int) bool {
	if p.is(i, "yesterday", "today") || p.weekdayAt(i) {
		return true
	}
	if !p.is(i, "on") {
		return false
	}
	if i++; p.is(i, "the") {
		i++
	}
	_, _, next := p.day(i)
	return next > i
}

// hourOn takes a bare number for the hour that a range ends with, and the day behind it.
func (p *whenParser) hourOn(b stamp, end int) (stamp, int) {
	b.clock, b.day = clock{has: true, h: b.day.d % 24, grain: 'h', noAMPM: b.day.d < 12}, day{}
	j := p.skip(end, "on", "the", ",")
	if next := p.takeDay(&b, j); next > j {
		return b, next
	}
	return b, end
}

// past reads "the last 24 hours", "past two weeks", "last 7d".
func (p *whenParser) past(i int) (expr, int) {
	j := p.skip(i, "in", "over", "during", "for", "within", "the")
	if !p.is(j, "last", "past", "previous") {
		return expr{}, i
	}
	j++
	n, counted := 1, false
	if v, ok := p.num(j, 3, 1, 999); ok {
		n, counted, j = v, true, j+1
	} else if v, ok := numbers[p.at(j).text]; ok && v > 0 && p.at(j).text != "a" {
		n, counted, j = v, true, j+1
		if p.is(j, "of") {
			j++
		}
	}
	u, ok := units[p.at(j).text]
	if !ok || p.is(j, "night", "nights") || !counted && !p.is(j-1, "past") && (u == 'w' || u == 'o') || !counted && len(p.at(j).text) == 1 ||
		!counted && u == 'd' && (j-1 == i || p.is(i, "the")) {
		return expr{}, i // "last week" is the calendar's week
	}
	return expr{op: "past", a: stamp{day: day{kind: agoDay, n: n, unit: u}, start: p.at(i).start, end: p.at(j).end}}, j + 1
}
