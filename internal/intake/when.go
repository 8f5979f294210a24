package intake

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// day is the date part of a time as written; clock the hour; stamp both. Nothing is
// resolved while parsing, since the zone may come last ("Monday 14:00 Berlin time") and the
// year from the evidence.
type day struct {
	kind    dayKind
	y, m, d int    // y is 0 where no year was written
	n       int    // weekday, or a count of units back
	unit    byte   // 's' second, 'm' minute, 'h' hour, 'd' day, 'w' week, 'o' month
	last    bool   // "last Monday": not today
	fuzzy   bool   // "a few days ago"
	part    [2]int // of monthDay: the first and last third, 1 to 3; zero is the whole month
	weeks   int    // of weekDay: how many weeks before this one; -1 where no week is named
	said    int    // the weekday that stands before a date, and one; 0 for none
	dotted  bool   // "2.11.": day first, always
	week    byte   // the week that ends ('e') or begins ('c') on the day, or holds it ('o'); 0 for the day
	night   bool   // "tonight": of a night
	either  bool   // "heute Nacht", "cette nuit": the night that has passed as well as that to come
	doubted bool   // "Sunday 8": a day of the month only if that was a Sunday
}

// dayKind says which members of a day are set.
type dayKind int

const (
	noDay     dayKind = iota
	dateDay           // y-m-d, y may be missing
	numberDay         // 02/11/2026: m and d not yet told apart
	monthDay          // November, or a part of it
	weekDay           // Monday
	backDay           // n days before today
	agoDay            // n units ago
	unitDay           // n weeks or months before this one, whole
	weekend
	nextDay    // n days, or with said the next such weekday, after the day last named
	ordinalDay // the d-th of a month that is not named; with unit 'o' of the n-th month before this
	bareDay    // "2" of "between 2 and 4 Nov"
	isoWeek    // the n-th week of a year
)

// clock is an hour as written. h may be 24 for the end of a day; a night "of" a date is made of
// hours below 0 and above 24 (dated, nightBefore).
type clock struct {
	has     bool
	h, m, s int
	grain   byte   // 's', 'm', 'h'
	part    string // morning | afternoon | evening | night | lunch | small (hours) | pm
	half    byte   // 'a' or 'p' where am or pm is written
	noAMPM  bool   // "at 9": either half of the day could be meant
}

// stamp is a day, an hour and a zone that stand together; each may be missing.
type stamp struct {
	day        day
	clock      clock
	zone       *zone
	approx     bool
	start, end int
}

// empty says that a stamp names no time, be there a zone or none.
func (s stamp) empty() bool { return s.day.kind == noDay && !s.clock.has }

// expr is one expression: a stamp, what lies between two, or what lies before or after.
type expr struct {
	op         string // at | range | since | until | past
	sameDay    bool   // of since: "11 November a bit after 10", not beyond that day
	a, b       stamp
	start, end int
}

// lexeme is a run of digits, of letters, or one other character.
type lexeme struct {
	text       string // small letters
	kind       byte   // 'n', 'w', 'p'
	start, end int
}

// whenParser walks over the lexemes of a text; its methods return the position behind
// what they read, or the position they were given if they read nothing.
type whenParser struct {
	work string
	lex  []lexeme // without white space; i in all methods is an index of it
	// Bytes that belong to something else: a date inside an ARN is none.
	busy func(a, b int) bool
	// order is 'm' where the text says that its dates give the month first, 'd' for the day, else 0.
	order byte
	// weekday says that a day of the month was such a weekday not long before now.
	weekday func(weekday, d int) bool
	bad     []string // what looks like a date and is none
}

// A text that says how its dates are written is believed before any guess (numeric).
var (
	monthFirstForm = regexp.MustCompile(`\b(?:us|american|u\.s\.)[ -](?:date|dates|format|style|notation|order)\b|\bmm[/-]dd\b|\bmonth[ -](?:first|before)\b`)
	dayFirstForm   = regexp.MustCompile(`\b(?:european|british|uk|german)[ -](?:date|dates|format|style|notation|order)\b|\bdd[/.-]mm\b|\bday[ -](?:first|before the month)\b`)
)

