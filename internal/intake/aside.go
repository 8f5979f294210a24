package intake

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// aside says why a time is none of what happened.
type aside byte

const (
	deadline aside = iota + 1 // by when somebody wants to know: no statement has it either
	absence                   // when somebody was away: of the case only if that has no other
	leaving                   // when somebody is yet to leave: of that statement alone
)

// asideCues is content/intake/asides.yml.
type asideCues struct {
	Recorded  []string `yaml:"recorded"`
	Deadlines struct {
		Before []string `yaml:"before"`
		At     []string `yaml:"at"`
		Small  string   `yaml:"small"`
	} `yaml:"deadlines"`

	Absences []string `yaml:"absences"`
	Leaving  []string `yaml:"leaving"`
	Coming   []string `yaml:"coming"`

	Elsewhere []string `yaml:"elsewhere"`
	Staying   []string `yaml:"staying"`

	before, at, absences, leaving, coming, elsewhere, staying, recorded []phrase
	small                                                               map[string]bool
}

// compile compiles the phrases; small is the one plain list among them.
func (a *asideCues) compile() error {
	a.small = set(a.Deadlines.Small)
	for _, l := range []struct {
		texts []string
		into  *[]phrase
	}{{a.Deadlines.Before, &a.before}, {a.Deadlines.At, &a.at}, {a.Absences, &a.absences}, {a.Leaving, &a.leaving}, {a.Coming, &a.coming}, {a.Elsewhere, &a.elsewhere}, {a.Staying, &a.staying}, {a.Recorded, &a.recorded}} {
		if err := compileAll(l.texts, l.into); err != nil {
			return err
		}
	}
	return nil
}

// asides marks the times that are none of what happened: those by which somebody wants to
// know, those of a leaving that is to come, and those of an absence. An answer to a question
// has none, it was asked for a time.
func (r *reader) asides(c Clock) {
	if r.answer != "" {
		return
	}
	cues := &r.vocab.asides
	for _, words := range r.sentences() {
		for _, hit := range r.every(cues.before, words) {
			if m := r.timeOf(words, hit); m >= 0 && r.mentions[m].span.Grain == "until" && r.closely(words, hit) {
				r.mentions[m].aside = deadline
			}
		}
		for _, hit := range r.every(cues.at, words) {
			if m := r.timeOf(words, hit); m >= 0 && r.closely(words, hit) {
				r.mentions[m].aside = deadline
			}
		}
		for _, hit := range r.every(cues.coming, words) {
			if m := r.timeOf(words, hit); m >= 0 && (r.announcedTime(words, hit, m) || r.mentions[m].yearless && r.mentions[m].span.From.After(c.now())) {
				r.mentions[m].aside = deadline
			}
		}
		for _, hit := range r.every(cues.elsewhere, words) {
			if m := r.timeOf(words, hit); m >= 0 {
				r.mentions[m].aside = absence
			}
		}
		for _, hit := range r.every(cues.leaving, words) {
			if m := r.timeOf(words, hit); m >= 0 && c.toCome(r.mentions[m].span, r.mentions[m].yearless) {
				r.mentions[m].aside = leaving
			}
		}
	}
	r.lengths()
	for i, s := range r.segs {
		if !r.has(cues.absences, s.words) && !slices.ContainsFunc(r.found[i], func(c cue) bool { return c.relation == Away }) {
			continue
		}
		for _, w := range s.words {
			if m := r.words[w].m; m >= 0 && r.mentions[m].kind == "time" {
				r.mentions[m].aside = absence
				r.lasting(c, s, &r.mentions[m])
			}
		}
	}
}

// lengthForm is how the length of a recording, or a place in it, is written: as an hour is.
var lengthForm = regexp.MustCompile(`^\d{1,2}:\d\d(?::\d\d)?$`)

// lengths sets aside what is written as an hour and is how long a recording is, wherever it stands
// behind the word for one: in brackets, in its heading.
func (r *reader) lengths() {
	for w := range r.words {
		m := r.words[w].m
		if m < 0 || r.mentions[m].kind != "time" || !lengthForm.MatchString(r.work[r.mentions[m].start:r.mentions[m].end]) {
			continue
		}
		var words []int
		for v := max(0, w-5); v <= w; v++ {
			words = append(words, v)
		}
		for _, hit := range r.every(r.vocab.asides.recorded, words) {
			if r.timeOf(words, hit) == m {
				r.mentions[m].aside = deadline
			}
		}
	}
}

