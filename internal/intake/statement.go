package intake

import (
	"cmp"
	"regexp"
	"slices"
)

// draft collects what one clause says in one relation.
//
// Invariant: of one relation, negation and clause there is one draft, so that "A and B are ours"
// is one statement about two things.
type draft struct {
	relation Relation
	negated  bool
	clause   int   // -1 for all of an answer
	mentions []int // each once; sorted when the statement is made
	segs     []int // where its words are, to be quoted
	party    bool  // of a contract that ended, and of nobody's employment
}

// open returns the draft for a relation in the clause of seg, making it if need be.
func (r *reader) open(rel Relation, negated bool, seg int) *draft {
	clause := r.segs[seg].clause
	if r.base.benign() && rel == r.base && r.principals() <= 1 {
		clause = -1 // an answer about one principal is one statement, however many sentences it takes
	}
	for _, d := range r.drafts {
		if d.relation == rel && d.negated == negated && d.clause == clause {
			d.segs = append(d.segs, seg)
			return d
		}
	}
	d := &draft{relation: rel, negated: negated, clause: clause, segs: []int{seg}}
	r.drafts = append(r.drafts, d)
	return d
}

// take adds a mention, once.
func (d *draft) take(m int) {
	if !slices.Contains(d.mentions, m) {
		d.mentions = append(d.mentions, m)
	}
}

// principals counts the principals that the text names.
func (r *reader) principals() int {
	seen := map[string]bool{}
	for _, m := range r.mentions {
		if m.kind == "principal" {
			seen[m.values[0]] = true
		}
	}
	return len(seen)
}

// draft goes over the segments and collects the statements.
func (r *reader) draft(admissions []admitted) {
	for _, a := range admissions {
		if a.denies >= 0 {
			r.open(NotOurs, false, a.denies)
		}
	}
	for i, s := range r.segs {
		for _, c := range r.found[i] {
			r.draftCue(i, c)
		}
		for pos, w := range s.words {
			m := r.words[w].m
			if m < 0 {
				continue
			}
			if r.mentions[m].kind == "time" {
				r.draftTime(i, pos, m)
				continue
			}
			ro := r.roles[m]
			if ro.relation == "" || ro.stance == plain || r.mentions[m].kind == "action" {
				continue
			}
			d := r.open(ro.relation, ro.negated, ro.seg)
			d.take(m)
			d.segs = append(d.segs, i)
		}
	}
	r.pronouns()
	if r.answer != "" && len(r.words) > 0 {
		r.draftAnswer()
	}
}

// draftCue opens the statement of a cue, and finds what it speaks of where that stands in
// an earlier segment ("AKIA… leaked and was rotated at 10:00").
func (r *reader) draftCue(seg int, c cue) {
	switch {
	case c.relation == "" || c.mild():
		return
	case c.benign() && r.tells(seg, c, len(r.segs[seg].words)):
		return
	case c.benign():
		// What it vouches for was given to it by assign; alone it says something only
		// where the deed itself is the news.
		if rel := r.settle(c.relation); rel == AuthorizedTest || rel == PlannedChange || rel == Vendor && c.negated {
			r.open(rel, c.negated, seg)
		} else if m := r.ownWord(seg, c); m >= 0 {
			r.open(rel, false, seg).take(m)
		} else if r.oursAll(seg, c) {
			r.open(PlannedChange, false, seg)
		}
		return
	}
	// What was noticed, matters most or is nobody's is said of the clause; whom it is of, if anybody,
	// assign has found. The rest is said of a credential, which may stand further back.
	d := r.open(c.relation, c.negated, seg)
	d.party = d.party || c.group.Lapsed
	if c.relation == Noticed || c.relation == Critical || c.relation == NotOurs && !r.weSay(seg) {
		return
	}
	// A segment that names something else (a bucket that leaked) is about that.
	found := slices.ContainsFunc(r.segs[seg].words, func(w int) bool { return r.isToken(w) && !credential(r.mentions[r.words[w].m].kind) })
	for b := seg; b >= 0 && r.segs[b].sentence == r.segs[seg].sentence && !found; b-- {
		for _, w := range r.segs[b].words {
			m := r.words[w].m
			if m < 0 || !credential(r.mentions[m].kind) || r.roles[m].guess || r.roles[m].stance == vouched && r.roles[m].relation != Owner {
				continue
			}
			if r.roles[m].stance == vouched && b == seg {
				continue
			}
			found = true
			d.take(m)
			if c.group.Class == "suspect" && !c.negated && r.roles[m].stance != suspect {
				r.roles[m].stance = suspect // "deploy-bot is our CI user and was leaked"
			}
		}
	}
	// Nothing near: the only key of the text is meant, if there is only one.
	if !found && (c.relation == Stolen || c.relation == Exposed || c.relation == Rotated || c.relation == Disabled) {
		if m, ok := r.only(); ok { // "… Key was rotated at 10:00."
			d.take(m)
		}
	}
	// What others could see is held to be stolen too; the time of the exposure is not that of a
	// theft.
	if c.relation == Exposed {
		stolen := r.open(Stolen, c.negated, seg)
		for _, m := range d.mentions {
			if r.mentions[m].kind != "time" {
				stolen.take(m)
			}
		}
	}
}

// weSay sees "we did not create it": said by us, of what was named before.
func (r *reader) weSay(seg int) bool {
	said := false
	for _, w := range r.segs[seg].words {
		if r.isToken(w) {
			return false
		}
		switch r.words[w].text {
		case "we", "us", "i", "nobody", "none", "one":
			said = true
		}
	}
	return said
}

