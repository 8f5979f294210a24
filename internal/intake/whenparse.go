package intake

import "strings"

// months, weekdays, numbers, units and parts are the English words of time; those of other
// languages are turned into them by dates.yml.
var months = map[string]int{
	"january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7,
	"august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}

// weekdays count as time.Weekday does.
var weekdays = map[string]int{
	"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
	"sun": 0, "mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6,
}

// numbers are those that people write as words; "few" and "several" are guesses, made fuzzy by
// who reads them.
var numbers = map[string]int{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
	"nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "couple": 2, "few": 3, "several": 5, "half": 0}

// units by the letter that day.unit holds.
var units = map[string]byte{"second": 's', "seconds": 's', "sec": 's', "secs": 's', "minute": 'm', "minutes": 'm', "min": 'm', "mins": 'm',
	"hour": 'h', "hours": 'h', "hr": 'h', "hrs": 'h', "h": 'h', "day": 'd', "days": 'd', "d": 'd', "night": 'd', "nights": 'd',
	"week": 'w', "weeks": 'w', "wk": 'w', "w": 'w', "month": 'o', "months": 'o'}

// parts of a day; "am" is one by name only, and is read with its hour.
var parts = map[string]string{"morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "night", "am": "", "lunchtime": "lunch", "lunch": "lunch"}

// zone reads a zone at lexeme i.
func (p *whenParser) zone(i int, place bool) (zone, int) {
	if i >= len(p.lex) {
		return zone{}, i
	}
	z, end, ok := zoneAt(p.work, p.lex[i].start, place)
	if !ok || p.lex[i].kind == 'p' && p.lex[i].text != "+" && !(p.lex[i].text == "-" && p.glued(i) && p.at(i+1).kind == 'n') && p.lex[i].text != "−" {
		return zone{}, i
	}
	next := i
	for next < len(p.lex) && p.lex[next].start < end {
		next++
	}
	if next > i && p.lex[next-1].end != end {
		return zone{}, i // a part of a longer word
	}
	return z, next
}

// day reads a date. A clock comes with it where one is written into the other (…T14:00).
func (p *whenParser) day(i int) (day, clock, int) {
	l := p.at(i)
	if d, next := p.halfOf(i); next > i {
		return d, clock{}, next
	}
	switch l.kind {
	case 'n':
		if d, c, next := p.isoDay(i); next > i {
			return d, c, next
		}
		if d, next := p.slashDay(i); next > i {
			return d, clock{}, next
		}
		if d, next := p.dotDay(i); next > i {
			return d, clock{}, next
		}
		if d, next := p.dayMonth(i); next > i {
			return d, clock{}, next
		}
		if d, next := p.ordinal(i); next > i {
			return d, clock{}, next
		}
		if n, ok := p.num(i, 2, 1, 60); ok && p.is(i+1, "day", "days") && p.is(i+2, "later") {
			return day{kind: nextDay, n: n}, clock{}, i + 3
		}
		if n, ok := p.num(i, 3, 0, 999); ok {
			if d, next := p.ago(i+1, n); next > i+1 {
				return d, clock{}, next
			}
		}
	case 'w':
		if d, next := p.monthPart(i); next > i {
			return d, clock{}, next
		}
		if d, next := p.monthFirst(i); next > i {
			return d, clock{}, next
		}
		return p.dayWord(i)
	}
	return day{}, clock{}, i
}

// isoDay reads 2026-11-02, 2026/11/02 and 20261102T140000Z.
func (p *whenParser) isoDay(i int) (day, clock, int) {
	if l := p.at(i); len(l.text) == 8 && p.is(i+1, "t") && p.glued(i+1) {
		t := p.at(i + 2).text
		d := day{kind: dateDay, y: digits(l.text[:4]), m: digits(l.text[4:6]), d: digits(l.text[6:])}
		if len(t) >= 4 && validDay(d) {
			return d, clock{has: true, h: digits(t[:2]) % 24, m: digits(t[2:4]) % 60, grain: 'm'}, i + 3
		}
	}
	y, ok := p.num(i, 4, 1990, 2100)
	sep := p.at(i + 1).text
	if !ok || sep != "-" && sep != "/" && sep != "." || p.at(i+3).text != sep || !p.glued(i+1) || !p.glued(i+2) || !p.glued(i+3) || !p.glued(i+4) {
		return day{}, clock{}, i
	}
	m, ok1 := p.num(i+2, 2, 1, 12)
	d, ok2 := p.num(i+4, 2, 1, 31)
	dd := day{kind: dateDay, y: y, m: m, d: d}
	if !ok1 || !ok2 || !validDay(dd) {
		return day{}, clock{}, i
	}
	next := i + 5
	if p.is(next, "t") && p.glued(next) && p.glued(next+1) {
		if c, end := p.clock(next+1, false); end > next+1 {
			return dd, c, end
		}
	}
	return dd, clock{}, next
}

// slashDay reads 02/11/2026, 2.11.2026 and, with slashes, 2/11. With points the day always comes first.
func (p *whenParser) slashDay(i int) (day, int) {
	a, ok1 := p.num(i, 2, 1, 31)
	sep := p.at(i + 1).text
	b, ok2 := p.num(i+2, 2, 1, 31)
	if !ok1 || !ok2 || !p.glued(i+1) || !p.glued(i+2) || sep != "/" && sep != "." && sep != "-" || a > 12 && b > 12 {
		return day{}, i
	}
	kind := numberDay
	if sep == "." && validDay(day{m: b, d: a}) {
		kind = dateDay
	}
	if p.at(i+3).text == sep && p.glued(i+3) && p.glued(i+4) && p.digitsAt(i+4) {
		if y, ok := p.num(i+4, 4, 1990, 2100); ok {
			return day{kind: kind, d: a, m: b, y: y, dotted: sep == "."}, i + 5
		}
		if y, ok := p.num(i+4, 2, 0, 99); ok && len(p.at(i+4).text) == 2 {
			return day{kind: kind, d: a, m: b, y: 2000 + y, dotted: sep == "."}, i + 5
		}
		return day{}, i
	}
	// "24/7" is no date, nor is "1/3 of the buckets": two numbers need a word before them.
	if sep != "/" || p.at(i).text == "24" || p.is(i+3, "of", "rd", "th") ||
		!p.is(i-1, "on", "since", "from", "until", "before", "after", "to", "between", "dated", "date", "till") && !p.article(i-1) && !p.weekdayAt(i-1) &&
			!(p.is(i-1, "and", "-") && p.is(i-3, "/")) && !p.timeBegins(i+3) && p.order == 0 {
		return day{}, i
	}
	return day{kind: numberDay, d: a, m: b}, i + 3
}

// dayMonth reads "2 Nov", "2nd of November 2026", "2-Nov-2026".
func (p *whenParser) dayMonth(i int) (day, int) {
	d, ok := p.num(i, 2, 1, 31)
	if !ok {
		return day{}, i
	}
	j := i + 1
	if p.is(j, "st", "nd", "rd", "th", "er", "e", "de", "ste", "º", "°") && p.glued(j) { // "1er novembre", "2de november"
		j++
	}
	j = p.skip(j, "of", "-", "/", ".")
	m, known := months[p.at(j).text]
	if !known || p.is(j, "may") && p.is(j+1, "have", "be", "not", "also", "need", "still", "well", "contain") {
		return day{}, i
	}
	dd := day{kind: dateDay, m: m, d: d}
	from := j
	dd.y, j = p.year(j + 1)
	if !validDay(dd) {
		if !p.is(from, "may", "march", "mar") || p.capital(from) {
			p.bad = append(p.bad, p.work[p.at(i).start:p.at(j-1).end])
		}
		return day{}, i
	}
	return dd, j
}

// article says that lexeme i stands before dates in other languages: "le 5/11", "am 3.11.".
func (p *whenParser) article(i int) bool {
	if p.is(i, "am") {
		return !p.is(i-1, "i") && !p.digitsAt(i-1)
	}
	return p.is(i, "the") && !strings.EqualFold(p.work[p.at(i).start:p.at(i).end], "the")
}

// monthFirst reads "Nov 2", "November 2nd, 2026", "November 2026", "in November".
func (p *whenParser) monthFirst(i int) (day, int) {
	m, known := months[p.at(i).text]
	if !known {
		return day{}, i
	}
	if p.at(i-1).kind == 'n' && len(p.at(i-1).text) <= 2 {
		return day{}, i // of "29 Feb 2025", which is no date, the month is none either
	}
	modal := (p.is(i, "may") || p.is(i, "march") || p.is(i, "mar")) && !p.capital(i)
	j := i + 1
	if p.is(j, ".") && p.glued(j) {
		j++
	}
	if d, ok := p.num(j, 2, 1, 31); ok && !p.is(j+1, ":") && !modal && !p.is(j+1, "am", "pm") {
		if p.is(j+1, "st", "nd", "rd", "th") && p.glued(j+1) {
			j++
		}
		dd := day{kind: dateDay, m: m, d: d}
		dd.y, j = p.year(j + 1)
		if validDay(dd) {
			return dd, j
		}
		return day{}, i
	}
	if y, j := p.year(i + 1); y > 0 {
		return day{kind: monthDay, m: m, y: y}, j
	}
	if !modal && p.is(i-1, "in", "during", "since", "until", "till", "early", "late", "mid", "of", "before", "after", "from", "last", "end", "all") {
		return day{kind: monthDay, m: m}, i + 1
	}
	return day{}, i
}

// year reads the year behind a date, with or without a comma.
func (p *whenParser) year(i int) (int, int) {
	j := i
	for p.is(j, ",", "-", "/", ".") && j-i < 2 {
		j++
	}
	if y, ok := p.num(j, 4, 1990, 2100); ok && len(p.at(j).text) == 4 && !(p.is(j+1, ":", "h") && p.glued(j+1) && !p.digitsAt(j+2)) {
		return y, j + 1
	}
	return 0, i
}

// digitsAt says that lexeme i is a number.
func (p *whenParser) digitsAt(i int) bool { return p.at(i).kind == 'n' }

// capital says that lexeme i is written with one, as May, March and Sun are and may, march and
// sun are not. i must be a lexeme of the text.
func (p *whenParser) capital(i int) bool {
	c := p.work[p.at(i).start]
	return 'A' <= c && c <= 'Z'
}

// ago reads the unit and "ago" behind a number.
func (p *whenParser) ago(i, n int) (day, int) {
	u, ok := units[p.at(i).text]
	if !ok || !p.is(i+1, "ago", "back", "earlier") {
		return day{}, i
	}
	return day{kind: agoDay, n: n, unit: u}, i + 2
}

// digits is the number that a run of digits says, 0 for anything else. The caller bounds its
// length.
func digits(s string) int {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// validDay refuses 31 June. Without a year 29 February stands.
func validDay(d day) bool {
	last := [...]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if d.m < 1 || d.m > 12 || d.d < 1 || d.d > last[d.m] {
		return false
	}
	return d.m != 2 || d.d < 29 || d.y == 0 || d.y%4 == 0 && (d.y%100 != 0 || d.y%400 == 0)
}
