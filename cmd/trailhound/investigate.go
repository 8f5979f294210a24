package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/intake/known"
	"github.com/trailhound/trailhound/internal/intake/origin"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/format"
	"github.com/trailhound/trailhound/internal/store"
)

// caseFlags are the flags of every verb that runs a case.
type caseFlags struct {
	answers     []string
	answersFile string
	noInput     bool
	now         string
	opened      string
	id          string
	content     string
	out         outputFlags
	failOn      string
	known       string
	databases   []string
	ranges      string
	sigma       string
}

type outputFlags struct {
	format string
	output string
}

func (o *outputFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&o.format, "format", "text", "report format: "+strings.Join(format.Names(), ", "))
	c.Flags().StringVarP(&o.output, "output", "o", "", "write the report to this file instead of standard output")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(format.Names(), cobra.ShellCompDirectiveNoFileComp))
}

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

func (a *app) investigateCmd() *cobra.Command {
	var f caseFlags
	var paths []string
	c := &cobra.Command{
		Use:   "investigate --evidence PATH [--evidence PATH...] SENTENCE",
		Short: "Answer a case: what happened, with which credentials, what is left, how to contain it",
		Long: `Investigate reads the evidence, asks at most three questions whose answers would
change the result (at a terminal; never blocking), and writes a report.

Exit status: 0 the report was written, whatever the verdict; 1 could not run;
2 the command line is wrong; 10 the verdict reaches --fail-on; 130 interrupted.`,
		Example: `  trailhound investigate --evidence ./AWSLogs "IAM user deploy-bot's key AKIA... leaked on GitHub on 2 November"
  trailhound investigate --evidence logs.zip --answer "owner=Terraform only, from 192.0.2.0/24" --no-input \
      --format html --output report.html "strange console login on 14 May"
  trailhound investigate --aws --profile audit --regions eu-west-1 "strange console login on 14 May"
  aws cloudtrail lookup-events --output json | trailhound investigate --evidence - "unusual calls from 203.0.113.7"`,
		Args: some("the case, one sentence,"),
		RunE: func(c *cobra.Command, args []string) error {
			return a.investigate(c.Context(), paths, strings.Join(args, " "), f)
		},
	}
	c.Flags().StringArrayVar(&paths, "evidence", nil, "file, folder, archive, s3://BUCKET/PREFIX, - for standard input, or a store; may be repeated")
	f.register(c)
	a.fetch.register(c)
	a.live.register(c)
	return c
}

func (a *app) investigate(ctx context.Context, paths []string, sentence string, f caseFlags) error {
	if strings.TrimSpace(sentence) == "" {
		return withHint(usage("the case is empty"), `describe it in one sentence: "key AKIA... leaked on 2 November"`)
	}
	if err := f.check(); err != nil {
		return err
	}
	pack, err := loadContent(f.content)
	if err != nil {
		return err
	}
	opts, err := a.caseOptions(sentence, f, pack)
	if err != nil {
		return err
	}
	rules, err := a.caseRules(f)
	if err != nil {
		return err
	}
	started := a.now()
	live, gone, err := a.livePath(ctx)
	if err != nil {
		return err
	}
	defer gone()
	if live != "" {
		paths = append(slices.Clone(paths), live)
	}
	q, done, err := a.openEvidence(ctx, paths)
	if err != nil {
		return err
	}
	defer done()
	r, err := a.runCase(ctx, q, opts, pack)
	if err != nil {
		return err
	}
	if rules != nil {
		if err := a.addAlerts(ctx, q, r, rules); err != nil {
			return err
		}
	}
	r.Run = report.Run{StartedAt: started.UTC().Format(time.RFC3339), Seconds: a.now().Sub(started).Seconds(), Host: a.host()}
	if err := a.writeReport(ctx, q, r, f.out); err != nil {
		return err
	}
	if f.failOn != "" && r.Verdict.Status == "incident" && slices.Index(severities, r.Verdict.Severity) >= slices.Index(severities, f.failOn) {
		return codeError(exitSeverity)
	}
	return nil
}

var severities = []string{"informational", "low", "medium", "high", "critical"}

func (f *caseFlags) check() error {
	if !slices.Contains(format.Names(), f.out.format) {
		return withHint(usage("there is no report format %q", f.out.format), "choose one of "+strings.Join(format.Names(), ", "))
	}
	if f.failOn != "" && !slices.Contains(severities, f.failOn) {
		return withHint(usage("there is no severity %q", f.failOn), "choose one of "+strings.Join(severities, ", "))
	}
	return f.out.check()
}

