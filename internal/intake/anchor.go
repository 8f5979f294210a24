package intake

import (
	"cmp"
	"slices"
	"strings"
)

// statements turns drafts into what is reported.
func (r *reader) statements(from string) []Statement {
	out := []Statement{}
	for _, d := range r.drafts {
		st := Statement{Relation: d.relation, Negated: d.negated, Seeds: []Seed{}, Agents: []string{}, When: []Span{}, From: from, Party: d.party}
		st.Text, st.English = r.quote(d)
		slices.Sort(d.mentions)
		for _, i := range d.mentions {
			switch m := r.mentions[i]; {
			case m.kind == "time":
				if m.dateless && (d.relation == Owner || d.relation == UsualNetwork) {
					continue // "every night at 02:00" is a habit, not that one minute
				}
				if n := len(st.When); n > 0 && m.dateless && st.When[n-1].Grain == "day" && !m.span.From.Before(st.When[n-1].From) && !m.span.To.After(st.When[n-1].To) {
					st.When = st.When[:n-1] // "on 18 November, …, at 21:30" is one time
				}
				st.When = append(st.When, *m.span)
			case m.kind == "tool":
				if !runners[m.values[0]] && !slices.Contains(st.Agents, m.values[0]) {
					st.Agents = append(st.Agents, m.values[0])
				}
			case m.kind != "action":
				for _, seed := range r.seed(m, from) {
					if !slices.ContainsFunc(st.Seeds, func(s Seed) bool { return s.Kind == seed.Kind && s.Value == seed.Value }) {
						st.Seeds = append(st.Seeds, seed)
					}
				}
			}
		}
		// A statement that vouches for nothing says nothing, but for a test or a change: that there
		// was one is news by itself, as it is that no vendor is known.
		if st.Relation.benign() && len(st.Seeds)+len(st.Agents)+len(st.When) == 0 && r.answer == "" && st.Relation != AuthorizedTest && st.Relation != PlannedChange && !(st.Relation == Vendor && st.Negated) {
			continue
		}
		if st.Relation == NotOurs && len(st.Seeds) == 0 && r.answer != "" && r.base != Owner {
			continue
		}
		if st.Relation == Noticed && len(st.When) == 0 && r.answer == "" {
			continue
		}
		switch st.Relation { // the key is what was stolen or rotated, its user only says whose it is
		case Stolen, Exposed, Rotated, Disabled:
			if slices.ContainsFunc(st.Seeds, func(s Seed) bool { return s.Kind == "access_key" }) {
				st.Seeds = slices.DeleteFunc(st.Seeds, func(s Seed) bool { return s.Kind == "principal" })
			}
		}
		// "We only use eu-west-1" and "we work from 192.0.2.0/24" are said like an owner's habit.
		if st.Relation == Owner && r.base != Owner && len(st.Agents) == 0 && len(st.Seeds) > 0 {
			switch {
			case all(st.Seeds, "region"):
				st.Relation = ExpectedRegion
			case all(st.Seeds, "ip"):
				st.Relation = UsualNetwork
			}
		}
		out = append(out, st)
	}
	return out
}

// all says that every seed is of a kind; of no seeds it is true.
func all(seeds []Seed, kind string) bool {
	return !slices.ContainsFunc(seeds, func(s Seed) bool { return s.Kind != kind })
}

// quote is the text from the first to the last word of a draft's segments, as it was written
// and in English.
func (r *reader) quote(d *draft) (said, english string) {
	if r.answer != "" && len(r.drafts) == 1 {
		return strings.TrimSpace(r.gloss.raw), strings.TrimSpace(r.work)
	}
	start, end := len(r.work), 0
	for _, i := range d.segs {
		for _, w := range r.segs[i].words {
			start, end = min(start, r.words[w].start), max(end, r.words[w].end)
		}
	}
	if start >= end {
		return "", ""
	}
	if q := r.work[start:end]; strings.Count(q, "(") > strings.Count(q, ")") && end < len(r.work) && r.work[end] == ')' {
		end++
	}
	return strings.TrimSpace(r.gloss.said(start, end)), strings.TrimSpace(r.work[start:end])
}

// seed makes the seeds of a mention; spans are those of the case text only.
func (r *reader) seed(m mention, from string) []Seed {
	var out []Seed
	for _, v := range m.values {
		s := Seed{Kind: m.kind, Value: v, From: from}
		if from == FromCase {
			s.Span = [2]int{m.start, m.end}
		}
		out = append(out, s)
	}
	return out
}

