package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/access/generate"
)

// policyCmd draws policies; holding them against what AWS decided is access check.
func (a *app) policyCmd() *cobra.Command {
	c := &cobra.Command{
		Use:     "policy",
		Short:   "Draw policies from what the evidence shows in use",
		Example: `  trailhound policy generate --evidence ./logs codebuild-web`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.policyGenerateCmd())
	return c
}

// policyFlags are what the verb was asked.
type policyFlags struct {
	paths   []string // of the evidence
	present []string // policies that are attached now, to compare with
	as      string
	// Only calls of this time, RFC 3339, of builds of this project, and none that this report
	// does not hold to be the owner's.
	from, to        string
	project, report string
	// Answers of CodeBuild: what triggered each build, and what CodeBuild does with the role.
	builds   []string
	projects []string
	// Whether builds of pull requests count, and whether those of unknown trigger do not.
	vouched, strict bool
}

// policyGenerateCmd draws from what was done what may be done. Logs never show all, so that the
// policy is a proposal, and the help says so.
func (a *app) policyGenerateCmd() *cobra.Command {
	var f policyFlags
	c := &cobra.Command{
		Use:   "generate --evidence PATH ROLE",
		Short: "Draw the smallest policy that allows what a role or user did, and prove it by replay",
		Long: `Generate reads every call of a role or user and draws the smallest policy that
would have allowed them. The policy is then asked about each of those calls, and
about each call that was refused: it must allow all of the first and none of the
second, or the exit code is 1. What no log can show is listed; a policy drawn
from logs is never complete.

Calls of CodeBuild builds are told apart by their session, AWSCodeBuild-<uuid>.
Builds of pull requests are left out: what a stranger's code did is evidence, not
permission. Give the output of aws codebuild batch-get-builds with --builds so
that each build's trigger is known, and a report with --report so that what it
found hostile is left out too.`,
		Example: `  trailhound policy generate --evidence ./logs codebuild-web
  trailhound policy generate --evidence ./case-17 --project web --builds builds.json --report report.json codebuild-web
  trailhound policy generate --evidence ./logs --policy now.json --format json arn:aws:iam::111122223333:role/deploy`,
		Args: one("the role or user"),
		RunE: func(c *cobra.Command, args []string) error { return a.policyGenerate(c, &f, args[0]) },
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	fl.StringVar(&f.as, "format", "text", "text, json, or policy for the document alone")
	fl.StringVar(&f.from, "from", "", "not before, RFC 3339")
	fl.StringVar(&f.to, "to", "", "before, RFC 3339")
	fl.StringVar(&f.project, "project", "", "only what builds of this CodeBuild project did")
	fl.StringArrayVar(&f.builds, "builds", nil, "answers of aws codebuild batch-get-builds, as files; may be repeated")
	fl.StringArrayVar(&f.projects, "projects", nil, "answers of aws codebuild batch-get-projects, or templates: for what CodeBuild itself does with the role; may be repeated")
	fl.StringVar(&f.report, "report", "", "report.json of a case: what it holds hostile or undetermined is left out")
	fl.StringArrayVar(&f.present, "policy", nil, "a policy document that is attached now, to compare with; may be repeated")
	fl.BoolVar(&f.vouched, "trust-pull-requests", false, "pull requests are built only after approval: count their builds")
	fl.BoolVar(&f.strict, "strict", false, "leave out builds that nothing tells the trigger of")
	return c
}

// policyGenerate draws a policy and writes it. One that its own replay refutes is written too, since
// what is wrong with it has to be seen, but the exit code says not to attach it.
func (a *app) policyGenerate(c *cobra.Command, f *policyFlags, principal string) error {
	ctx := c.Context()
	o := generate.Options{Principal: principal, Project: f.project, Vouched: f.vouched, Strict: f.strict}
	var err error
	if o.From, err = moment("--from", f.from); err != nil {
		return err
	}
	if o.To, err = moment("--to", f.to); err != nil {
		return err
	}
	if !o.From.IsZero() && !o.To.IsZero() && !o.From.Before(o.To) {
		return withHint(usage("--from is not before --to"), "swap the two times")
	}
	if f.as != "text" && f.as != "json" && f.as != "policy" {
		return withHint(usage("there is no format %q", f.as), "choose text, json or policy")
	}
	// A policy drawn from an intruder's calls would allow the next one all of them.
	if o.Hostile, err = hostileEvents(f.report); err != nil {
		return err
	}
	present, err := readFiles(f.present)
	if err != nil {
		return err
	}
	if o.Builds, err = readBuilds(f.builds); err != nil {
		return err
	}
	if o.Projects, err = roleProjects(c.Context(), f.projects); err != nil {
		return err
	}
	table, err := generate.Load(content.FS)
	if err != nil {
		return err
	}
	// Everything small is read and refused before the evidence, which may take minutes to open.
	s, done, err := a.openEvidence(ctx, f.paths)
	if err != nil {
		return err
	}
	defer done()
	res, err := table.Run(ctx, s, o, present)
	if err != nil {
		return withHint(err, "trailhound summary --evidence "+strings.Join(f.paths, " ")+" lists the principals that the evidence holds")
	}
	if err := a.printPolicy(res, f.as); err != nil {
		return err
	}
	// The document is out already; the exit code keeps a script from attaching it.
	if !res.Replay.Holds() {
		return withHint(fmt.Errorf("the policy does not hold: %d of %d kept permissions are not allowed, %d refused ones are", len(res.Replay.Missing), res.Replay.Kept, len(res.Replay.Open)+len(res.Replay.LeftInside)),
			"do not attach it; --format json lists which under replay")
	}
	return nil
}
