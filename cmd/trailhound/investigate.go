package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/store"
)

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

// investigate runs a case from the command line to the report. Everything that can be refused is
// refused before evidence is read, which may take minutes.
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
	// "The times in the export are local, Berlin": the sentence may say by which clock the
	// evidence is to be read.
	loc, zone, _ := intake.ExportClock(sentence)
	q, shifted, done, err := a.openEvidenceBy(ctx, paths, loc)
	if err != nil {
		return err
	}
	defer done()
	opts.Export = investigation.Export{Zone: zone, Shifted: shifted}
	r, err := a.runCase(ctx, q, opts, pack)
	if err != nil {
		return err
	}
	if rules != nil {
		if err := a.addAlerts(ctx, q, r, rules); err != nil {
			return err
		}
	}
	// What varies from run to run stands here alone: everything else is the same for the
	// same evidence and sentence.
	r.Run = report.Run{StartedAt: started.UTC().Format(time.RFC3339), Seconds: a.now().Sub(started).Seconds(), Host: a.host()}
	if err := a.writeReport(ctx, q, r, f.out); err != nil {
		return err
	}
	if f.failOn != "" && r.Verdict.Status == "incident" && evidence.SeverityRank(r.Verdict.Severity) >= evidence.SeverityRank(f.failOn) {
		return codeError(exitSeverity)
	}
	return nil
}

// runCase investigates and assembles the document.
// The clock of the report's run stands outside: what is assembled here is the same for the
// same evidence and sentence.
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