// newWhenParser cuts the text into lexemes. Words of time of other languages are English ones
// from here on, whichever the language of the sentence is: dates are read even in a language
// that nothing else is known of.
func newWhenParser(work string, busy func(a, b int) bool) *whenParser {
	p := &whenParser{work: work, busy: busy}
	low := lower(work)
	switch {
	case monthFirstForm.MatchString(low):
		p.order = 'm'
	case dayFirstForm.MatchString(low):
		p.order = 'd'
	}
	class := func(i int) (byte, int) {
		c := low[i]
		switch {
		case '0' <= c && c <= '9':
			return 'n', 1
		case 'a' <= c && c <= 'z':
			return 'w', 1
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			return 's', 1
		}
		r, n := utf8.DecodeRuneInString(low[i:])
		if isWordRune(r) {
			return 'w', n
		}
		return 'p', n
	}
	for i := 0; i < len(low); {
		k, n := class(i)
		j := i + n
		for k != 'p' && j < len(low) {
			k2, n2 := class(j)
			if k2 != k {
				break
			}
			j += n2
		}
		if k != 's' {
			text := low[i:j]
			if k == 'w' {
				text = dateWord(text)
			}
			p.lex = append(p.lex, lexeme{text, k, i, j})
		}
		i = j
	}
	return p
}

// at is lexeme i; before the first and behind the last there is an empty one, so that the
// methods may look around without counting.
func (p *whenParser) at(i int) lexeme {
	if i < 0 || i >= len(p.lex) {
		return lexeme{start: len(p.work), end: len(p.work)}
	}
	return p.lex[i]
}

// is says that lexeme i is one of the words; nothing is, outside of the text.
func (p *whenParser) is(i int, texts ...string) bool {
	t := p.at(i).text
	for _, want := range texts {
		if t == want && t != "" {
			return true
		}
	}
	return false
}

// maxSmall is how many small words may stand in a row inside one time. People write three at
// most ("from on or about the …"); more would let a text that repeats one be read to its end
// from each of its words, at a cost that grows with the square of its length.
const maxSmall = 6

// skip is the position behind the small words at i, at most maxSmall of them.
func (p *whenParser) skip(i int, texts ...string) int {
	for n := 0; n < maxSmall && p.is(i, texts...); n++ {
		i++
	}
	return i
}

// glued says that lexeme i touches the one before it.
func (p *whenParser) glued(i int) bool {
	return i > 0 && i < len(p.lex) && p.lex[i].start == p.lex[i-1].end
}

// num reads digits of the wanted length as a number in [lo,hi].
func (p *whenParser) num(i, maxLen, lo, hi int) (int, bool) {
	l := p.at(i)
	if l.kind != 'n' || len(l.text) > maxLen {
		return 0, false
	}
	v, err := strconv.Atoi(l.text)
	return v, err == nil && v >= lo && v <= hi
}

// find returns the time expressions of the text, in order, not overlapping.
func (p *whenParser) find() []expr {
	var out []expr
	for i := 0; i < len(p.lex); {
		e, next := p.expr(i)
		if next > i && !p.busy(e.start, e.end) && p.stands(e.start, e.end) {
			out = append(out, e)
			i = next
			continue
		}
		i++
	}
	return out
}

// stands says that the expression is not a part of a name or a number.
func (p *whenParser) stands(start, end int) bool {
	if start > 0 {
		c, before := p.work[start-1], byte(' ')
		if start > 1 {
			before = p.work[start-2]
		}
		if isAlnum(c) || strings.IndexByte("_./@#$%", c) >= 0 || c == '-' && isAlnum(before) || c == ':' && '0' <= before && before <= '9' {
			return false
		}
	}
	if end < len(p.work) {
		c := p.work[end]
		if isAlnum(c) || strings.IndexByte("_@/%$", c) >= 0 {
			return false
		}
		if strings.IndexByte("-.:", c) >= 0 && end+1 < len(p.work) && isAlnum(p.work[end+1]) {
			return false
		}
	}
	return true
}

