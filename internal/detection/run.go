package detection

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Subject is one event to look at, with what the case concluded about it.
type Subject struct {
	Event      *evidence.Event
	Record     evidence.Record // the parsed body
	Actor      attribution.Actor
	Credential string // what the event was done with; windows run per credential
}

// Env is what the case knows beyond the events.
type Env struct {
	Accounts []string // the case's own accounts; an event's own account always counts as one
	Facts    Facts    // may be nil: then nothing is known
}

// Match says that an event shows a technique.
// One is made for each event that any rule fits.
type Match struct {
	Rule     *Rule
	Event    string // evidence.Event.ID
	Outcome  evidence.Outcome
	Attempt  bool   // the call failed, and the technique needs success
	Severity string // by actor; an attempt stands one step lower
	// Undecided is set where AWS left out the parameters of a refused call, so
	// that the rule's conditions on them could not be read.
	Undecided bool
	Tags      []string // ids of the less specific rules that fit as well, sorted
}

// Report says what the rules could not see.
type Report struct {
	Subjects     int
	NotCovered   []Gap // a condition that turned on a fact nobody knew
	NotEvaluable []Gap // a condition that failed; Reason says how
}

// Gap is one reason why one rule stayed silent on some events.
type Gap struct {
	Rule   string
	Reason string
	Events int
	First  string // id of the first such event
}

// hit is a rule that fits a subject.
// Undecided: see Match.
type hit struct {
	rule      *Rule
	named     int
	undecided bool
}

// candidate is a subject that a rule fits but for its windows.
type candidate struct {
	subject int
	hit
	sure bool // the condition held without asking any window
}

// run is one Pack.Run. Subjects are in evidence order; everything is indexed by
// position in it.
type run struct {
	pack       *Pack
	env        Env
	subjects   []Subject
	groups     []string
	hits       [][]hit
	candidates map[*Rule][]candidate
	matched    map[string][]int // rule id → subjects, ascending, for windows that refer to rules
	gaps       map[Gap]*Gap     // key has no Events and First
	broken     map[Gap]*Gap
	made       map[string]int  // see madeByIntruder; nil until asked for
	networks   map[string]bool // see intruderNetwork; nil until asked for
	responses  []int           // successful changes of IAM by responders, ascending; see afterResponder
}

// checkEvery bounds how long a cancelled run goes on.
const checkEvery = 256

// Run looks for every rule of the pack among the subjects. Matches come in
// order of their events, one per event: the most specific rule, with the
// others as tags. The result does not depend on the order of the subjects.
func (p *Pack) Run(ctx context.Context, subjects []Subject, env Env) ([]Match, Report, error) {
	return p.run(ctx, subjects, env, nil)
}

// run looks for the given rules only, or for all when only is nil.
func (p *Pack) run(ctx context.Context, subjects []Subject, env Env, only func(*Rule) bool) ([]Match, Report, error) {
	r := &run{
		pack: p, env: env, subjects: slices.Clone(subjects),
		hits:       make([][]hit, len(subjects)),
		candidates: map[*Rule][]candidate{}, matched: map[string][]int{},
		gaps: map[Gap]*Gap{}, broken: map[Gap]*Gap{},
	}
	slices.SortStableFunc(r.subjects, func(a, b Subject) int { return evidence.Compare(a.Event, b.Event) })
	// Sorted first: windows, sequences and "made before" all rest on positions being in order of
	// time.
	r.groups = make([]string, len(subjects))
	for i := range r.subjects {
		r.groups[i] = group(&r.subjects[i])
		if e := r.subjects[i].Event; r.subjects[i].Actor == attribution.Responder && e.Source == "iam.amazonaws.com" && e.Outcome() == evidence.Success && !(e.ReadOnlySaid && e.ReadOnly) {
			r.responses = append(r.responses, i)
		}
	}
	for i := range r.subjects {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, Report{}, ctx.Err()
		}
		r.look(i, only)
	}
	if err := r.settle(ctx); err != nil {
		return nil, Report{}, err
	}
	return r.collapse(), Report{Subjects: len(subjects), NotCovered: sorted(r.gaps), NotEvaluable: sorted(r.broken)}, nil
}

// look tries every rule of the event's name on subject i. Windows answer true
// here: what they narrow is settled once all candidates are known.
func (r *run) look(i int, only func(*Rule) bool) {
	var s *scene // the record is converted once, and only if a rule wants it
	e := r.subjects[i].Event
	r.pack.rulesFor(e.Source, e.Name, func(rule *Rule, named int) {
		if only != nil && !only(rule) || rule.RequiresAttributed && !r.subjects[i].Actor.Hostile() {
			return
		}
		if s == nil {
			s = newScene(r, i)
		}
		s.windows = nil
		answer := r.decide(rule, named, s)
		if answer == no {
			return
		}
		h := hit{rule: rule, named: named, undecided: answer == undecided}
		if len(rule.cond.windows) > 0 {
			r.candidates[rule] = append(r.candidates[rule], candidate{subject: i, hit: h, sure: !s.windowAsked})
			return
		}
		r.add(i, h)
	})
}

