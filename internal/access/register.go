package access

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// fact is what the evidence says of one thing about an entity at one moment:
// that a policy is attached, what a document says, that a user exists.
type fact struct {
	at       time.Time
	order    int // among facts of one moment
	present  bool
	value    []byte // the document, ARN or version; may be nil
	problem  string // why the value is not known
	ref      string
	snapshot bool
	// before is what an event tells of the time before it: Yes, it was there
	// (a deletion), No, it was not (a creation); Unknown for what can replace.
	// A snapshot says nothing of before; at takes it backwards as it is.
	before policy.Truth
}

// register is all that is known of one thing, by time. With it the state at any
// moment follows, backwards and forwards.
type register struct{ facts []fact }

func (r *register) add(f fact) { r.facts = append(r.facts, f) }

func (r *register) sort() {
	slices.SortStableFunc(r.facts, func(a, b fact) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return a.order - b.order
	})
}

// fill takes what an event left out from the snapshot that follows it: nothing in
// the evidence changed it in between.
func (r *register) fill() {
	// Backwards, so that several left-out documents in a row are all filled.
	for i := len(r.facts) - 2; i >= 0; i-- {
		f, next := &r.facts[i], r.facts[i+1]
		if f.present && len(f.value) == 0 && f.problem != "" && next.snapshot && next.present && len(next.value) > 0 {
			f.value, f.problem, f.ref = next.value, "", next.ref
		}
	}
}

// state is a register at a moment.
type state struct {
	present policy.Truth
	value   []byte
	problem string // why value is not known, of what is or may be there
	why     string // why present is not known
	ref     string
}

// at gives the state at a moment: of the last fact not after it; failing that
// of the first fact after it, turned round.
// An event at the very moment counts as done: CloudTrail's time is that of completion.
func (r *register) at(t time.Time) state {
	i, _ := slices.BinarySearchFunc(r.facts, t, func(f fact, t time.Time) int {
		if f.at.After(t) {
			return 1
		}
		return -1
	})
	if i > 0 {
		f := r.facts[i-1]
		return state{present: truth(f.present), value: f.value, problem: f.problem, ref: f.ref}
	}
	if len(r.facts) == 0 {
		return state{present: policy.No}
	}
	f := r.facts[0]
	if f.snapshot { // nothing in the evidence changed it in between
		return state{present: truth(f.present), value: f.value, problem: f.problem, ref: f.ref}
	}
	when := f.at.UTC().Format(time.RFC3339)
	switch f.before {
	case policy.No:
		return state{present: policy.No, ref: f.ref}
	case policy.Yes:
		return state{present: policy.Yes, value: f.value, ref: f.ref,
			problem: orProblem(f.value, "what it said before it was removed at "+when+" is not in the evidence")}
	}
	return state{present: policy.Unknown, ref: f.ref, problem: "what it said before it was set at " + when + " is not in the evidence",
		why: "whether it was there before it was set at " + when + " is not in the evidence"}
}

func truth(b bool) policy.Truth {
	if b {
		return policy.Yes
	}
	return policy.No
}

func orProblem(value []byte, problem string) string {
	if len(value) > 0 {
		return ""
	}
	return problem
}

// entity is one user, group, role, managed policy or resource with a policy,
// and what is known of it by slot: "inline/NAME", "attached/ARN",
// "member/GROUP", "boundary", "trust", "version/v1", "default", "tag/KEY",
// "policy",
// and of the organisation those of organisation.go.
type entity struct {
	kind  string // user, group, role, policy, resource, control, target
	name  string
	arn   string // "" until something gives it
	id    string // AIDA…, AROA…
	ref   string // of what told of it first
	slots map[string]*register
	// whole are the moments from which on nothing is missing: a snapshot of the
	// entity, or its creation.
	whole   []fact
	title   string // of a control policy: its name
	control Kind   // of a control policy: SCP or RCP, "" if not known
	listed  []Kind // of a target: the kinds of which all that hangs on it was listed
	// lost says why what is known of it is not whole though a moment says so:
	// it was renamed, or is linked to a service.
	lost string
}

func (e *entity) slot(name string) *register {
	r := e.slots[name]
	if r == nil {
		r = &register{}
		e.slots[name] = r
	}
	return r
}

// names lists the slots with a prefix, sorted, without it.
func (e *entity) names(prefix string) (out []string) {
	for s := range e.slots {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}

// complete closes the gaps: a slot that a snapshot of the whole entity does not
// have is absent at that moment, and absent when the entity was created.
// A fact of the same source at that moment means that the slot was told there; the
// added absence goes before what the same second says by order.
func (e *entity) complete() {
	for _, r := range e.slots {
		for _, w := range e.whole {
			if !slices.ContainsFunc(r.facts, func(f fact) bool { return f.at.Equal(w.at) && f.ref == w.ref }) {
				r.add(fact{at: w.at, order: w.order - 1, ref: w.ref, snapshot: w.snapshot, before: policy.No})
			}
		}
		r.sort()
		r.fill()
	}
	slices.SortFunc(e.whole, func(a, b fact) int { return a.at.Compare(b.at) })
}

// missing says why what is known of the entity may not be all, or "".
func (e *entity) missing() string {
	switch {
	case e.lost != "":
		return e.lost
	case len(e.whole) == 0:
		return "the evidence has neither a snapshot of it nor its creation"
	}
	return "" // before its creation it is not there at all
}