// expr tries every form at lexeme i.
func (p *whenParser) expr(i int) (expr, int) {
	start := p.at(i).start
	done := func(e expr, next int) (expr, int) {
		e.start, e.end = start, p.at(next-1).end
		if z := e.b.zone; z != nil && e.b.end > e.end {
			e.end = e.b.end
		}
		if e.a.end > e.end {
			e.end = e.a.end
		}
		// a zone's text may end inside the lexemes that follow: go behind it
		for next < len(p.lex) && p.lex[next].start < e.end {
			next++
		}
		return e, next
	}
	// Words that make a span come first; each falls through where what follows is no time.
	switch {
	case p.is(i, "between"):
		if e, next := p.rangeOf(i+1, "and", "&", "to", "-", "–"); next > i+1 {
			return done(e, next)
		}
	case p.is(i, "from"):
		if e, next := p.rangeOf(i+1, "to", "until", "till", "through", "thru", "-", "–", "—", "and"); next > i+1 {
			return done(e, next)
		}
		if a, next := p.stamp(i + 1); next > i+1 && !(a.day.kind == noDay && a.clock.part != "") {
			return done(expr{op: "since", a: a}, p.onwards(next))
		}
	case p.is(i, "since", "after", "starting", "beginning", "following") || p.is(i, "as") && p.is(i+1, "of"):
		j := p.skip(i+1, "of", "from", "on", "at", "around", "about", "the", "early", "late")
		if a, next := p.stamp(j); next > j {
			a.approx = a.approx || p.is(j-1, "around", "about")
			return done(expr{op: "since", a: a, sameDay: p.is(i, "after", "following") && a.day.kind == noDay}, p.onwards(next))
		}
	case p.is(i, "until", "till", "before", "by", "til", "pre") || (p.is(i, "up") || p.is(i, "prior")) && p.is(i+1, "to", "until"):
		j := p.skip(i+1, "to", "until", "the", "on", "at", "about", "around", "next", "coming")
		if a, next := p.stamp(j); next > j {
			return done(expr{op: "until", a: a}, next)
		}
	}
	// Then spans without such a word, and a single time at last, since it begins each of them.
	if e, next := p.past(i); next > i {
		return done(e, next)
	}
	if e, next := p.nightOf(i); next > i {
		return done(e, next)
	}
	if e, next := p.rangeOf(i, "-", "–", "—", "to", "until", "till", "through", "thru"); next > i {
		return done(e, next)
	}
	if e, next := p.twoDays(i); next > i {
		return done(e, next)
	}
	a, next := p.stamp(i)
	if next == i {
		return expr{}, i
	}
	if p.is(next, "onwards", "onward") || p.is(next, "and") && p.is(next+1, "after", "later", "onwards") {
		return done(expr{op: "since", a: a}, p.onwards(next))
	}
	return done(expr{op: "at", a: a}, next)
}

// twoDays reads "3 and 4 November": from the first to the last of the days, since what the
// text tells of may lie on either.
func (p *whenParser) twoDays(i int) (expr, int) {
	if _, next := p.bare(i); next == i || !p.is(next, "and", "&", "or") {
		return expr{}, i
	}
	e, next := p.rangeOf(i, "and", "&", "or")
	if next == i || e.a.day.kind != dateDay || e.b.day.kind != dateDay || e.a.clock.has || e.b.clock.has || e.a.day.d >= e.b.day.d {
		return expr{}, i
	}
	return e, next
}

// onwards reads what says that a time goes on: "from Monday onwards".
func (p *whenParser) onwards(next int) int {
	switch {
	case p.is(next, "onwards", "onward", "on") && !p.is(next, "on"):
		return next + 1
	case p.is(next, "and") && p.is(next+1, "after", "later", "onwards"):
		return next + 2
	}
	return next
}

