package intake

import (
	"regexp"
	"slices"
	"strings"
)

// turn is one contribution to a chat, a thread or a ticket: work[start:end] is its head, which
// says who speaks and mostly when, and what they say goes on to the next head.
type turn struct {
	start, end int
	name       [2]int // of work, within the head
}

// How a turn begins. A name is up to three words; a clock may stand before it, behind it, or not at
// all where a colon follows and somebody of that name is known.
const (
	nameOfTurn  = `([A-Za-z][\w.'@-]{0,30}(?:[ ][A-Z][\w.'-]{0,30}){0,2})`
	clockOfTurn = `(?:(?:today|yesterday) at |[0-9]{1,2}[/. -](?:[0-9]{1,2}|[a-z]{3})(?:[/. -][0-9]{2,4})?,?[ ])?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]\.?m\.?)?`
)

var (
	turnForms = []*regexp.Regexp{
		// "[08:09] omar: …", "08:09 <omar> …", "2026-11-09 08:09 omar: …"
		regexp.MustCompile(`(?mi)^[ \t>*-]*\[?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[ T])?` + clockOfTurn + `\]?[ \t]+<?@?([a-z][\w.'@-]{0,30}(?: [\w.'-]{1,30}){0,2})(?:>|:)[ \t]`),
		// "omar 08:09: …", "omar, 08:09: …", "omar [08:09] …", "Comment omar 02/Nov/26 09:02: …"
		regexp.MustCompile(`(?mi)^[ \t>*-]*(?:(?:comment|update|note|edit)[ \t]+)?(?-i:` + nameOfTurn + `),?[ \t]+[\[(]?` + clockOfTurn + `(?:\]|\)|:)+[ \t]`),
		// "omar  9:12 AM" above what was said
		regexp.MustCompile(`(?mi)^[ \t>*-]*(?-i:` + nameOfTurn + `)[ \t]+(?:— |- )?[\[(]?` + clockOfTurn + `[\])]?:?[ \t]*\n`),
		// "Update 08:10 day shift: …": whoever it is
		regexp.MustCompile(`(?mi)^[ \t>*-]*(?:comment|update|note|edit)[ \t]+` + clockOfTurn + `((?:[ ][\w.'-]{1,30}){0,3}):[ \t]`),
		// "<omar> …", "> Omar: …", "Comment omar: …"
		regexp.MustCompile(`(?m)^[ \t]*<` + nameOfTurn + `>[ \t]`),
		regexp.MustCompile(`(?m)^[ \t]*(?:>[ \t]*|(?i:comment)[ \t]+)` + nameOfTurn + `:[ \t]`),
		// "Ticket #20931 (omar): …"
		regexp.MustCompile(`(?mi)^[ \t>*-]*(?:ticket|case|issue|incident|request|inc|jira)\b[^\n:()]{0,40}\((?-i:` + nameOfTurn + `)\):[ \t]`),
	}
	plainTurn = regexp.MustCompile(`(?m)^[ \t*-]*@?` + nameOfTurn + `:[ \t]`)
)

// ofMail takes heads of mails ("> From: …") from the turns.
func (r *reader) ofMail(t turn) bool {
	name := strings.ToLower(r.work[t.name[0]:t.name[1]])
	return r.vocab.people.from[name] || r.vocab.people.written[name]
}

// turnOf is the head that a form matched; its one group is the name.
func turnOf(m []int) turn { return turn{m[0], m[1], [2]int{m[2], m[3]}} }

// maxTurns bounds how many heads of each form are looked at.
const maxTurns = 256

// turnsOf finds the heads that a text shows by their form alone, in order of place.
func turnsOf(work string) []turn {
	var out []turn
	for _, form := range turnForms {
		for _, m := range form.FindAllStringSubmatchIndex(work, maxTurns) {
			out = append(out, turnOf(m))
		}
	}
	bare := slices.DeleteFunc(clockTurn.FindAllStringSubmatchIndex(work, maxTurns), func(m []int) bool {
		return grammar().prepositions[strings.ToLower(work[m[2]:m[3]])] // "between 21:00 and 01:00"
	})
	if len(bare) > 1 {
		for _, m := range bare {
			out = append(out, turnOf(m))
		}
	}
	return inOrder(out)
}

// clockTurn is a head that nothing ends: "omar 9:05 are we down". One line may begin so by chance,
// so that two are asked for.
var clockTurn = regexp.MustCompile(`(?mi)^[ \t>*-]*(?-i:@?` + nameOfTurn + `)[ \t]+` + clockOfTurn + `[ \t]+`)

// plainTurns adds the lines that begin with the name of somebody whom the text is known to name, and
// a colon, but no field of a mail or a ticket.
func (r *reader) plainTurns() {
	for _, m := range plainTurn.FindAllStringSubmatchIndex(r.work, maxTurns) {
		t := turnOf(m)
		if r.speaker(t) >= 0 {
			r.turns = append(r.turns, t)
		}
	}
	r.turns = slices.DeleteFunc(inOrder(r.turns), r.ofMail)
}

