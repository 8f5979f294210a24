package intake

import "slices"

// role is what the text makes of one mention.
type role struct {
	stance   stance
	relation Relation // of the cue that decided, "" without
	negated  bool     // a benign cue that was denied
	seg      int      // the segment of that cue, which places the statement
	written  bool     // a time at which something was written
	guess    bool     // somebody is only guessed at
	habit    bool     // who it names is the subject ("alice denies …", "alice does not normally …")
	told     bool     // plain, but a mild cue speaks of it: "calls came from X"
}

// stance is what the text holds of a mention. The order is of no meaning; plain is the zero.
type stance int

const (
	plain   stance = iota // nothing is said about it: the case asks about it
	suspect               // it is accused
	vouched               // it is vouched for
)

// assign gives every mention its role. The rule, in the order in which it is applied:
//
//  1. The nearest cue decides: the last one to the left, else the first to the right; cues
//     that only look back ("… is ours", "… as usual") take what stands before them.
//  2. A segment without a verb of its own goes on with the one before ("…, 203.0.113.9 and
//     203.0.113.10"), at the head of a clause with the one behind ("A and B are ours").
//  3. A segment that only vouches ("our office", in commas or parentheses) means the
//     last thing named before it.
//  4. Keys, principals and sessions of a segment that says they were stolen are accused,
//     whatever else it says of them ("our CI user's key leaked"); of a theft also a vendor's
//     account ("our vendor 111111111111 disclosed a breach").
//  5. "not X" turns what would hold of X into its opposite.
func (r *reader) assign() {
	r.roles = make([]role, len(r.mentions))
	for i, s := range r.segs {
		stolen := slices.ContainsFunc(r.found[i], func(c cue) bool {
			return c.group.Class == "suspect" && c.relation != NotOurs && !c.negated
		})
		for pos, w := range s.words {
			m := r.words[w].m
			if m < 0 || r.mentions[m].kind == "time" {
				continue
			}
			ro := r.at(i, pos, 0)
			robbed := ro.relation == Vendor && r.mentions[m].kind == "account" && r.theft(i)
			if ro.stance == vouched && stolen && (credential(r.mentions[m].kind) && ro.relation != Excluded || robbed) {
				ro = role{stance: suspect, seg: i}
			}
			if ro.habit && credential(r.mentions[m].kind) {
				ro.relation = ""
			}
			if r.deniedAt(i, pos) {
				switch {
				case r.mentions[m].kind != "principal" || !r.demonstrative(s):
					ro = r.opposite(i, m, ro)
				case !r.elsewhere(m): // "it was not alice" says who denies it, or, of who is not named else, who is none
					ro = role{stance: vouched, relation: Reporter, seg: i}
				}
			}
			r.roles[m] = ro
		}
	}
	for i := range r.segs {
		r.apposition(i)
		r.byWhom(i)
		r.doneBy(i)
		r.bystanders(i)
	}
	r.accusedElsewhere()
	r.unasked()
	if r.answer != "" {
		r.fromQuestion()
	}
}

// accusedElsewhere takes the part of a responder from whom the text itself calls a suspect: that they
// repaired something, or reset a thing, is then what they are suspected of.
func (r *reader) accusedElsewhere() {
	for m := range r.mentions {
		if r.roles[m].relation != Responder || r.roles[m].stance != vouched {
			continue
		}
		for o := range r.mentions {
			if o != m && r.mentions[o].kind == r.mentions[m].kind && r.roles[o].stance == suspect && r.theft(r.roles[o].seg) && slices.Equal(r.mentions[o].values, r.mentions[m].values) {
				r.roles[m] = role{seg: r.roles[m].seg}
				break
			}
		}
	}
}

// unasked takes the part of a responder from whoever repaired what nobody asked for: "deploy-bot
// rotated the key at 04:00, nobody asked for that" is news, and no answer to any.
func (r *reader) unasked() {
	for i, s := range r.segs {
		if !slices.ContainsFunc(r.found[i], func(c cue) bool { return c.group.Unasked && !c.negated }) {
			continue
		}
		for m := range r.roles {
			if ro := r.roles[m]; ro.relation == Responder && ro.stance == vouched && r.segs[ro.seg].sentence == s.sentence {
				r.roles[m] = role{seg: ro.seg}
			}
		}
	}
}

// theft says that the segment tells of something stolen or broken into.
func (r *reader) theft(seg int) bool {
	return slices.ContainsFunc(r.found[seg], func(c cue) bool { return c.relation == Stolen && !c.negated })
}