// add notes that a rule fits subject i. Each rule's subjects come in ascending order, which
// neighbours relies on.
func (r *run) add(i int, h hit) {
	r.hits[i] = append(r.hits[i], h)
	r.matched[h.rule.ID] = append(r.matched[h.rule.ID], i)
}

// settle computes the windows over each rule's candidates and asks the
// conditions again. Rules whose windows speak of other rules come last.
func (r *run) settle(ctx context.Context) error {
	rules := make([]*Rule, 0, len(r.candidates))
	for rule := range r.candidates {
		rules = append(rules, rule)
	}
	slices.SortFunc(rules, func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(len(a.cond.refs()), len(b.cond.refs())), strings.Compare(a.ID, b.ID))
	})
	for _, rule := range rules {
		list := r.candidates[rule]
		windows := r.windowsOf(rule, list)
		for n, c := range list {
			if n%checkEvery == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if !c.sure {
				s := newScene(r, c.subject)
				s.windows = windows
				answer := r.decide(rule, c.named, s)
				if answer == no {
					continue
				}
				c.undecided = answer == undecided
			}
			r.add(c.subject, c.hit)
		}
	}
	return nil
}

// collapse makes one match of all the rules that fit one event.
func (r *run) collapse() []Match {
	var out []Match
	for i, hits := range r.hits {
		if len(hits) == 0 {
			continue
		}
		// What was read outranks what could not be: an undecided rule does not
		// even make a tag beside a decided one that names the call.
		if slices.ContainsFunc(hits, func(h hit) bool { return !h.undecided && h.named == 3 }) {
			hits = slices.DeleteFunc(hits, func(h hit) bool { return h.undecided })
		}
		slices.SortFunc(hits, func(a, b hit) int {
			if a.undecided != b.undecided {
				if a.undecided {
					return 1
				}
				return -1
			}
			order := cmp.Or(
				cmp.Compare(b.rule.specificity(b.named), a.rule.specificity(a.named)),
				cmp.Compare(evidence.SeverityRank(b.rule.Severity.Attributed), evidence.SeverityRank(a.rule.Severity.Attributed)))
			if a.undecided && b.undecided {
				order = -order // of what nobody could read, claim the least
			}
			return cmp.Or(order, strings.Compare(a.rule.ID, b.rule.ID))
		})
		out = append(out, r.match(i, hits))
	}
	return out
}

// match is that of the first of the hits, with the rest as tags.
func (r *run) match(i int, hits []hit) Match {
	sub, best := &r.subjects[i], hits[0]
	m := Match{Event: sub.Event.ID, Outcome: sub.Event.Outcome(), Undecided: best.undecided, Tags: []string{}}.As(best.rule, sub.Actor)
	for _, h := range hits[1:] {
		m.Tags = append(m.Tags, h.rule.ID)
	}
	slices.Sort(m.Tags)
	return m
}

// As is the match seen as one of rule, for what an actor did: whether it was only an
// attempt, which stands one step below the success, and how bad that is.
func (m Match) As(rule *Rule, actor attribution.Actor) Match {
	m.Rule = rule
	m.Attempt = m.Outcome == evidence.Failure && rule.NeedsSuccess
	m.Severity = rule.Severity.Unattributed
	if actor.Hostile() {
		m.Severity = rule.Severity.Attributed
	}
	if step := evidence.SeverityRank(m.Severity); m.Attempt && step > 0 {
		m.Severity = evidence.Severities[step-1]
	}
	return m
}

// note counts why a rule was silent, once for each rule and reason.
func (r *run) note(gaps map[Gap]*Gap, rule *Rule, reason string, i int) {
	key := Gap{Rule: rule.ID, Reason: reason}
	g := gaps[key]
	if g == nil {
		g = &Gap{Rule: rule.ID, Reason: reason, First: r.subjects[i].Event.ID}
		gaps[key] = g
	}
	g.Events++
}

// sorted puts them in an order that does not vary.
func sorted(gaps map[Gap]*Gap) []Gap {
	out := make([]Gap, 0, len(gaps))
	for _, g := range gaps {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Gap) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Reason, b.Reason))
	})
	return out
}

// group is what windows run over: one credential; for a console session, whose
// page loads spread over dozens of keys, the session; for an event without a
// credential the principal or, failing that, the network.
func group(s *Subject) string {
	id := s.Event.Identity
	switch {
	case id.FromConsole && id.PrincipalID != "" && !id.SessionCreated.IsZero():
		return "session " + id.PrincipalID + " " + id.SessionCreated.Format(time.RFC3339)
	case s.Credential != "":
		return "credential " + s.Credential
	case id.AccessKey != "":
		return "credential " + id.AccessKey
	case id.PrincipalID != "":
		return "principal " + id.PrincipalID
	}
	return "network " + s.Event.Network()
}
