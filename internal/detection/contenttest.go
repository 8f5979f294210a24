package detection

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Failure is one thing that is wrong with the content.
type Failure struct {
	Path    string // of the rule or its samples
	Sample  string // file within the samples; "" if it is about the whole
	Problem string
}

// String names the file, the sample if there is one, and the problem.
func (f Failure) String() string {
	if f.Sample == "" {
		return f.Path + ": " + f.Problem
	}
	return f.Path + ": " + f.Sample + ": " + f.Problem
}

// Stats says how much was tested.
type Stats struct{ Rules, Positives, Attempts, Negatives, Events int }

// Test holds every rule against its samples: `trailhound content test`. A rule
// is fit when it loads, has a positive and a negative sample, fires on the
// first as stated and stays silent on the second for a reason that is known.
// Failures are sorted by path; the error is for content that cannot be read.
func Test(ctx context.Context, fsys fs.FS) ([]Failure, Stats, error) {
	var stats Stats
	p, err := Load(fsys)
	if err != nil {
		return loadFailures(err), stats, nil
	}
	failures := orphans(fsys, p)
	for _, r := range p.Rules {
		if err := ctx.Err(); err != nil {
			return failures, stats, err
		}
		stats.Rules++
		failures = append(failures, unknownActions(fsys, r)...)
		samples, err := readSamples(fsys, r.Path)
		if err != nil {
			for _, e := range split(err) {
				failures = append(failures, Failure{Path: r.Path, Problem: e.Error()})
			}
			continue
		}
		failures = append(failures, p.testRule(ctx, r, samples, &stats)...)
	}
	return failures, stats, nil
}

// testRule holds one rule against its samples. An attempt counts as none of the positives:
// that a rule knows a refusal shows nothing of whether it knows the act.
func (p *Pack) testRule(ctx context.Context, r *Rule, samples []sample, stats *Stats) []Failure {
	var out []Failure
	count := map[string]int{}
	for i := range samples {
		s := &samples[i]
		count[s.kind()]++
		stats.Events += len(s.subjects)
		for _, problem := range p.testSample(ctx, r, s) {
			out = append(out, Failure{Path: r.Path, Sample: s.name, Problem: problem})
		}
	}
	stats.Positives += count[positive]
	stats.Attempts += count[attempt]
	stats.Negatives += count[negative]
	if count[positive] == 0 {
		out = append(out, Failure{Path: r.Path, Problem: "no positive sample"})
	}
	if count[negative] == 0 {
		out = append(out, Failure{Path: r.Path, Problem: "no negative sample"})
	}
	if count[attempt] > 0 && !r.NeedsSuccess {
		out = append(out, Failure{Path: r.Path, Problem: "has an attempt sample but does not need success"})
	}
	return out
}

// testSample runs the one rule, and those its windows speak of, on one sample.
func (p *Pack) testSample(ctx context.Context, r *Rule, s *sample) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for name := range s.given.Facts {
		if KnownFacts[name] == "" {
			bad("fact %q is not one of KnownFacts", name)
		}
	}
	if s.given.Note == "" {
		bad("the header has no note")
	}
	refs := r.cond.refs()
	matches, report, err := p.run(ctx, s.subjects, Env{Accounts: s.given.Accounts, Facts: s.given},
		func(o *Rule) bool { return o == r || slices.Contains(refs, o.ID) })
	if err != nil {
		return append(problems, err.Error())
	}
	var own []Match
	for _, m := range matches {
		if m.Rule == r || slices.Contains(m.Tags, r.ID) {
			own = append(own, m)
		}
	}
	for _, g := range report.NotEvaluable {
		if g.Rule == r.ID {
			bad("condition cannot be evaluated on event %s: %s", g.First, g.Reason)
		}
	}
	switch s.kind() {
	case negative:
		for _, m := range own {
			bad("matches on event %s, and must not", m.Event)
		}
		// A negative sample that stays silent for want of a fact would stay so with any condition.
		for _, g := range report.NotCovered {
			if g.Rule == r.ID && len(own) == 0 {
				bad("is silent only because a %s: state it in the header", g.Reason)
			}
		}
		if !slices.ContainsFunc(s.subjects, func(s Subject) bool { return r.matches(s.Event.Source, s.Event.Name) > 0 }) {
			bad("has no event the rule looks at: a look-alike differs in what matters, not in its name")
		}
	default:
		p.testFires(s, r, own, bad)
	}
	slices.Sort(problems)
	return problems
}

// testFires checks what a positive or an attempt must show. Which of the two the match is, the
// rule and the outcome decide; the sample's name has to agree.
func (p *Pack) testFires(s *sample, r *Rule, own []Match, bad func(string, ...any)) {
	if len(own) == 0 {
		bad("does not match, and must")
	}
	if s.given.Matches != 0 && len(own) != s.given.Matches {
		bad("matches on %d events, and must on %d", len(own), s.given.Matches)
	}
	for _, m := range own {
		tried := r.NeedsSuccess && m.Outcome == evidence.Failure
		if tried != (s.kind() == attempt) {
			bad("event %s: matches with outcome %s: name the sample by what it shows", m.Event, m.Outcome)
		}
	}
}

// unknownActions are the action ids of a rule for which content/actions has no
// file. Content without that folder (a few rules of one's own) is not asked.
func unknownActions(fsys fs.FS, r *Rule) []Failure {
	if _, err := fs.Stat(fsys, "actions"); err != nil {
		return nil
	}
	var out []Failure
	for _, id := range slices.Concat(r.Contain, r.Eradicate, r.Preserve) {
		file := "actions/" + strings.ReplaceAll(strings.ToLower(id), "_", "-") + ".yml"
		if _, err := fs.Stat(fsys, file); err != nil {
			out = append(out, Failure{Path: r.Path, Problem: "action " + id + " has no file " + file})
		}
	}
	return out
}

// orphans are sample files without a rule.
func orphans(fsys fs.FS, p *Pack) []Failure {
	var out []Failure
	files, err := fs.Glob(fsys, "detections/*/*.txtar")
	if err != nil {
		return []Failure{{Path: "detections", Problem: err.Error()}}
	}
	for _, name := range files {
		rule := strings.TrimSuffix(name, ".txtar") + ".yml"
		if !slices.ContainsFunc(p.Rules, func(r *Rule) bool { return r.Path == rule }) {
			out = append(out, Failure{Path: name, Problem: "has no rule beside it"})
		}
	}
	return out
}

// loadFailures makes one failure of each error that Load joined.
func loadFailures(err error) []Failure {
	var out []Failure
	for _, e := range split(err) {
		where, problem, ok := strings.Cut(e.Error(), ": ")
		if !ok {
			where, problem = "content", e.Error()
		}
		out = append(out, Failure{Path: where, Problem: problem})
	}
	return out
}

// split takes joined errors apart, however deep.
func split(err error) []error {
	var many interface{ Unwrap() []error }
	if !errors.As(err, &many) {
		return []error{err}
	}
	var out []error
	for _, e := range many.Unwrap() {
		out = append(out, split(e)...)
	}
	return out
}
