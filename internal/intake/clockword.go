package intake

// spoken reads an hour as it is said: "half past nine", "quarter to six", "ten past 3",
// "nine o'clock", "nine in the evening". after is as for clock.
func (p *whenParser) spoken(i int, after bool) (clock, int) {
	minutes, j := p.minutes(i)
	if j > i && p.is(j, "past", "to") && !(p.is(j, "to") && p.digitsAt(j-1)) {
		h, next := p.hour(j + 1)
		if next == j+1 || !p.is(j, "past") && !p.closes(next) && !p.is(next, "am", "pm") {
			return clock{}, i
		}
		if p.is(j, "to") {
			h, minutes = (h+11)%12, 60-minutes
			if h == 0 {
				h = 12
			}
		}
		return p.halved(clock{has: true, h: h, m: minutes, grain: 'm', noAMPM: h < 12}, next)
	}
	if p.is(i, "half") && p.is(i-1, "at", "around", "about", "by") { // "at half six"
		if h, next := p.hour(i + 1); next > i+1 && p.closes(next) {
			return p.halved(clock{has: true, h: h, m: 30, grain: 'm', noAMPM: h < 12}, next)
		}
	}
	h, next := p.hour(i)
	if next == i || p.digitsAt(i) {
		return clock{}, i
	}
	c := clock{has: true, h: h, grain: 'h', noAMPM: h < 12}
	_, half := p.half(next)
	switch {
	case p.is(next, "o", "oclock"):
		next = p.skip(next, "o", "'", "’", "clock", "oclock")
		return p.halved(c, next)
	case p.is(next, "am", "pm"), half > next, after && p.closes(next) && h > 1: // "at one" begins too many other things
		return p.halved(c, next)
	}
	return clock{}, i
}

// halved reads am or pm behind an hour that is said.
func (p *whenParser) halved(c clock, next int) (clock, int) {
	if !p.is(next, "am", "pm") {
		return c, next
	}
	c.half, c.noAMPM = p.at(next).text[0], false
	switch {
	case c.half == 'p' && c.h < 12:
		c.h += 12
	case c.half == 'a' && c.h == 12:
		c.h = 0
	}
	return c, next + 1
}

// minutes reads what stands before "past" and "to": half, a quarter, ten, 5 minutes.
func (p *whenParser) minutes(i int) (n, next int) {
	j := i
	if p.is(j, "a") {
		j++
	}
	switch {
	case p.is(j, "half") && p.is(j+1, "past"):
		return 30, j + 1
	case p.is(j, "quarter"):
		return 15, j + 1
	case p.is(j, "twenty") && (p.is(j+1, "five") || p.is(j+1, "-") && p.is(j+2, "five")):
		if p.is(j+1, "-") {
			j++
		}
		return 25, j + 2
	case p.is(j, "twenty"):
		n = 20
	case p.is(j, "five", "ten"):
		n = numbers[p.at(j).text]
	default:
		v, ok := p.num(j, 2, 1, 29)
		if !ok || j > i {
			return 0, i
		}
		n = v
	}
	if j++; p.is(j, "minutes", "min", "mins") {
		return n, j + 1
	}
	return n, j
}

// hour reads an hour of twelve, in digits or as a word.
func (p *whenParser) hour(i int) (h, next int) {
	if n, ok := p.num(i, 2, 1, 12); ok && !p.is(i+1, ":", ".", "/", "-") {
		return n, i + 1
	}
	switch n := numbers[p.at(i).text]; {
	case n == 0 || p.is(i, "a", "an", "couple", "few", "several", "half"):
		return 0, i
	default:
		return n, i + 1
	}
}