// inOrder sorts turns by place; of two that overlap the first, and of two there the longer, stays.
func inOrder(turns []turn) []turn {
	slices.SortStableFunc(turns, func(a, b turn) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
	out := turns[:0]
	for _, t := range turns {
		if len(out) == 0 || t.start >= out[len(out)-1].end {
			out = append(out, t)
		}
	}
	return out
}

// speaker is the mention of who speaks in a turn, -1 where nobody of that name is known.
func (r *reader) speaker(t turn) int {
	return slices.IndexFunc(r.mentions, func(m mention) bool {
		return (m.kind == "principal" || m.kind == "session") && m.start >= t.name[0] && m.end <= t.name[1]
	})
}

// turnAt is the turn that byte at belongs to, -1 before the first head.
func (r *reader) turnAt(at int) int {
	for i := len(r.turns) - 1; i >= 0; i-- {
		if r.turns[i].start <= at {
			return i
		}
	}
	return -1
}

// severed is the text with a mark at the end of each head, so that no time reaches from there into
// what was said ("9:02 AM" above "morning all").
func (r *reader) severed() string {
	if len(r.turns) == 0 {
		return r.work
	}
	work := []byte(r.work)
	for _, t := range r.turns {
		if c := work[t.end-1]; c == ' ' || c == '\t' || c == '\n' {
			work[t.end-1] = ';'
		}
	}
	return string(work)
}

// titled says that a time is the day above a chat that was copied: "#incident, Thu Nov 5" over its
// first head and nothing more.
func (r *reader) titled(e expr) bool {
	return len(r.turns) > 0 && r.turns[0].start <= maxTitle && e.end <= r.turns[0].start && e.op == "at" && !e.a.clock.has && !strings.ContainsAny(r.work[:e.start], ".?!")
}

// maxTitle bounds what stands above a chat, in bytes.
const maxTitle = 80

// inHead says that bytes [a,b) stand in the head of a turn.
func (r *reader) inHead(a, b int) bool {
	return slices.ContainsFunc(r.turns, func(t turn) bool { return t.start <= a && b <= t.end })
}

// parts says that a head begins or ends between two words, of which the first ends at from and
// the second begins at to: what somebody said is no part of what another did.
func (r *reader) parts(from, to int) bool {
	return slices.ContainsFunc(r.turns, func(t turn) bool { return from <= t.start && t.start <= to || from <= t.end && t.end <= to })
}

// speakers gives who speaks the part of somebody who tells of the case, whatever stands beside
// their name; who tells that they were robbed themselves is that.
func (r *reader) speakers() {
	for i, t := range r.turns {
		m := r.speaker(t)
		if m < 0 {
			continue
		}
		end := len(r.work)
		if i+1 < len(r.turns) {
			end = r.turns[i+1].start
		}
		is := role{stance: vouched, relation: Reporter, seg: r.segmentAt(t.name[0])}
		for seg, s := range r.segs {
			if len(s.words) == 0 || r.words[s.words[0]].start < t.end || r.words[s.words[0]].start >= end {
				continue
			}
			switch {
			case (r.ofOneself(s) || r.ownLure(seg)) && r.theft(seg):
				is = role{stance: suspect, relation: Stolen, seg: seg}
			case slices.Contains(r.befallen, seg) && is.stance != suspect:
				is = role{stance: suspect, seg: seg}
			}
		}
		r.roles[m] = is
	}
}

// ownWord is the speaker of a turn who says that it was them ("that was me"), -1 where the cue says
// no such thing or nobody knows who speaks.
func (r *reader) ownWord(seg int, c cue) int {
	s := r.segs[seg]
	if c.relation != Owner || c.negated || s.asked || !slices.ContainsFunc(c.own, func(i int) bool { return r.words[s.words[i]].text == "me" }) {
		return -1
	}
	if at := r.turnAt(r.words[s.words[c.from]].start); at >= 0 {
		return r.speaker(r.turns[at])
	}
	return -1
}

// oursAll says that a cue claims for "us" what the text tells of, where its own sentence names nothing
// that would be meant: "that's us, the platform team rewrote it".
func (r *reader) oursAll(seg int, c cue) bool {
	s := r.segs[seg]
	us := slices.ContainsFunc(c.own, func(i int) bool { return r.words[s.words[i]].text == "us" })
	if c.relation != Owner || c.negated || s.asked || !us || r.answer != "" {
		return false
	}
	meant := func(w int) bool { // services and tools are what it runs on
		m := r.words[w].m
		return m >= 0 && (credential(r.mentions[m].kind) || r.mentions[m].kind == "ip" || r.mentions[m].kind == "account") && !r.inHead(r.words[w].start, r.words[w].end)
	}
	return !slices.ContainsFunc(r.segs, func(o segment) bool { return o.sentence == s.sentence && slices.ContainsFunc(o.words, meant) })
}

// ofOneself says that whoever writes the segment speaks of themselves.
func (r *reader) ofOneself(s segment) bool {
	return slices.ContainsFunc(s.words, func(w int) bool { return r.words[w].text == "i" || r.words[w].text == "my" })
}

// segmentAt is the segment of the word that holds byte at, 0 if there is none.
func (r *reader) segmentAt(at int) int {
	return max(0, slices.IndexFunc(r.segs, func(s segment) bool {
		return slices.ContainsFunc(s.words, func(w int) bool { return r.words[w].start <= at && at < r.words[w].end })
	}))
}

// voices counts who speaks; where there are several, "me" and "I" are somebody else in every turn.
func (r *reader) voices() int {
	who := map[string]bool{}
	for _, t := range r.turns {
		who[strings.ToLower(r.work[t.name[0]:t.name[1]])] = true
	}
	return len(who)
}
