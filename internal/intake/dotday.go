package intake

// dotDay reads day and month as most of Europe writes them: "7.11." and "on 7.11". So
// are versions and amounts written, so a word of time must stand on one of its sides.
func (p *whenParser) dotDay(i int) (day, int) {
	d, ok1 := p.num(i, 2, 1, 31)
	m, ok2 := p.num(i+2, 2, 1, 12)
	dd := day{kind: dateDay, d: d, m: m, dotted: true}
	if !ok1 || !ok2 || !p.is(i+1, ".") || !p.glued(i+1) || !p.glued(i+2) || !validDay(dd) {
		return day{}, i
	}
	next := i + 3
	point := p.is(next, ".") && p.glued(next)
	if point && p.glued(next+1) && p.digitsAt(next+1) || p.versioned(i) {
		return day{}, i
	}
	behind := next
	if point {
		behind++
	}
	joined := p.is(behind, "-", "–", "to", "until", "till") && p.digitsAt(behind+1) && (point || p.is(behind+2, "."))
	dated := p.article(i-1) || p.is(i-1, "on", "since", "from", "until", "till", "before", "after", "between", "dated", "night", "of", "around", "about", "by") || p.weekdayAt(i-1) ||
		p.is(i-1, "to", "and", "-", "–", "/", "until", "till") && (p.digitsAt(i-2) || p.is(i-2, ".", "night")) || p.is(i-1, "the") && p.is(i-2, "on", "since", "from")
	hours := point && p.is(behind, "between", "from") && p.digitsAt(behind+1) // "8.11. between 1 and 3:20"
	if grammar().amounts[p.at(behind).text] || !(dated || joined || hours || p.timeBegins(behind)) {
		return day{}, i
	}
	// The point is the date's where the sentence goes on behind it, else it ends the sentence.
	if point && (joined || hours || p.timeBegins(behind) || p.is(behind, "and", "or", "to", "until", "till", "-", "–", "/", ",", ")")) {
		next = behind
	}
	return dd, next
}

// versioned says that a version is spoken of just before lexeme i.
func (p *whenParser) versioned(i int) bool {
	for j := i - 1; j >= 0 && j >= i-6; j-- {
		if grammar().versions[p.at(j).text] {
			return true
		}
	}
	return false
}
