package intake

import "time"

// monthParts are the words for the thirds of a month.
var monthParts = map[string]int{
	"early": 1, "beginning": 1, "start": 1, "mid": 2, "middle": 2, "late": 3, "end": 3,
}

// monthPart reads "late May", "mid-June", "the end of June", "mid to late May". People
// who say so do not know the day; the ten days or so that they mean still tell before
// from after, which the whole month would not.
func (p *whenParser) monthPart(i int) (day, int) {
	first, j := p.partWord(i)
	if first == 0 {
		return day{}, i
	}
	last := first
	if p.is(j, "to", "or", "and", "/", "until", "till") {
		if n, next := p.partWord(j + 1); n > first {
			last, j = n, next
		}
	}
	m, known := months[p.at(j).text]
	if !known || (p.is(j, "may") || p.is(j, "march") || p.is(j, "mar")) && !p.capital(j) {
		return day{}, i
	}
	if d, next := p.monthFirst(j); next > j && d.kind == dateDay {
		return day{}, i // "late on May 2", "early May 2": a date
	}
	d := day{kind: monthDay, m: m, part: [2]int{first, last}}
	d.y, j = p.year(j + 1)
	return d, j
}

// halfOf reads "the first half of May", "2nd half of October 2026".
func (p *whenParser) halfOf(i int) (day, int) {
	j, half := i+1, 0
	switch {
	case p.is(i, "first"):
		half = firstHalf
	case p.is(i, "second"):
		half = secondHalf
	case p.is(i, "1") && p.is(j, "st"):
		j, half = j+1, firstHalf
	case p.is(i, "2") && p.is(j, "nd"):
		j, half = j+1, secondHalf
	}
	m := months[p.at(j+2).text]
	if half == 0 || m == 0 || !p.is(j, "half") || !p.is(j+1, "of") {
		return day{}, i
	}
	d := day{kind: monthDay, m: m, part: [2]int{half, half}}
	d.y, j = p.year(j + 3)
	return d, j
}

// The halves of a month, beside the thirds 1 to 3.
const (
	firstHalf  = 4
	secondHalf = 5
)

// partWord reads the word for a third and the small words between it and the month.
func (p *whenParser) partWord(i int) (third, next int) {
	third = monthParts[p.at(i).text]
	if third == 0 {
		return 0, i
	}
	next = i + 1
	for p.is(next, "-", "of", "in", "the") && next-i < 3 {
		next++
	}
	return third, next
}

// thirds cuts a month that begins at t: ten days, ten days, and what is left; or in halves.
func thirds(t time.Time, part [2]int) (from, to time.Time) {
	from, to = t, t.AddDate(0, 1, 0)
	switch part[0] {
	case firstHalf:
		return from, t.AddDate(0, 0, 15)
	case secondHalf:
		return t.AddDate(0, 0, 15), to
	}
	if part[0] > 1 {
		from = t.AddDate(0, 0, 10*(part[0]-1))
	}
	if part[1] == 1 || part[1] == 2 {
		to = t.AddDate(0, 0, 10*part[1])
	}
	return from, to
}
