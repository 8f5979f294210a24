package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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

// investigateCmd is what the program is for; every other verb prepares it, checks it or looks at
// the same evidence by hand.
func (a *app) investigateCmd() *cobra.Command {
	var f caseFlags
	var paths []string
	var file string
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
  trailhound investigate --evidence ./AWSLogs --case-file mail.txt
  aws cloudtrail lookup-events --output json | trailhound investigate --evidence - "unusual calls from 203.0.113.7"`,
		Args: func(c *cobra.Command, args []string) error {
			if file != "" && len(args) > 0 {
				return errors.New("the case is given twice, as an argument and with --case-file")
			}
			if file != "" {
				return nil
			}
			return some("the case, one sentence,")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			text, err := caseText(file, args)
			if err != nil {
				return err
			}
			return a.investigate(c.Context(), paths, text, f)
		},
	}
	c.Flags().StringArrayVar(&paths, "evidence", nil, "file, folder, archive, s3://BUCKET/PREFIX, - for standard input, or a store; may be repeated")
	c.Flags().StringVar(&file, "case-file", "", "read the case from this file (a mail, a ticket) in place of SENTENCE")
	f.register(c)
	a.fetch.register(c)
	a.live.register(c)
	return c
}

// maxCaseText bounds a case that comes from a file, in bytes; nobody writes as much.
const maxCaseText = 1 << 20

// caseText is the case as it was given: in words of the command line, or in a file.
func caseText(file string, words []string) (string, error) {
	if file == "" {
		return strings.Join(words, " "), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read the case: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCaseText+1))
	if err != nil {
		return "", fmt.Errorf("read the case: %w", err)
	}
	if len(text) > maxCaseText {
		return "", withHint(usage("%s is too long for a case", file), "the text of the case goes there, at most 1 MB; evidence goes to --evidence")
	}
	return strings.ToValidUTF8(string(text), "\uFFFD"), nil
}

// investigate runs a case from the command line to the report: content, flags, evidence, the
// case itself, the document, the exit code. Everything that can be refused is
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
	// Read before the evidence is, since the clock decides when its events were.
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
	// Alerts are the user's own rules' opinion: they come last and change no conclusion.
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
	// After the report is written: a script that stops on the code still has what to read.
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
