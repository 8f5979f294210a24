package claim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// statement is a sentence while it is held against what it is about.
// What it may say comes from two sides: said holds the words of the predicate, of an
// answer and of cited snapshots; the words of cited events stay with each subject,
// so that claims about one event share them.
type statement struct {
	text     string
	p        *Predicate
	own      []*subject // the events that the predicate itself names; empty for filters
	cited    []*subject
	tally    *tally
	said     words // what the predicate and an answer say
	instants []time.Time
	distinct map[string]map[string]struct{}
	actors   bool // whether an attribution is known
}

// TokensAgree holds only the typed tokens and quoted names of a text against
// the events it is about: for captions, which no predicate stands behind.
func TokensAgree(text string, events ...evidence.Event) error {
	if len(text) > MaxText {
		return fmt.Errorf("the text is longer than %d bytes", MaxText)
	}
	st := &statement{text: clean(text), p: &Predicate{}, said: words{set: map[string]struct{}{}}}
	for i := range events {
		s := &subject{e: &events[i]}
		st.cited = append(st.cited, s)
		st.instants = append(st.instants, s.say().instants...)
	}
	tokens, _ := tokensIn(text)
	for _, t := range tokens {
		if err := st.supports(t); err != nil {
			return err
		}
	}
	return nil
}

// maxQuoted bounds a name in a sentence, in bytes: the intruder may have chosen it.
const maxQuoted = 300

// Quotable says whether a name can stand between backquotes in a sentence
// without changing what the sentence says.
func Quotable(name string) bool {
	return name != "" && len(name) <= maxQuoted && !strings.Contains(name, "`") && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r >= 0x7f })
}

// Tokens lists the typed tokens and quoted names of a text, in no order that
// means anything: what TokensAgree looks for.
func Tokens(text string) []string {
	tokens, _ := tokensIn(text)
	var out []string
	for _, t := range tokens {
		if t.text != "" {
			out = append(out, t.text)
		}
	}
	return out
}

// textAgrees holds a sentence against its predicate and the events cited, and returns
// nil or an error naming the first thing in it that neither says: typed tokens, quoted
// names, standalone integers, words for outcome, actor and direction. The predicate itself
// is not evaluated. The order is that in which docs/formats/claims.md tells the checks.
// Tokens come first, and stand as blanks in what the others read: a number inside an ARN
// counts nothing.
func (w *World) textAgrees(j *job, held map[string][]*subject, subjects []*subject) error {
	c := j.claim
	switch {
	case strings.TrimSpace(clean(c.Text)) == "":
		return fmt.Errorf("the claim has no sentence")
	case len(c.Text) > MaxText:
		return fmt.Errorf("the sentence is longer than %d bytes", MaxText)
	}
	st := &statement{text: clean(c.Text), p: &c.Predicate, cited: subjects, tally: j.tally, actors: w.Actors != nil}
	st.own = append(st.own, held[c.Predicate.Event]...)
	st.own = append(st.own, held[c.Predicate.Before]...)
	st.own = append(st.own, held[c.Predicate.After]...)
	st.hear(w)
	st.observed(j.seen)
	tokens, rest := tokensIn(c.Text)
	for _, t := range tokens {
		if err := st.supports(t); err != nil {
			return err
		}
	}
	for _, check := range []func(tokens []token, rest string) error{st.numbers, st.outcome, st.actor, st.direction, st.sequence, st.anchored} {
		if err := check(tokens, rest); err != nil {
			return err
		}
	}
	return nil
}

// hear collects what the predicate, the tally and a statement say.
func (st *statement) hear(w *World) {
	st.said = words{set: map[string]struct{}{}, lengths: map[int]bool{}}
	p := st.p
	st.said.add(p.Event, p.Before, p.After, p.Child, p.Parent, p.Rule, p.Field, p.Time, p.Answer)
	st.said.add(p.Coverage...)
	if _, thing, ok := strings.Cut(p.Snapshot, "#"); ok && p.Value == Absent {
		st.said.add(thing) // what a snapshot does not list, nothing else can say
	}
	add := func(v any) {
		if vals, err := wanted(v); err == nil {
			st.said.add(vals...)
			for _, s := range vals {
				st.at(s)
			}
		}
	}
	add(p.Value)
	for _, v := range p.Equals {
		add(v)
	}
	for _, v := range p.Filter {
		add(v)
	}
	if answer := w.Answers[p.Answer]; p.Op == "statement" {
		st.said.add(answer)
	}
	st.at(p.Time)
	if p.Window != nil {
		st.said.add(p.Window.From, p.Window.To)
		st.at(p.Window.From)
		st.at(p.Window.To)
	}
	for _, id := range p.Coverage { // "account/region/day"
		parts := strings.Split(id, "/")
		st.said.add(parts...)
		st.at(parts[len(parts)-1])
	}
	if st.tally != nil {
		st.distinct = st.tally.distinct
		if st.tally.count > 0 {
			st.instants = append(st.instants, st.tally.first, st.tally.last)
		}
	}
	for _, s := range st.cited {
		st.instants = append(st.instants, s.say().instants...)
	}
}