// announcedTime says that a time which something announces is still to come: it has no date, tells no
// past, and nothing that somebody did stands between.
func (r *reader) announcedTime(words, hit []int, m int) bool {
	text := r.low[r.mentions[m].start:r.mentions[m].end]
	if strings.ContainsAny(text, "0123456789") || r.mentions[m].span.Grain == "since" || strings.Contains(text, "last") {
		return false
	}
	if hit[0] > 0 && r.vocab.people.strangers[r.words[words[hit[0]-1]].text] {
		return false // "somebody launches instances tonight"
	}
	for g := hit[0] + 1; g < hit[len(hit)-1]; g++ {
		if t := r.words[words[g]].text; strings.HasSuffix(t, "ed") || t == "been" || t == "yesterday" || negators[t] {
			return false
		}
	}
	return true
}

// toCome says that a day of which the text speaks as of one to come is none of the evidence,
// and sets it right: without a year it was read as one that has passed, and the end of a month
// is its last day. A day with its year, or an hour of such a day, that has passed has passed.
func (c Clock) toCome(s *Span, yearless bool) bool {
	past := s.From.Before(c.EvidenceFrom)
	if c.EvidenceFrom.IsZero() || past && !yearless || !past && !s.To.After(c.now()) {
		return false
	}
	for years := 0; !s.To.After(c.EvidenceFrom) && years < 2; years++ {
		s.From, s.To = s.From.AddDate(1, 0, 0), s.To.AddDate(1, 0, 0)
	}
	if last := s.To.AddDate(0, 0, -1); s.From.Before(last) {
		s.From = last
	}
	return true
}

// lasting sets the end of an absence that lasts: "on a fair until Friday" is until the Friday to come,
// unless the sentence speaks of one that is over.
func (r *reader) lasting(c Clock, s segment, m *mention) {
	text := r.low[m.start:m.end]
	if m.span.Grain != "until" || strings.ContainsAny(text, "0123456789") || strings.Contains(text, "last") || m.span.To.After(c.now()) || c.now().Sub(m.span.To) >= 7*24*time.Hour ||
		!slices.ContainsFunc(strings.Fields(text), func(w string) bool { _, day := weekdays[dateWord(w)]; return day }) ||
		slices.ContainsFunc(s.words, func(w int) bool { t := r.words[w].text; return t == "was" || t == "were" || t == "been" || t == "had" }) {
		return
	}
	m.span.To = m.span.To.AddDate(0, 0, 7)
}

// bystanding makes whoever is only said to be away no suspect: "rosa is on holiday since
// yesterday" beside what somebody else did. Who is named again, or spoken of behind it ("…, but
// her key was used"), is what the absence was told for.
func (r *reader) bystanding() {
	for i, s := range r.segs {
		if r.answer != "" || !r.has(r.vocab.asides.absences, s.words) {
			continue
		}
		at := slices.IndexFunc(s.words, r.person)
		if at < 0 || r.possessive(s.words[at]) || r.spokenOf(i, r.words[s.words[at]].m) {
			continue
		}
		m := r.words[s.words[at]].m
		r.roles[m] = role{stance: vouched, relation: Reporter, seg: i}
		r.found[i] = slices.DeleteFunc(r.found[i], func(c cue) bool { return c.relation == NotOurs })
		for _, w := range s.words {
			if m := r.words[w].m; m >= 0 && r.mentions[m].aside == absence {
				r.mentions[m].aside = deadline
			}
		}
	}
}

// spokenOf says that the text names the person again, or goes on about them behind segment
// seg: in the same sentence or the next.
func (r *reader) spokenOf(seg, m int) bool {
	if r.elsewhere(m) {
		return true
	}
	for _, s := range r.segs[seg+1:] {
		if s.sentence <= r.segs[seg].sentence+1 && slices.ContainsFunc(s.words, func(w int) bool { return grammar().persons[r.words[w].text] }) {
			return true
		}
	}
	return false
}

// timeOf is the time that a phrase took, -1 for none.
func (r *reader) timeOf(words, hit []int) int {
	for _, h := range hit {
		if m := r.words[words[h]].m; m >= 0 && r.mentions[m].kind == "time" {
			return m
		}
	}
	return -1
}

// closely says that only small words stand between those of a phrase.
func (r *reader) closely(words, hit []int) bool {
	for k := 1; k < len(hit); k++ {
		for g := hit[k-1] + 1; g < hit[k]; g++ {
			if !r.vocab.asides.small[r.words[words[g]].text] {
				return false
			}
		}
	}
	return true
}

// sentences are the words of each sentence, parentheses where they stand.
func (r *reader) sentences() [][]int {
	var out [][]int
	for _, s := range r.segs {
		for len(out) <= s.sentence {
			out = append(out, nil)
		}
		out[s.sentence] = append(out[s.sentence], s.words...)
	}
	return out
}