func (a *app) caseOptions(sentence string, f caseFlags, pack *contentPack) (investigation.Options, error) {
	o := investigation.Options{Text: sentence, ID: f.id, Content: pack.Content, Answers: map[string]intake.Answer{}}
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
	if f.answersFile != "" {
		data, err := os.ReadFile(f.answersFile)
		if err != nil {
			return o, hintFor(fmt.Errorf("read answers: %w", err))
		}
		if o.Answers, err = intake.ParseAnswers(data); err != nil {
			return o, withHint(fmt.Errorf("%s: %w", f.answersFile, err), `the file is one JSON object: {"owner": "our CI user, from 192.0.2.0/24"}`)
		}
	}
	for _, s := range f.answers {
		id, text, err := intake.ParseAnswerFlag(s)
		if err != nil {
			return o, withHint(usageError{err}, `write it as --answer owner="our CI user, from 192.0.2.0/24"`)
		}
		o.Answers[id] = intake.Answer{ID: id, Text: text}
	}
	if f.known != "" {
		data, err := os.ReadFile(f.known)
		if err != nil {
			return o, hintFor(fmt.Errorf("read the list of what is known: %w", err))
		}
		if o.Known, err = known.Parse(data); err != nil {
			return o, withHint(fmt.Errorf("%s: %w", f.known, err), "docs/formats/known.md describes the file")
		}
	}
	if len(f.databases) > 0 || f.ranges != "" {
		files, err := origin.Open(f.databases, f.ranges)
		if err != nil {
			return o, withHint(err, "--mmdb takes databases in MaxMind's format, --ip-ranges the JSON file that AWS publishes")
		}
		o.Origin = files.Of // read to the end of the run, which is the program's
	}
	if !f.noInput && a.interactive {
		o.Ask = a.ask
	}
	return o, nil
}

// runCase investigates and assembles the document.
func (a *app) runCase(ctx context.Context, q *store.Store, o investigation.Options, pack *contentPack) (*report.Report, error) {
	bar := a.bar("")
	o.Progress = bar.step
	if ask := o.Ask; ask != nil {
		o.Ask = func(ctx context.Context, questions []intake.Question) (map[string]intake.Answer, error) {
			bar.end() // its line is not the place for a question
			return ask(ctx, questions)
		}
	}
	res, err := investigation.Run(ctx, q, o)
	bar.end()
	if err != nil {
		return nil, err
	}
	artifacts, err := q.Artifacts(ctx)
	if err != nil {
		return nil, err
	}
	return assemble(res, artifacts, pack), nil
}

// writeReport renders to the output, whole or not at all: a file appears only
// once everything has been written to it.
func (a *app) writeReport(ctx context.Context, q evidence.Querier, r *report.Report, o outputFlags) error {
	opts := format.Options{Width: a.width, Color: a.color && o.output == ""}
	if o.format == "html" {
		records, err := citedRecords(ctx, q, r)
		if err != nil {
			return err
		}
		opts.Records = records
	}
	if o.output == "" {
		return format.Write(a.stdout, o.format, r, opts)
	}
	if err := writeWhole(o.output, func(w io.Writer) error { return format.Write(w, o.format, r, opts) }); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "wrote %s: %s, severity %s, confidence %s\n", safe(o.output), r.Verdict.Status, r.Verdict.Severity, r.Verdict.Confidence)
	return nil
}

// check finds out before the work, not after it, that the report would have
// nowhere to go.
func (o outputFlags) check() error {
	if o.output == "" {
		return nil
	}
	if info, err := os.Stat(o.output); err == nil && info.IsDir() {
		return withHint(fmt.Errorf("write %s: it is a folder", o.output), "name a file in it: --output "+filepath.Join(o.output, "report.json"))
	}
	dir := filepath.Dir(o.output)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return withHint(fmt.Errorf("write %s: there is no folder %s", o.output, dir), "make it first: mkdir -p "+dir)
	}
	return nil
}

// writeWhole writes a file under a temporary name beside its own and renames it.
func writeWhole(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".trailhound-*")
	if err != nil {
		return withHint(fmt.Errorf("write %s: %w", path, err), "check that the folder exists and can be written to")
	}
	defer os.Remove(tmp.Name())
	if err := write(tmp); err != nil {
		tmp.Close()
		return hintFor(err)
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := tmp.Close(); err != nil {
		return hintFor(fmt.Errorf("write %s: %w", path, err))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