// elsewhere says that the text names the same a second time.
func (r *reader) elsewhere(m int) bool {
	n := 0
	for _, o := range r.mentions {
		if o.kind == r.mentions[m].kind && slices.Equal(o.values, r.mentions[m].values) {
			n++
		}
	}
	return n > 1
}

// opposite applies rule 5.
func (r *reader) opposite(seg, m int, ro role) role {
	switch {
	case ro.stance == vouched:
		return role{stance: suspect, relation: NotOurs, seg: seg}
	case r.mentions[m].kind == "ip" && slices.ContainsFunc(r.found[seg], func(c cue) bool { return c.relation == UsualNetwork }):
		return role{stance: vouched, relation: UsualNetwork, seg: seg}
	}
	return role{stance: vouched, relation: Excluded, seg: seg}
}

// credential says that a kind is something one can act with. Networks and regions are cleared by
// an owner's word, credentials are not: they may be stolen from their owner.
func credential(kind string) bool {
	return kind == "access_key" || kind == "principal" || kind == "session"
}

// at is the role of what stands at position pos of a segment; depth bounds inheritance.
func (r *reader) at(seg, pos, depth int) role {
	left, right := -1, -1
	cues := r.found[seg]
	for k, c := range cues {
		switch {
		case c.group.Class == "keep":
		case c.from <= pos && pos <= c.to:
			return r.of(seg, c, pos)
		case c.group.Governs == "named":
		case c.to < pos:
			if !r.tells(seg, c, pos) {
				left = k
			}
		case right < 0 && !c.mild():
			right = k
		}
	}
	// A cue that looks back is about what stands right before it, so that it beats one on the left
	// ("seen from X, which is ours"); between two that vouch the nearer rule holds as ever.
	if right >= 0 && cues[right].group.Governs == "before" && !(left >= 0 && cues[left].benign() && cues[right].benign()) {
		return r.of(seg, cues[right], pos)
	}
	// A mild cue on the left ("calls from X") yields to a plain word on the right ("… are ours").
	if left >= 0 && cues[left].group.Governs != "before" {
		if !cues[left].mild() || right < 0 || cues[right].group.Governs == "after" {
			return r.of(seg, cues[left], pos)
		}
	}
	if right >= 0 && cues[right].group.Governs == "clause" {
		return r.of(seg, cues[right], pos)
	}
	// Only a segment that says nothing of its own goes on with another.
	if left < 0 && right < 0 {
		return r.inherited(seg, depth)
	}
	return role{seg: seg}
}

// of is the role that a cue gives to position pos.
func (r *reader) of(seg int, c cue, pos int) role {
	ro := role{relation: c.relation, negated: c.negated, seg: seg}
	ro.habit = pos < c.from && (c.group.Speaker || c.relation == Owner && c.group.Governs == "clause" && c.negated)
	if !c.negated && (c.relation == Owner || c.relation == UsualNetwork) && c.group.Governs == "clause" {
		for _, other := range r.found[seg] { // "was used by our pentesters" tells more than "was used by"
			switch other.relation {
			case AuthorizedTest, Vendor, Responder, PlannedChange:
				if !other.negated {
					ro.relation = other.relation
				}
			}
		}
	}
	switch {
	case !c.benign() && c.negated && c.group.Relation == "" && !c.mild():
		return role{stance: vouched, relation: Excluded, seg: seg} // "nothing suspicious about X"
	case c.mild() || !c.benign() && c.negated:
		return role{seg: seg, told: c.mild()}
	case c.relation == Excluded && c.group.Governs == "after" && r.benignBefore(seg, c):
		ro.stance, ro.relation = suspect, NotOurs // "all of X is ours except Y"
	case !c.benign():
		ro.stance = suspect
	case !c.negated:
		ro.stance = vouched
	case c.group.Noun && (pos > c.to || c.relation == Excluded) && c.relation != AuthorizedTest && c.relation != PlannedChange:
		ro.stance, ro.negated = vouched, false // "not from our office X", "never from outside X": X is still ours
	default:
		ro.stance = suspect
		if c.relation != AuthorizedTest && c.relation != PlannedChange {
			ro.relation, ro.negated = NotOurs, false
		}
	}
	return ro
}

// benignBefore says that something is vouched for in the segment before the cue.
func (r *reader) benignBefore(seg int, c cue) bool {
	return slices.ContainsFunc(r.found[seg], func(o cue) bool { return o.from < c.from && o.benign() && !o.negated && o.relation != Excluded })
}

