package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/report/audit"
)

// exitIncomplete says that an audit was made and that something could not be read.
const exitIncomplete = 3

// pipelineCmd gathers the verbs about builds, from looking (audit) to changing (apply).
func (a *app) pipelineCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "pipeline",
		Short: "Say who can make builds run code, prove it, and close it",
		Long: `Build projects run code at the word of a webhook. These verbs say at whose word,
what that code could reach, and how to close what is open.`,
		Example: `  trailhound pipeline audit projects.json
  trailhound pipeline audit ./infrastructure --format sarif --output audit.sarif`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.pipelineAuditCmd(), a.pipelineRunnerCmd())
	c.AddCommand(a.pipelineSteps()...)
	return c
}

// pipelineAuditCmd reads files, an account, or both at once: templates say what was meant, the
// account what is.
func (a *app) pipelineAuditCmd() *cobra.Command {
	var out outputFlags
	var failOn string
	account := livePipelines{around: true, github: githubFlags{audit: true}}
	var builds int
	var fixDir, role string
	c := &cobra.Command{
		Use:   "audit [PATH...] [--aws]",
		Short: "Audit projects and templates: a verdict with a witness, findings, fixes",
		Long: `Audit CodeBuild projects. PATH is a file or a folder: what the AWS command line
prints (batch-get-projects, list-source-credentials, batch-get-builds,
get-pipeline, get-account-authorization-details, describe-security-groups and
others), CloudFormation and CDK templates, Terraform and its plans, answers of
GitHub, buildspecs and workflows. Files are told apart by content.

The verdict of a project is NONE, IDS, APPROVED, WRITERS, READERS or ANYONE: who
can make it run code. What cannot be told is UNKNOWN, and never passes for safe.

A file named pipelines.yaml among them declares repositories: who sees them,
whether they can be forked, who writes. Undeclared ones are taken for public.

With --fix-dir, what can be corrected without a person's judgement is corrected in
copies: names and members that the API does not have, account and branch patterns
without anchors, release roles that lack what docker push calls. What is left for a
person is said. No input is ever changed.

With --aws the account is read: projects, their pipelines, networks and roles, and
what is known of the secrets and parameters they take values from, which are never
read themselves. --print-role gives the role for it.

Exit codes: 0 done, whatever was found; 1 could not run; 2 usage; 3 done, and
something could not be read; 10 with --fail-on, when a finding is that severe.`,
		Example: `  aws codebuild batch-get-projects --names app site > projects.json
  trailhound pipeline audit projects.json
  trailhound pipeline audit ./infrastructure --fail-on high
  trailhound pipeline audit projects.json roles.json --format json --output audit.json
  trailhound pipeline audit ./infrastructure --fix-dir ./corrected
  trailhound pipeline audit --print-role cloudformation > role.yaml
  trailhound pipeline audit --aws --profile audit --regions all`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, paths []string) error {
			if role != "" {
				return a.printPipelineRole(role)
			}
			// Where the audit goes, in which form, and when it fails, is settled before anything is read.
			if err := out.check(); err != nil {
				return err
			}
			if !slices.Contains(audit.Formats(), out.format) {
				return withHint(usage("there is no format %q", out.format), "choose "+strings.Join(audit.Formats(), ", "))
			}
			if failOn != "" && evidence.SeverityRank(failOn) < 0 {
				return withHint(usage("there is no severity %q", failOn), "choose "+strings.Join(evidence.Severities, ", "))
			}
			in, err := a.pipelineInventory(c.Context(), &account, paths, nil, builds)
			if err != nil {
				return err
			}
			// Of files it is a mistake that none of them is anything to audit; an account may hold
			// no projects.
			if !account.on && len(in.Inventory.Read) == 0 && len(in.Inventory.Gaps) == 0 {
				return withHint(fmt.Errorf("nothing in %s is a project, a template or anything else that is audited", strings.Join(paths, ", ")),
					"aws codebuild batch-get-projects --names NAME > projects.json")
			}
			return a.audit(in, out, failOn, fixDir)
		},
	}
	account.register(c)
	f := c.Flags()
	f.IntVar(&builds, "builds", 0, "with --aws: also read so many recent builds of each project")
	f.StringVar(&role, "print-role", "", "print the least-privilege role for --aws and do nothing else: "+strings.Join(live.RoleFormats(), " or "))
	f.StringVar(&out.format, "format", "table", strings.Join(audit.Formats(), ", "))
	f.StringVarP(&out.output, "output", "o", "", "write the audit to this file instead of standard output")
	f.StringVar(&fixDir, "fix-dir", "", "write corrected copies of the inputs into this folder, which must not exist; the inputs stay as they are")
	f.StringVar(&failOn, "fail-on", "", "exit 10 when a finding is this severe or worse: "+strings.Join(evidence.Severities, ", "))
	return c
}

// printPipelineRole writes the role that --aws needs, as a template.
func (a *app) printPipelineRole(format string) error {
	text, err := live.Role(format)
	if err != nil {
		return withHint(usageError{err}, "choose "+strings.Join(live.RoleFormats(), " or "))
	}
	_, err = io.WriteString(a.stdout, text)
	return err
}

// audit judges what was read, wherever it was read from, and writes the report.
func (a *app) audit(in *read.Result, out outputFlags, failOn, fixDir string) error {
	pack, err := check.Load(content.FS)
	if err != nil {
		return err
	}
	// The time is ours and not the stage's, so that a test can repeat an audit to the byte.
	r, err := pipeline.Audit(pipeline.Input{Inventory: in.Inventory, Settings: in.Settings, Pack: pack, Engine: engine(), Now: a.now()})
	if err != nil {
		return err
	}
	// A file gets no colours, whatever the terminal can do.
	opts := audit.Options{Color: a.color && out.output == "", Pack: pack}
	write := func(w io.Writer) error { return audit.Write(w, out.format, r, opts) }
	if out.output == "" {
		err = write(a.stdout)
	} else if err = writeWhole(out.output, write); err == nil {
		fmt.Fprintf(a.stderr, "wrote %s: %d projects, %d attack paths\n", safe(out.output), len(r.Projects), len(r.Paths))
	}
	// Copies come after the report: what they correct stands in it.
	if err == nil && fixDir != "" {
		err = a.writeFixes(fixDir, r)
	}
	switch {
	case err != nil:
		return err
	// A severe finding outweighs what could not be read: the first is certain.
	case failOn != "" && r.AtLeast(failOn):
		return codeError(exitSeverity)
	case !r.Complete:
		fmt.Fprintf(a.stderr, "%d inputs could not be read; what stands there is unknown\n", len(r.Gaps))
		return codeError(exitIncomplete)
	}
	return nil
}
