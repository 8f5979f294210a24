package check

import (
	"fmt"
	"maps"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// kinds are the subjects a check can be about.
var kinds = []string{"project", "way", "filter", "source", "variable", "role", "any role", "credential", "token", "secret", "parameter", "security group", "pipeline",
	"build", "call", "hook", "contributor", "workflow", "monitoring", "member", "name", "report group"}

// Subject is one thing that checks look at.
type Subject struct {
	Kind    string
	Label   string // for people: filter group 1, variable DB_PASSWORD
	At      model.Location
	Project *model.Project    // the project it belongs to, nil for none: a name may stand in several regions
	Also    []*model.Project  // the projects it concerns where they are several: those of a role, a credential
	Words   map[string]string // fill {names} of messages and fixes, over those of the project

	it      view
	owner   *owner // nil when it belongs to no project
	scene   *Scene
	reasons *reasons
	vars    map[string]any
	data    any // what Go checks look into
	edits   []subjectEdit
}

// subjectEdit is a correction for one check.
type subjectEdit struct {
	check string
	Edit
}

// Hit is one place where a Go check fires.
type Hit struct {
	At      model.Location
	Words   map[string]string
	Unknown string // why it cannot be told, instead of firing
}

// Finding is a check that fired on a subject.
type Finding struct {
	Check    *Check
	Subject  *Subject
	Severity string
	At       model.Location
	// Says is the message, one sentence, not yet inert for any output format.
	Says  string
	words map[string]string
}

// Undecided is a check that could not be decided on a subject.
type Undecided struct {
	Check   *Check
	Subject *Subject
	Why     string
}

// Run holds every check against the subjects, in the subjects' order.
// The error is a check's own fault, a condition that gives no truth value; what a
// subject holds never makes one.
func (p *Pack) Run(subjects []*Subject) (found []Finding, undecided []Undecided, err error) {
	type result struct {
		found     []Finding
		undecided []Undecided
		err       error
	}
	results := make([]result, len(subjects))
	// Subjects do not touch each other; each one's checks run in the order of their
	// ids.
	parallel(len(subjects), func(i int) {
		s, r := subjects[i], &results[i]
		for _, c := range p.byKind[s.Kind] {
			f, u, err := c.run(s)
			if err != nil {
				r.err = fmt.Errorf("check %s on %s: %w", c.ID, s.Label, err)
				return
			}
			r.found, r.undecided = append(r.found, f...), append(r.undecided, u...)
		}
	})
	for _, r := range results {
		if r.err != nil {
			return nil, nil, r.err
		}
		found, undecided = append(found, r.found...), append(undecided, r.undecided...)
	}
	return found, undecided, nil
}

// run is one check on one subject: at most one finding by condition, several by code.
func (c *Check) run(s *Subject) ([]Finding, []Undecided, error) {
	if c.code != nil {
		return c.runCode(s)
	}
	truth, why, err := eval(c.when, s.variables(), s.reasons)
	switch {
	case err != nil:
		return nil, nil, err
	case truth < 0:
		return nil, []Undecided{{c, s, c.reason(why)}}, nil
	case truth == 0:
		return nil, nil, nil
	}
	f, err := c.finding(s, Hit{At: s.At})
	return []Finding{f}, nil, err
}

func (c *Check) runCode(s *Subject) (found []Finding, undecided []Undecided, err error) {
	for _, h := range c.code(s) {
		if h.Unknown != "" {
			undecided = append(undecided, Undecided{c, s, c.reason(h.Unknown)})
			continue
		}
		f, err := c.finding(s, h)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, f)
	}
	return found, undecided, nil
}

// reason is why a check is undecided, with the input that would decide it.
func (c *Check) reason(why string) string {
	if c.Needs != "" {
		return why + "; " + c.Needs + " would decide it"
	}
	return why
}

// finding grades a hit. A severity that rests on something unknown is graded as if
// that were so: what cannot be told does not make a finding milder.
func (c *Check) finding(s *Subject, h Hit) (Finding, error) {
	f := Finding{Check: c, Subject: s, At: h.At}
	if s.owner != nil {
		f.words = merged(s.owner.words, s.Words, h.Words)
	} else {
		f.words = merged(s.Words, h.Words)
	}
	if f.At == (model.Location{}) {
		f.At = s.At
	}
	for _, l := range c.Severity {
		if l.when != nil {
			truth, _, err := eval(l.when, s.variables(), s.reasons)
			if err != nil {
				return f, err
			}
			if truth == 0 {
				continue
			}
		}
		f.Severity = l.Is
		break
	}
	f.Says = fill(c.Says, f.words, plainWord)
	return f, nil
}

// variables are what a condition sees. Of a subject without a project people are taken to
// be able to open pull requests; a role says itself who can run code as it.
func (s *Subject) variables() map[string]any {
	if s.vars == nil {
		// Made once for all checks of a subject. No other goroutine has the subject,
		// so no lock is needed.
		s.vars = map[string]any{"it": map[string]any(s.it), "project": nil, "exposed": true, "open": nil}
		if s.owner != nil {
			s.vars["project"], s.vars["exposed"], s.vars["open"] = map[string]any(s.owner.view), s.owner.repo.Exposed(), s.owner.open
		}
		if o, ok := s.it["open"]; ok {
			s.vars["open"] = o
		}
		if e, ok := s.it["exposed"]; ok {
			s.vars["exposed"] = e
		}
	}
	return s.vars
}

// merged is one map of several; of a word given twice the later counts.
func merged(lists ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, l := range lists {
		maps.Copy(out, l)
	}
	return out
}