// rangeOf reads two stamps with a separator between. One side may be a bare number that
// borrows from the other: "2 and 4 Nov", "Nov 2-4", "2 to 4 am".
func (p *whenParser) rangeOf(i int, seps ...string) (expr, int) {
	j := p.skip(i, "the", "about", "around")
	a, next := p.stamp(j)
	if c, after := p.clock(j, false); next == j && c.part != "" && p.sep(after, seps) > after { // "between lunch and 4 on Friday"
		a, next = stamp{clock: c, start: p.at(j).start, end: p.at(after - 1).end}, after
	}
	if next == j || !p.is(next, seps...) {
		if b, bareNext := p.bare(j); bareNext > j && p.sep(bareNext, seps) > bareNext {
			a, next = b, bareNext
		}
	}
	if next == j {
		return expr{}, i
	}
	k := p.sep(next, seps)
	if k == next {
		return expr{}, i
	}
	k = p.skip(k, "the", "about", "around", "on", "at")
	b, end := p.stamp(k)
	if end == k || b.empty() {
		if b, end = p.bare(k); end > k && a.clock.part != "" && a.day.kind == noDay {
			b, end = p.hourOn(b, end)
		} else if end == k || a.day.kind != dateDay && a.day.kind != ordinalDay || a.clock.has {
			return expr{}, i
		}
	}
	if !p.lend(&a, &b) {
		return expr{}, i
	}
	return expr{op: "range", a: a, b: b}, end
}

// sep reads the separator of a range, also "and then until".
func (p *whenParser) sep(i int, seps []string) int {
	j := i
	if p.is(j, ",") {
		j++
	}
	if p.is(j, "and", "up") && p.is(j+1, "until", "to") {
		return j + 2
	}
	if p.is(j, seps...) {
		return j + 1
	}
	return i
}

// bare reads a number that only a neighbour can make a day or an hour.
func (p *whenParser) bare(i int) (stamp, int) {
	n, ok := p.num(i, 2, 0, 31)
	if !ok {
		return stamp{}, i
	}
	next := i + 1
	if p.is(next, "st", "nd", "rd", "th") && p.glued(next) || p.is(next, ".") && p.glued(next) && p.is(next+1, "-", "–", "/", "to", "until", "till", "and", "&", "or") { // "2.-4.11."
		next++
	}
	return stamp{day: day{kind: bareDay, d: n}, start: p.at(i).start, end: p.at(next - 1).end}, next
}

// lend fills each side of a range with what only the other says.
func (p *whenParser) lend(a, b *stamp) bool {
	// "2 to 4 pm": an hour if the other side has one; "2 to 4 Nov": a day of its month.
	if a.day.kind == bareDay {
		n := a.day.d
		switch {
		case b.clock.has && b.clock.part == "" && n < 24 && (b.day.kind == noDay || b.clock.grain == 'h'):
			a.day, a.clock = day{}, clock{has: true, h: n, grain: 'h'}
			if b.clock.noAMPM { // pm of "2 to 4 pm" is meant for both
				return false
			}
			if b.clock.h >= 12 && n < 12 && n+12 <= b.clock.h {
				a.clock.h = n + 12
			}
		case (b.day.kind == dateDay || b.day.kind == ordinalDay) && n > 0:
			a.day = b.day
			a.day.d = n
		default:
			return false
		}
	}
	// "7:30 to 8 pm": the half of the day that is written once is meant for both, where the range
	// does not begin late in the first one.
	if a.clock.has && a.clock.half == 0 && a.clock.part == "" && b.clock.half == 'p' && p.work[a.start] != '0' && a.day.kind == noDay && a.clock.h < 12 && a.clock.h+12 <= b.clock.h {
		a.clock.h += 12
	}
	if a.day.kind == ordinalDay && a.day.unit == 0 && b.day.kind == dateDay && a.day.d < b.day.d {
		d := a.day.d
		a.day, a.day.d, a.day.said = b.day, d, 0
	}
	// A range that ends before it begins is none: "Nov 2 - 1" is a list or a sum.
	if b.day.kind == bareDay {
		n := b.day.d
		b.day = a.day
		b.day.d = n
		if n <= a.day.d {
			return false
		}
	}
	if a.zone == nil {
		a.zone = b.zone
	} else if b.zone == nil {
		b.zone = a.zone
	}
	return true
}