// seeds are the anchors: what is accused, and what is named with nothing said about it,
// unless it is vouched for elsewhere. An owner's statement does not clear a principal:
// it tells how the rightful use looks, which is what the case needs to know of it.
func (r *reader) seeds(from string) []Seed {
	// What is vouched for once is no seed where it is named again without a word. What a sentence
	// accuses stays one, whatever another says for it.
	cleared := map[string]bool{}
	for i, m := range r.mentions {
		ro := r.roles[i]
		if ro.stance != vouched || credential(m.kind) && (ro.relation == Owner || ro.relation == UsualNetwork || ro.relation == Reporter) {
			continue
		}
		for _, v := range m.values {
			cleared[m.kind+" "+v] = true
		}
	}
	out := []Seed{}
	add := func(m mention) {
		for _, s := range r.seed(m, from) {
			if !slices.ContainsFunc(out, func(o Seed) bool { return o.Kind == s.Kind && o.Value == s.Value }) {
				out = append(out, s)
			}
		}
	}
	// Whether the text names what a case can be about; see onlyNamed.
	about := slices.ContainsFunc(r.mentions, func(m mention) bool {
		return credential(m.kind) || m.kind == "resource" || m.kind == "account"
	})
	known := map[string]bool{} // who is named without a guess
	for i, m := range r.mentions {
		switch m.kind {
		case "time", "tool", "action":
			continue
		}
		if st := r.roles[i].stance; st == suspect || st == plain && !cleared[m.kind+" "+m.values[0]] && !(about && r.onlyNamed(i)) {
			known[m.values[0]] = known[m.values[0]] || !r.roles[i].guess
			add(m)
		}
	}
	for i, m := range r.mentions {
		for j := range out {
			if r.roles[i].guess && slices.Contains(m.values, out[j].Value) && !known[m.values[0]] {
				out[j].Guess = true
			}
		}
	}
	// Without a credential there is no one to follow: then the owner is better than nobody.
	if r.answer == "" && !slices.ContainsFunc(out, func(s Seed) bool { return credential(s.Kind) }) {
		r.promote(len(out) == 0, add)
	}
	slices.SortStableFunc(out, func(a, b Seed) int { return cmp.Or(a.Span[0] - b.Span[0]) })
	return out
}

// onlyNamed says that a mention is a whole network of which nothing is said. Beside other things that
// the case is about it is no suspect: an intruder is seen at an address; networks are named by those who work there
// ("the runner is in X/24 since"), so that to blame whoever comes from one wants a word that says so.
func (r *reader) onlyNamed(i int) bool {
	m := r.mentions[i]
	return m.kind == "ip" && !r.roles[i].told && strings.Contains(m.values[0], "/")
}

// promote makes the owner's credential an anchor where something later accuses it without
// naming it again: "alice normally works from 192.0.2.0/24, but yesterday she …", "role app
// called from 192.0.2.9 as usual, then from 203.0.113.9".
func (r *reader) promote(none bool, add func(mention)) {
	last, key := -1, -1 // the owner's credential named last, and the key of the same segment
	for i, s := range r.segs {
		goesOn := len(s.words) > 0 && s.before >= 0 && grammar().predicates[r.words[s.words[0]].text]
		accused := none && slices.ContainsFunc(r.found[i], func(c cue) bool { return c.group.Class == "suspect" && !c.negated })
		for n, w := range s.words {
			m := r.words[w].m
			if m >= 0 && credential(r.mentions[m].kind) && (r.roles[m].relation == Owner || r.roles[m].relation == UsualNetwork) {
				if last = m; r.mentions[m].kind == "access_key" {
					key = m
				}
			}
			if n == 1 && s.before >= 0 && weakJoints[r.words[s.words[0]].text] && grammar().predicates[r.words[w].text] {
				goesOn = true
			}
			if last >= 0 && r.mentions[last].end <= r.words[s.words[0]].start && !r.vouches(i) && (goesOn || accused || m < 0 && grammar().pronouns[r.words[w].text]) {
				if key >= 0 && r.roles[key].seg == r.roles[last].seg { // "AKIA… belongs to bob and was used at night"
					add(r.mentions[key])
				}
				add(r.mentions[last])
				last, key = -1, -1
			}
		}
	}
}

// caseTimes are the times of what happened: not those of rightful acts, nor of responses.
func (r *reader) caseTimes() []Span {
	out := []Span{}
	var written []Span
	// The time of what is known and meant ("x was deleted on Monday, that is fine") is none.
	excused := map[int]bool{}
	for i, s := range r.segs {
		_, left := slices.BinarySearch(r.endAsked, i) // "he left on 30 June, right?"
		is := left || r.excusedBehind(i)
		for _, w := range s.words {
			excused[r.words[w].m] = is
		}
	}
	for i, m := range r.mentions {
		switch {
		case m.kind != "time" || m.aside == deadline || m.aside == leaving || r.roles[i].relation.pastCase() && !r.roles[i].negated || excused[i]:
		case r.roles[i].written || m.aside == absence:
			written = append(written, *m.span)
		default:
			out = append(out, *m.span)
		}
	}
	if len(out) == 0 { // when it was written of is better than nothing
		return append(out, written...)
	}
	return out
}