// only is the one key that the text names, else the one principal.
func (r *reader) only() (m int, ok bool) {
	for _, kind := range []string{"access_key", "session", "principal"} {
		at := -1
		for i := range r.mentions {
			if r.mentions[i].kind != kind || r.roles[i].guess || r.roles[i].stance == vouched && r.roles[i].relation != Owner {
				continue
			}
			if at >= 0 && r.mentions[i].values[0] != r.mentions[at].values[0] {
				return 0, false
			}
			at = i
		}
		if at >= 0 {
			return at, true
		}
	}
	return 0, false
}

// draftTime gives a time to the cue it belongs to: the last before it, else the first
// behind; a segment without one goes on with its neighbour.
func (r *reader) draftTime(seg, pos, m int) {
	if r.mentions[m].aside == deadline {
		return
	}
	rel, negated, at, ok := r.timeCue(seg, pos, 0)
	if r.answer == "" && (r.written(r.segs[seg]) || r.mentions[m].head) {
		r.open(Noticed, false, seg).take(m)
		r.roles[m] = role{relation: Noticed, seg: seg, written: true}
		return
	}
	if !ok {
		if r.answer != "" {
			r.open(r.base, false, seg).take(m)
			r.roles[m] = role{relation: r.base, seg: seg}
		}
		return
	}
	if r.answer != "" {
		rel = r.settle(rel)
	}
	r.roles[m] = role{relation: rel, negated: negated, seg: at}
	for _, d := range r.drafts {
		if d.relation == rel && d.negated == negated && (d.clause == r.segs[at].clause || d.clause == -1) {
			d.take(m)
			return
		}
	}
	if rel.benign() {
		r.open(rel, negated, at).take(m)
	}
}

// timeCue finds the cue that a time at position pos of a segment belongs to, and the segment that
// it stands in. ok is false for the case's own time, which no statement has. depth bounds how far
// segments may go on with each other, since a text may chain any number of them.
func (r *reader) timeCue(seg, pos, depth int) (rel Relation, negated bool, at int, ok bool) {
	var left, right *cue
	for k := range r.found[seg] {
		c := &r.found[seg][k]
		switch {
		case c.relation == Excluded, r.tells(seg, *c, pos):
		case c.from < pos:
			left = c
		case c.mild():
		case right == nil:
			right = c
		}
	}
	if left != nil && left.mild() { // "planned maintenance ran on Sunday" is still the plan's time
		for k := range r.found[seg] {
			if c := &r.found[seg][k]; c.from < left.from && (c.relation == PlannedChange || c.relation == AuthorizedTest || c.relation == Responder) && !c.negated {
				left = c
				break
			}
		}
	}
	if c := cmp.Or(left, right); c != nil && c.mild() {
		return "", false, seg, false // "… was used on 3 Nov": the case's own time
	} else if c != nil {
		return c.relation, c.negated, seg, c.relation != ""
	}
	s := r.segs[seg]
	if depth <= 16 && seg > 0 && r.demonstrative(s) && r.segs[seg-1].sentence == s.sentence { // "but that is in December"
		return r.timeCue(seg-1, len(r.segs[seg-1].words), depth+1)
	}
	if depth > 16 || !r.fragment(s) && !r.ordered(s) && !(len(s.words) > 0 && grammar().prepositions[r.words[s.words[0]].text]) {
		return "", false, seg, false
	}
	if s.before >= 0 {
		return r.timeCue(s.before, len(r.segs[s.before].words), depth+1)
	}
	if next := seg + 1; next < len(r.segs) && r.segs[next].before == seg {
		return r.timeCue(next, -1, depth+1)
	}
	return "", false, seg, false
}

// pronouns completes a statement about an owner that names its principal by a pronoun:
// "deploy-bot is our CI user; it only runs Terraform".
func (r *reader) pronouns() {
	for _, d := range r.drafts {
		if d.relation != Owner || slices.ContainsFunc(d.mentions, func(m int) bool { return credential(r.mentions[m].kind) }) {
			continue
		}
		first := slices.Min(d.segs)
		if !r.segs[first].paren && !slices.ContainsFunc(r.segs[first].words, func(w int) bool { return grammar().pronouns[r.words[w].text] }) {
			continue
		}
		start := r.words[r.segs[first].words[0]].start
		for m := len(r.mentions) - 1; m >= 0; m-- {
			if r.mentions[m].start < start && r.mentions[m].kind == "principal" {
				d.mentions = append([]int{m}, d.mentions...)
				break
			}
		}
	}
}

// noForm is how an answer begins that denies: "no", "none".
var noForm = regexp.MustCompile(`^\s*(no|none|never|nope|nobody|nothing|no one|not)\b`)

// draftAnswer makes sure that an answer is a statement in the relation of its question,
// even where it names nothing: "none", "yes".
func (r *reader) draftAnswer() {
	same := func(d *draft) bool { return d.relation == r.base }
	if slices.ContainsFunc(r.drafts, same) || r.base == InScope && len(r.mentions) > 0 {
		return
	}
	if r.base == Other && len(r.drafts) > 0 || r.base == Contained && slices.ContainsFunc(r.drafts, func(d *draft) bool { return d.relation == Rotated || d.relation == Disabled }) {
		return
	}
	d := r.open(r.base, noForm.MatchString(r.low) && !slices.ContainsFunc(r.mentions, func(m mention) bool { return m.kind != "time" }), 0)
	d.segs = append(d.segs, len(r.segs)-1)
	for m := range r.mentions {
		if r.roles[m].relation == "" && r.mentions[m].kind != "action" {
			d.take(m)
		}
	}
}
