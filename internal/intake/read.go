package intake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reader is one text being read.
type reader struct {
	*scan
	vocab  *vocabulary
	words  []word
	segs   []segment
	found  [][]cue // by segment, in order of position
	roles  []role  // by mention; the last word on it is that of the step that ran last
	answer string  // question id, "" for the case text
	// What an answer states of what it only names; "" for the case text.
	base     Relation
	drafts   []*draft
	doubts   []string
	turns    []turn       // who speaks where, in order of place
	foundAt  map[int]bool // sentences that tell that a thing was come across
	taken    []int        // segments of lures that were taken
	masks    []int        // mentions of those under whose name a lure came
	befallen []int        // segments that tell what happened to the account of whoever says it
	endAsked []int        // segments that ask whether somebody has left, in order
	ownedTo  map[int]bool // sentences in which somebody owns to some of several acts
	assumed  bool         // a time was read in a zone that nobody gave
}

// Read says what text means. from is FromCase or FromAnswer(id): the value of an answer
// takes its relation from the question where it names none.
func Read(text, from string, c Clock, l Lexicon) Reading {
	work, notes := clean(text)
	work = withoutProse(work)
	g := glossed(work, l)
	r := &reader{scan: &scan{gloss: g, work: g.text, low: lower(g.text), claimed: make([]bool, len(g.text)), notes: notes}}
	if id, ok := strings.CutPrefix(from, "answer "); ok {
		r.answer, r.base = id, Other
		if rel, ok := answers[id]; ok {
			r.base = rel
		}
	}
	// Each step claims bytes before the next one looks: tokens are surer than times, times than
	// names. Regions come last, since a city is mostly where somebody is.
	r.typed()
	r.turns = turnsOf(r.work)
	zone := r.times(c)
	bare := r.answer == "principal" || r.answer == "identities" || r.answer == "responders" || r.answer == "owner" || r.answer == "critical_assets"
	r.names(l, bare)
	r.root(l)
	r.tooling()
	r.regions()
	slices.SortFunc(r.mentions, func(a, b mention) int { return a.start - b.start })

	out := Reading{Kind: Unspecified, Zone: zone, Unknown: unknownForm.MatchString(r.low)}
	// Words and segments need the mentions in order of place; roles need every cue of every
	// segment; statements need roles that nothing changes any more.
	vocab, err := builtin()
	if err != nil {
		r.notes = append(r.notes, "the cues could not be read, so that only names and times were: "+err.Error())
		vocab = &vocabulary{}
	}
	r.vocab = vocab
	r.plainTurns()
	r.words = r.scan.words()
	r.segs = r.segments()
	for i := range r.segs {
		r.found = append(r.found, r.stated(i, r.cues(r.segs[i])))
	}
	r.eased()
	r.lured()
	r.lapsed()
	r.foreignHabits()
	out.Language, out.English = r.language(), g.text
	out.Understood = out.Language == English || g.lang != nil && g.understood()
	out.VerbFirst = g.lang != nil && g.lang.verbFirst
	r.inWhat(&out)
	r.asides(c)
	r.foundTimes()
	r.assign()
	r.bystanding()
	r.headers()
	r.speakers()
	r.masked()
	r.party()
	r.anaphors()
	r.ownMade()
	admitted := r.admissions()
	r.ownedTo = map[int]bool{}
	for _, a := range admitted {
		r.ownedTo[a.sentence] = true
	}
	r.excuse(admitted)
	r.guesses()
	if !out.Unknown {
		r.draft(admitted)
	}
	out.Statements = r.statements(from)
	out.Seeds = r.seeds(from)
	out.Times = r.caseTimes()
	if r.answer == "" {
		out.Kind, out.KindWhy = r.kind(out.Seeds)
		out.Effects = r.effects(out.Times)
		out.Effects = r.besides(out.Effects, admitted)
		out.Asks = asksOf(g)
		out.Voices, out.Tellers = r.voices(), r.tellers()
		out.Abroad = r.abroad()
		out.Staying = slices.ContainsFunc(r.segs, func(s segment) bool { return !s.asked && r.has(r.vocab.asides.staying, s.words) })
		out.Wider = slices.ContainsFunc(r.segs, func(s segment) bool { return r.has(r.vocab.wider, s.words) })
	}
	// Calls are no seeds: half of what is named in a case is called by its owner every day.
	for _, m := range r.mentions {
		if m.kind == "action" && !slices.Contains(out.Actions, m.values[0]) {
			out.Actions = append(out.Actions, m.values[0])
		}
	}
	out.ZoneAssumed, out.Notes, out.Doubts = r.assumed, distinct(r.notes), distinct(r.doubts)
	g.restore(&out)
	return out
}