// inherited is the role of a segment that has no cue.
func (r *reader) inherited(seg, depth int) role {
	s := r.segs[seg]
	if c, ok := r.named(seg); ok {
		return r.of(s.before, c, len(r.segs[s.before].words))
	}
	if depth > 16 || !r.fragment(s) && !r.explains(seg) && !r.ordered(s) {
		return role{seg: seg}
	}
	// Appositives are passed over: they speak of what stands before them and not of what goes on
	// behind ("A, our office, and B").
	for b := s.before; b >= 0; b = r.segs[b].before {
		if !r.appositive(b) {
			return r.at(b, len(r.segs[b].words), depth+1)
		}
	}
	for next := seg + 1; next < len(r.segs) && r.segs[next].clause == s.clause; next++ {
		if r.segs[next].before == seg && !r.segs[next].paren && !r.appositive(next) {
			return r.at(next, -1, depth+1)
		}
	}
	return role{seg: seg}
}

// ordered says that the segment only tells who bought or allowed what stood before it, and
// goes on with it: "our pentest, signed by our CISO: 203.0.113.0/28, user x".
func (r *reader) ordered(s segment) bool {
	return len(s.words) > 1 && r.vocab.people.orders[r.words[s.words[0]].text] && r.words[s.words[1]].text == "by"
}

// explains says that the segment is a parenthesis behind something vouched for, and says
// nothing of its own: "our pentest (203.0.113.9, read only, booked by erin)".
func (r *reader) explains(seg int) bool {
	s := r.segs[seg]
	return s.paren && s.before >= 0 && len(r.found[seg]) == 0 && r.vouches(s.before)
}

// appositive says that the segment names nothing and only vouches: ", our office,".
func (r *reader) appositive(seg int) bool {
	s := r.segs[seg]
	that := r.demonstrative(s)
	if len(r.found[seg]) == 0 || r.antecedent(seg) < 0 {
		return false
	}
	// "That was me, from home, 192.0.2.7": a place says nothing of what is none.
	named := slices.ContainsFunc(r.segs[r.antecedent(seg)].words, r.isToken)
	if !named && !slices.ContainsFunc(r.found[seg], func(c cue) bool { return c.relation != UsualNetwork }) {
		return false
	}
	own := map[int]bool{}
	benign := false
	for _, c := range r.found[seg] {
		benign = benign || c.benign() || that && c.relation == NotOurs
		for _, i := range c.own {
			own[i] = true
		}
	}
	for i, w := range s.words {
		if r.words[w].m >= 0 && r.isToken(w) || !s.paren && !that && !own[i] && !grammar().glue[r.words[w].text] && r.words[w].text != "is" && r.words[w].text != "not" {
			return false
		}
	}
	return benign
}

// demonstrative says that the segment speaks of what stood before: "but that's our scanner".
func (r *reader) demonstrative(s segment) bool {
	if len(s.words) > 2 && (r.words[s.words[0]].text == "an" || r.words[s.words[0]].text == "a") && grammar().things[r.words[s.words[1]].text] {
		return true // "…, an address we do not know"
	}
	for i, w := range s.words {
		switch t := r.words[w].text; {
		case t == "that" || t == "this" || t == "those" || t == "these" || t == "it" || t == "which" || t == "they":
			return i+1 < len(s.words) && slices.Contains([]string{"is", "was", "are", "were", "isn't", "wasn't", "aren't"}, r.words[s.words[i+1]].text)
		case !strongJoints[t] && !weakJoints[t]:
			return false
		}
	}
	return false
}

// antecedent is the segment that an appositive speaks of: the one it continues, or for
// "that is …" the one before in the sentence.
func (r *reader) antecedent(seg int) int {
	s := r.segs[seg]
	if s.before < 0 && seg > 0 && r.segs[seg-1].sentence == s.sentence && r.demonstrative(s) {
		return seg - 1
	}
	return s.before
}

// apposition applies rule 3.
func (r *reader) apposition(seg int) {
	if !r.appositive(seg) {
		return
	}
	before := r.antecedent(seg)
	for r.segs[before].before >= 0 && r.appositive(before) { // "…, that is ok, they are our MSP"
		before = r.segs[before].before
	}
	words := r.segs[before].words
	if inner := before + 1; inner < seg && r.segs[inner].paren && slices.ContainsFunc(r.segs[inner].words, r.isToken) {
		words = r.segs[inner].words // "(203.0.113.9), that is me"
	}
	limit := r.words[r.segs[seg].words[0]].start
	which := slices.ContainsFunc(r.segs[seg].words[:1], func(w int) bool { return r.words[w].text == "which" || r.words[w].text == "who" })
	who := slices.ContainsFunc(r.found[seg], func(c cue) bool { return c.group.Excuses || c.relation == Vendor }) && slices.ContainsFunc(words, r.place)
	for i := len(words) - 1; i >= 0; i-- {
		if who && !r.place(words[i]) {
			continue // an act, or its author: of what it was done to nothing is said
		}
		if which && i < len(words)-1 {
			return // "used by two instances, which are fine" is not about the user
		}
		if w := words[i]; r.isToken(w) && r.words[w].start < limit {
			for _, c := range r.found[seg] {
				if c.benign() || c.relation == NotOurs {
					if is := &r.roles[r.words[w].m]; c.group.Excuses && is.stance == vouched {
						return // it says that what was vouched for is well
					}
					r.roles[r.words[w].m] = r.of(seg, c, -1)
					return
				}
			}
		}
	}
}