// at notes a moment that the sentence may name; what is no time is left out.
func (st *statement) at(s string) {
	if t := evidence.ParseTime(s); !t.IsZero() {
		st.instants = append(st.instants, t)
	}
}

// says whether the predicate or a cited event says the text.
func (st *statement) says(text string) bool {
	if st.said.has(text) {
		return true
	}
	return slices.ContainsFunc(st.cited, func(s *subject) bool { return s.say().has(text) })
}

// supports wants a token said by something the claim rests on. A quotation that was
// empty, or held only punctuation, claims nothing.
func (st *statement) supports(t token) error {
	if t.text == "" {
		return nil
	}
	ok := false
	switch {
	case t.kind == "time":
		ok = st.knowsMoment(t.text)
	case t.kind == "event name" || t.kind == "error code":
		ok = st.saysName(t.text)
	case t.cut:
		ok = st.saysPrefix(t.text)
	default:
		ok = slices.ContainsFunc(t.variants(), st.says)
		if !ok && t.kind == "action" {
			_, name, _ := strings.Cut(t.text, ":")
			ok = st.saysName(name) && st.saysService(t.text)
		}
	}
	if !ok {
		return fmt.Errorf("the sentence says %s %q, which nothing that it rests on says", t.kind, brief(t.text))
	}
	return nil
}

// saysName looks for an operation where operations stand: event names, the
// predicate, refusals, short values. Not in policy documents, which list
// operations that nobody called.
func (st *statement) saysName(name string) bool {
	if st.said.has(name) {
		return true
	}
	for _, s := range st.cited {
		w := s.say()
		if _, ok := w.set[name]; ok || s.e.Name == name {
			return true
		}
		for _, t := range w.texts {
			if len(t) <= 400 && !strings.HasPrefix(t, "{") && !strings.HasPrefix(t, "%7B") && len(t) > len(name) && within(t, name) {
				return true
			}
		}
	}
	return false
}

// saysService: "iam:CreateUser" is also said by the name and the service apart.
func (st *statement) saysService(action string) bool {
	service, _, _ := strings.Cut(action, ":")
	return st.says(service+".amazonaws.com") || slices.ContainsFunc(st.cited, func(s *subject) bool { return s.e.Action() == action })
}

// saysPrefix: a text cut with an ellipsis. Where it was cut is not known, so it may
// stand anywhere in what is said.
func (st *statement) saysPrefix(head string) bool {
	in := func(w *words) bool {
		return slices.ContainsFunc(w.texts, func(t string) bool { return strings.Contains(t, head) })
	}
	return in(&st.said) || slices.ContainsFunc(st.cited, func(s *subject) bool { return in(s.say()) })
}

// knowsMoment: the times of the events, of the predicate and of its matches,
// then any that a cited record or an answer contains.
func (st *statement) knowsMoment(text string) bool {
	p, ok := readMoment(text)
	if !ok {
		return st.says(text)
	}
	if slices.ContainsFunc(st.instants, p.is) || st.says(text) {
		return true
	}
	for _, s := range st.cited {
		for _, t := range s.say().texts {
			// Bounds as in observed: a record holds thousands of texts, few are times.
			if len(t) >= 8 && len(t) <= 40 {
				if at := evidence.ParseTime(t); !at.IsZero() && p.is(at) {
					return true
				}
			}
		}
	}
	// An answer is in its writer's own words ("Tuesday at ten, Berlin time");
	// the reader of statements resolves them, and its work is not redone here.
	return st.p.Op == "statement"
}