// times finds and resolves the time expressions, and returns the zone that the text
// states for them, or the only one that it names.
func (r *reader) times(c Clock) *time.Location {
	p := newWhenParser(r.severed(), func(a, b int) bool { return !r.free(a, b) })
	p.weekday = func(weekday, d int) bool { return nearWeekday(c.now(), weekday, d) }
	found := joined(p.work, p.find())
	if p.order == 0 {
		p.order = shown(found)
	}
	for _, text := range distinct(p.bad) {
		r.notes = append(r.notes, strconv.Quote(text)+" is no day of the calendar; the time is left open")
	}
	stated, ok := statedZone(r.work, r.answer == "time_zone")
	export, exportZone, told := ExportClock(r.work)
	named := onlyZone(found)
	// Whose word counts for times that name no zone: the text's, then the caller's, then that of
	// the clock an export was written by, then the only zone that any time of the text has.
	res := &resolver{c: c, zone: c.Zone, order: p.order, said: r.gloss.said}
	switch {
	case ok:
		res.zone = stated.loc
		r.notes = append(r.notes, "times are read as "+stated.text+" unless they say otherwise, as the text tells")
	case res.zone != nil:
	case told: // who reads an export by a clock tells of its times by it
		res.zone, res.zoneWhy = export, exportZone+", the clock of the export"
	case named != nil:
		res.zone, res.zoneWhy = named.loc, named.text+", the only zone that the text names"
	default:
		res.zone, res.zoneWhy = time.UTC, "UTC"
	}
	// First learn on which day the text was written: words before that date count from it too.
	for i := 0; i+1 < len(found); i++ {
		if apposed(found[i], found[i+1], r.work[found[i].end:found[i+1].start]) {
			res.written(found[i], found[i+1])
		}
	}
	vocab, _ := builtin() // Read tells of a failure
	if vocab != nil {
		res.quotes(found, func(e expr) bool { return vocab.people.headed(r.work, e) })
	}
	turn := -1 // the one in which the last time stood
	for i := 0; i < len(found); i++ {
		e := found[i]
		head := vocab != nil && vocab.people.headed(r.work, e) || r.inHead(e.start, e.end)
		if at := r.turnAt(e.start); at != turn {
			turn, res.day, res.night = at, time.Time{}, false // whoever speaks now counts from today
		}
		titled := r.titled(e)
		if head || titled {
			res.heads(e)
		}
		head = head || titled && e.a.day.kind == dateDay
		if i+1 < len(found) && apposed(e, found[i+1], r.work[e.end:found[i+1].start]) {
			e = res.dated(e, found[i+1], r.work) // "last night (10 February)", "this morning, 18 September": one time, named twice
			i++
		}
		if sp, placed := res.span(e); placed {
			if head && e.a.day.kind == noDay && sp.Grain == "minute" {
				res.wrote = sp.From.In(res.location(e.a)) // "01:39 kez: …": what is said there of tonight is said by night
			}
			if n := len(r.mentions); e.op == "until" && n > 0 && r.mentions[n-1].span != nil {
				sp = r.goneOn(sp, r.mentions[n-1])
			}
			r.add(mention{start: e.start, end: e.end, kind: "time", span: &sp, head: head, dateless: e.op == "at" && e.a.day.kind == noDay, yearless: e.a.day.kind != noDay && e.a.day.y == 0})
		}
	}
	r.notes = append(r.notes, res.notes...)
	if len(res.unzoned) > 0 {
		r.assumed = true
		r.notes = append(r.notes, "no time zone is given with "+strings.Join(distinct(res.unzoned), ", ")+"; read as "+res.zoneWhy)
	}
	switch {
	case ok:
		return stated.loc
	case named != nil:
		return named.loc
	}
	return nil
}

// goneOn makes "it began at 3 and went on until noon" one interval: an "until" begins at the
// time that the same sentence names before it, and not with the evidence.
func (r *reader) goneOn(until Span, before mention) Span {
	end, _ := sentenceEnd(r.work, before.end)
	if until.Start <= end && before.span.From.Before(until.To) && before.span.From.After(until.From) {
		until.From = before.span.From
	}
	return until
}

// nearWeekday says that a day of the month was such a weekday not long before now.
func nearWeekday(now time.Time, weekday, d int) bool {
	for back := 0; back < 3 && !now.IsZero(); back++ {
		if t := time.Date(now.Year(), now.Month()-time.Month(back), d, 0, 0, 0, 0, now.Location()); t.Day() == d && !t.After(now) && int(t.Weekday()) == weekday {
			return true
		}
	}
	return false
}