// place says that the word names an account or an address: where somebody acts from.
func (r *reader) place(w int) bool {
	m := r.words[w].m
	return m >= 0 && (r.mentions[m].kind == "account" || r.mentions[m].kind == "ip")
}

// deniedAt says that "not" stands before the thing at pos, small words aside, and is not
// the negation of a cue.
func (r *reader) deniedAt(seg, pos int) bool {
	s := r.segs[seg]
	for i := pos - 1; i >= 0 && i >= pos-4; i-- {
		t := r.words[s.words[i]].text
		for _, c := range r.found[seg] {
			if !c.mild() && slices.Contains(c.own, i) {
				return false
			}
		}
		switch t {
		case "not", "never", "isn't", "wasn't", "aren't", "weren't":
			next := r.words[s.words[i+1]].text
			return next != "only" && next != "just"
		case "from", "by", "in", "at", "via", "through", "the", "our", "on", "to", "with", "for", "using", "user", "role", "key", "account", "bucket", "address", "ip":
		default:
			return false
		}
	}
	return false
}

// byWhom finds who did the responding: "rotated by alice", "alice disabled the key".
func (r *reader) byWhom(seg int) {
	s := r.segs[seg]
	for _, c := range r.found[seg] {
		if c.relation != Rotated && c.relation != Disabled && c.relation != Contained || c.negated {
			continue
		}
		// The passive: whoever stands close behind "by", several joined by "and".
		after := false
		for i := c.to + 1; i < len(s.words) && i < c.to+9; i++ {
			w := r.words[s.words[i]]
			if after && r.isToken(s.words[i]) && credential(r.mentions[w.m].kind) && r.mentions[w.m].kind != "access_key" {
				r.roles[w.m] = role{stance: vouched, relation: Responder, seg: seg}
			} else if after && w.m < 0 && w.text != "and" && w.text != "user" && w.text != "the" {
				break
			}
			after = after || w.text == "by"
		}
		// The active: the name right before the verb, or inside the cue where that begins with it
		// ("%principal … deleted"). "Alice's key was rotated" has the key for its subject, not alice.
		subject := c.from - 1
		if r.isToken2(s, c.from) {
			subject = c.from
		}
		for n := 0; n < 2 && subject >= 0 && slices.Contains([]string{"has", "have", "had", "already", "then", "just", "also"}, r.words[s.words[subject]].text); n++ {
			subject--
		}
		if subject < 0 || !r.isToken(s.words[subject]) || r.mentions[r.words[s.words[subject]].m].kind != "principal" || subject+1 < len(s.words) && r.possessive(s.words[subject]) {
			continue
		}
		for i := c.from; i < len(s.words); i++ {
			if i > subject && (r.isToken2(s, i) || slices.Contains([]string{"key", "keys", "it", "user", "credentials", "access", "login", "password"}, r.words[s.words[i]].text)) {
				r.roles[r.words[s.words[subject]].m] = role{stance: vouched, relation: Responder, seg: seg}
				break
			}
		}
	}
}

// possessive says that an s with an apostrophe follows the word: then what is told is of
// something of theirs.
func (r *reader) possessive(w int) bool {
	rest := r.low[r.words[w].end:]
	return len(rest) > 1 && (rest[:2] == "'s" || len(rest) > 3 && rest[:4] == "’s")
}

// fromQuestion gives what an answer names, and says nothing more about, the relation of
// its question.
func (r *reader) fromQuestion() {
	for m := range r.roles {
		ro := &r.roles[m]
		if ro.stance == vouched {
			ro.relation = r.settle(ro.relation)
		}
		if ro.stance != plain {
			continue
		}
		switch {
		case r.base == InScope:
			ro.stance = suspect
		case r.base.benign() || r.base == Critical || r.base == Logs || r.base == Other:
			ro.stance, ro.relation = vouched, r.base
		}
	}
}

// settle makes the general relations those of the question: in the list of responders
// "alice, from our office X" makes X an address of responders.
func (r *reader) settle(rel Relation) Relation {
	if r.base.benign() && rel.benign() && rel != Excluded && rel != Responder {
		return r.base
	}
	return rel
}
