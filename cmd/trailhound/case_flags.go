package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/intake/known"
	"github.com/trailhound/trailhound/internal/intake/origin"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/format"
)

// caseFlags are the flags of every verb that runs a case.
type caseFlags struct {
	// What is said to questions: as id=text, and in a file of them, over which the flags go.
	answers     []string
	answersFile string
	noInput     bool
	// Times as they were written, RFC 3339; "" where none was given. now is the moment that
	// "last night" is counted from and that entries of --known expire at.
	now    string
	opened string
	id     string // of the user's own, repeated in the report
	// A folder of rules, questions and actions over those built in.
	content string
	out     outputFlags
	failOn  string // the least severity that makes the exit code 10
	// Files of the user's own: what is known (a list), where addresses are said to be
	// (databases and AWS's ranges), and rules whose matches are shown as alerts.
	known     string
	databases []string
	ranges    string
	sigma     string
}

// register declares them. Every flag has a default that is honest without it: what is not given
// is assumed, and the report lists it.
func (f *caseFlags) register(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.answers, "answer", nil, "an answer to a question, as id=text; may be repeated")
	c.Flags().StringVar(&f.answersFile, "answers", "", "a JSON file of answers: one object, question id to text, list or object")
	c.Flags().BoolVar(&f.noInput, "no-input", false, "never ask; what is not answered is assumed and listed")
	c.Flags().StringVar(&f.now, "now", "", `the moment that "last night" and expiry are judged at, RFC 3339 (default: end of the evidence)`)
	c.Flags().StringVar(&f.opened, "opened-at", "", "when the case was opened, RFC 3339")
	c.Flags().StringVar(&f.id, "case-id", "", "an id of your own for the case")
	c.Flags().StringVar(&f.content, "content", "", "a folder of content laid over the built-in rules, questions and actions")
	c.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 10 if the verdict is an incident of this severity or worse")
	c.Flags().StringVar(&f.known, "known", "", "a YAML list of what is known to you: networks, runners, vendors, responders, announced tests")
	c.Flags().StringArrayVar(&f.databases, "mmdb", nil, "a database of addresses in MaxMind's format (country, ASN); may be repeated")
	c.Flags().StringVar(&f.ranges, "ip-ranges", "", "AWS's ip-ranges.json")
	c.Flags().StringVar(&f.sigma, "sigma", "", "a folder of Sigma rules of your own; what they match stands in the report as alerts, never as findings")
	f.out.register(c)
}

// check looks at what can be looked at before any evidence is read.
func (f *caseFlags) check() error {
	if !slices.Contains(format.Names(), f.out.format) {
		return withHint(usage("there is no report format %q", f.out.format), "choose one of "+strings.Join(format.Names(), ", "))
	}
	if f.failOn != "" && evidence.SeverityRank(f.failOn) < 0 {
		return withHint(usage("there is no severity %q", f.failOn), "choose one of "+strings.Join(evidence.Severities, ", "))
	}
	return f.out.check()
}

// caseOptions reads what the flags name: answers, lists and databases of the user's own.
func (a *app) caseOptions(sentence string, f caseFlags, pack *contentPack) (investigation.Options, error) {
	o := investigation.Options{Text: sentence, ID: f.id, Content: pack.Content, Answers: map[string]intake.Answer{}}
	// Times of flags are of machines: RFC 3339 or nothing. "Yesterday" is for the sentence.
	for _, t := range []struct {
		flag, value string
		to          *time.Time
	}{{"--now", f.now, &o.Now}, {"--opened-at", f.opened, &o.Opened}} {
		if t.value == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, t.value)
		if err != nil {
			return o, withHint(usage("%q, given with %s, is not a time", t.value, t.flag), "write it as 2026-11-02T14:00:00Z")
		}
		*t.to = at.UTC()
	}
	// The file first, flags over it.
	if f.answersFile != "" {
		data, err := readDocument(f.answersFile)
		if err != nil {
			return o, hintFor(fmt.Errorf("read answers: %w", err))
		}
		if o.Answers, err = intake.ParseAnswers(data); err != nil {
			return o, withHint(fmt.Errorf("%s: %w", f.answersFile, err), `the file is one JSON object: {"owner": "our CI user, from 192.0.2.0/24"}`)
		}
	}
	for _, s := range f.answers {
		// A flag goes before the file: it was typed for this run.
		id, text, err := intake.ParseAnswerFlag(s)
		if err != nil {
			return o, withHint(usageError{err}, `write it as --answer owner="our CI user, from 192.0.2.0/24"`)
		}
		o.Answers[id] = intake.Answer{ID: id, Text: text}
	}
	if f.known != "" {
		data, err := readDocument(f.known)
		if err != nil {
			return o, hintFor(fmt.Errorf("read the list of what is known: %w", err))
		}
		if o.Known, err = known.Parse(data); err != nil {
			return o, withHint(fmt.Errorf("%s: %w", f.known, err), "docs/formats/known.md describes the file")
		}
	}
	// Where an address is said to be is shown and decides nothing, so that it may be missing.
	if len(f.databases) > 0 || f.ranges != "" {
		files, err := origin.Open(f.databases, f.ranges)
		if err != nil {
			return o, withHint(err, "--mmdb takes databases in MaxMind's format, --ip-ranges the JSON file that AWS publishes")
		}
		o.Origin = files.Of // read to the end of the run, which is the program's
	}
	// Without a person at the terminal nobody is asked: a pipeline must never hang.
	if !f.noInput && a.interactive {
		o.Ask = a.ask
	}
	return o, nil
}