// joined makes one time of a day and the hours right behind it: "Saturday 7 from 1 to 5 am".
func joined(work string, found []expr) []expr {
	out := found[:0]
	for _, e := range found {
		if n := len(out); n > 0 && e.op == "range" && e.a.day.kind == noDay && e.b.day.kind == noDay && strings.Trim(work[out[n-1].end:e.start], " ,") == "" {
			if d := out[n-1]; d.op == "at" && !d.a.clock.has && d.a.day.kind != noDay {
				e.a.day, e.start = d.a.day, d.start
				out[n-1] = e
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

// onlyZone is the zone of the expressions if all that name one name the same.
func onlyZone(found []expr) *zone {
	var z *zone
	for _, e := range found {
		for _, s := range []stamp{e.a, e.b} {
			switch {
			case s.zone == nil || s.zone.loc == nil:
			case z == nil:
				z = s.zone
			case z.text != s.zone.text:
				return nil
			}
		}
	}
	return z
}

// unknownForm is a text that says nothing but that its writer does not know. It must be the
// whole text: "unknown role x" says a lot.
var unknownForm = regexp.MustCompile(`^[\s.]*(unknown|(i |we )?(don't|do not|dont) know( yet)?|not sure|unsure|no idea|n/?a|tbd|dunno|not known( yet)?|\?+|unclear|can't say)[\s.!]*$`)

// doubtful says that a segment asks or supposes.
func (r *reader) doubtful(s segment) bool {
	if s.asked {
		return true
	}
	for i, w := range s.words {
		next := ""
		if i+1 < len(s.words) {
			next = r.words[s.words[i+1]].text
		}
		// "May" and "could" suppose only before a verb: "the May release", "could not log in" do not.
		t := r.words[w].text
		if grammar().uncertain[t] || (t == "may" || t == "could") && (next == "be" || next == "have") || t == "not" && next == "sure" || t == "no" && next == "idea" {
			return true
		}
	}
	return false
}

// stated drops what is only asked or supposed: "is 198.51.100.7 ours?" vouches for nothing.
func (r *reader) stated(seg int, cues []cue) []cue {
	s := r.segs[seg]
	cues = slices.DeleteFunc(cues, func(c cue) bool { return r.ignorance(seg, c) })
	doubt := r.doubtful(s)
	// "It may be his hotel, or somebody stole his password": the other way is supposed as well.
	for b := seg - 1; !doubt && s.or && b >= 0 && r.segs[b].sentence == s.sentence; b-- {
		doubt = r.doubtful(r.segs[b])
	}
	if !doubt {
		return cues
	}
	kept := cues[:0]
	for _, c := range cues {
		if c.relation == NotOurs && (s.asked || r.weighed(s, c)) {
			continue
		}
		if c.relation == Terminated && (s.paren || r.words[s.words[c.from]].text == "since") {
			kept = append(kept, c) // "was anything read since bob left (last day 30 Oct)?" takes it for granted
			continue
		}
		if c.benign() || c.group.Class == "keep" && c.relation != Noticed && s.asked {
			if c.relation == Terminated {
				r.endAsked = append(r.endAsked, seg)
			}
			r.doubt(s)
			continue
		}
		if c.relation == Stolen || c.relation == Exposed {
			c.relation = "" // still a suspicion, but nobody called it stolen
			r.doubt(s)
		}
		kept = append(kept, c)
	}
	return kept
}

// eased takes the word "stolen" from a lure that nobody took ("got a phishing mail but did not
// type the password" tells of no theft), and "not ours" from an address for which the writer
// supposes a harmless reason ("may be his hotel"). Both stay a suspicion, since people are wrong
// about what they clicked on and where they were. The cue's own sentence is looked at, and the next.
func (r *reader) eased() {
	sentences := r.sentences()
	for i, s := range r.segs {
		near := sentences[s.sentence:min(s.sentence+2, len(sentences))]
		said := func(phrases []phrase) bool {
			return slices.ContainsFunc(near, func(words []int) bool { return r.has(phrases, words) })
		}
		address := slices.ContainsFunc(near[0], func(w int) bool { m := r.words[w].m; return m >= 0 && r.mentions[m].kind == "ip" })
		for k := range r.found[i] {
			switch c := &r.found[i][k]; {
			case c.relation == Stolen && c.group.Lure && said(r.vocab.spared):
				c.relation = ""
			case c.relation == NotOurs && address && said(r.vocab.explained):
				c.relation = ""
				r.doubt(s)
			}
		}
	}
}

// weighed says that the segment asks whether a cue holds: "check whether any of it looks like not her".
func (r *reader) weighed(s segment, c cue) bool {
	return slices.ContainsFunc(s.words[:c.from], func(w int) bool { return r.words[w].text == "whether" })
}

// doubt notes that a segment states nothing.
func (r *reader) doubt(s segment) {
	r.notes = append(r.notes, "asked or supposed, not stated: "+r.text(s))
	r.doubts = append(r.doubts, strings.TrimSpace(r.work[r.words[s.words[0]].start:r.words[s.words[len(s.words)-1]].end]))
}

// text is the words of a segment as they stand.
func (r *reader) text(s segment) string {
	if len(s.words) == 0 {
		return ""
	}
	return strings.TrimSpace(r.gloss.said(r.words[s.words[0]].start, r.words[s.words[len(s.words)-1]].end))
}

// distinct keeps the first of each, at most 64: what repeats in a long text is told once, and a
// hostile one fills no report.
func distinct(list []string) []string {
	out := []string{}
	for _, s := range list {
		if !slices.Contains(out, s) && len(out) < 64 {
			out = append(out, s)
		}
	}
	return out
}
