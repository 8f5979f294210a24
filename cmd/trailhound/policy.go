package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

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
	paths, present  []string
	as, from, to    string
	project, report string
	builds          []string
	projects        []string
	vouched, strict bool
}

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
	if f.as != "text" && f.as != "json" && f.as != "policy" {
		return withHint(usage("there is no format %q", f.as), "choose text, json or policy")
	}
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
	if !res.Replay.Holds() {
		return withHint(fmt.Errorf("the policy does not hold: %d of %d kept permissions are not allowed, %d refused ones are", len(res.Replay.Missing), res.Replay.Kept, len(res.Replay.Open)+len(res.Replay.LeftInside)),
			"do not attach it; --format json lists which under replay")
	}
	return nil
}

func readFiles(names []string) (out [][]byte, err error) {
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, hintFor(fmt.Errorf("read: %w", err))
		}
		out = append(out, data)
	}
	return out, nil
}

func readBuilds(names []string) (map[string]generate.Build, error) {
	out := map[string]generate.Build{}
	files, err := readFiles(names)
	if err != nil {
		return nil, err
	}
	for i, data := range files {
		if err := generate.ReadBuilds(data, names[i], out); err != nil {
			return nil, withHint(fmt.Errorf("%s: %w", names[i], err), "give the output of aws codebuild batch-get-builds")
		}
	}
	return out, nil
}

// roleProjects are the projects of files, as far as CodeBuild's own use of their
// roles goes.
func roleProjects(ctx context.Context, paths []string) (out []generate.Project, err error) {
	if len(paths) == 0 {
		return nil, nil
	}
	res, err := read.Files(ctx, paths)
	if err != nil {
		return nil, withHint(err, "check the path")
	}
	for _, p := range res.Inventory.Projects {
		g := generate.Project{Name: p.Name.V, Role: p.Role.V, Partition: "aws", Region: p.Region, Account: p.Account}
		if f := strings.SplitN(p.ARN.V, ":", 3); len(f) == 3 {
			g.Partition = f[1]
		}
		if p.Logs.CloudWatch.Or("ENABLED") != "DISABLED" {
			g.LogGroup = p.Logs.Group.Or("/aws/codebuild/" + p.Name.V)
		}
		for _, a := range p.Artifacts.Or(nil) {
			if a.Type.V == "S3" && a.Location.Known() {
				g.Artifacts = append(g.Artifacts, strings.Trim(a.Location.V+"/"+strings.Trim(a.Path.V, "/"), "/"))
			}
		}
		if p.VPC.Known() {
			g.Subnets = p.VPC.V.Subnets.Or(nil)
		}
		out = append(out, g)
	}
	return out, nil
}

// hostileEvents are the events that a report does not hold to be the owner's.
func hostileEvents(file string) (map[string]bool, error) {
	if file == "" {
		return nil, nil
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, hintFor(err)
	}
	defer in.Close()
	doc, err := reportjson.Read(in)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", file, err), "give the JSON that investigate wrote with --format json")
	}
	out := map[string]bool{}
	for _, row := range doc.Attribution {
		switch row.Actor {
		case attribution.Intruder, attribution.LikelyIntruder, attribution.Undetermined:
			out[row.Event] = true
		}
	}
	return out, nil
}

func (a *app) printPolicy(res *generate.Result, as string) error {
	switch as {
	case "json":
		data, err := json.MarshalIndent(res, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "%s\n", reportjson.Inert(data))
		return err
	case "policy":
		if len(res.Policies) > 1 {
			fmt.Fprintf(a.stderr, "%d documents, each small enough for a managed policy\n", len(res.Policies))
		}
		for i := range res.Policies {
			if _, err := fmt.Fprintf(a.stdout, "%s", reportjson.Inert(res.Policies[i].JSON())); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range res.Policies {
		fmt.Fprintf(a.stdout, "%s\n", reportjson.Inert(res.Policies[i].JSON()))
	}
	if len(res.Policies) == 0 {
		fmt.Fprintf(a.stdout, "No call was kept, so there is no policy to draw.\n\n")
	}
	a.explainPolicy(res)
	return nil
}

// explainPolicy says what every permission rests on.
func (a *app) explainPolicy(res *generate.Result) {
	w := a.stdout
	fmt.Fprintf(w, "%s: %d calls, %s to %s", safe(res.Principal), res.Events, res.From.UTC().Format(time.RFC3339), res.To.UTC().Format(time.RFC3339))
	if res.Project != "" {
		fmt.Fprintf(w, ", builds of %s", safe(res.Project))
	}
	fmt.Fprintf(w, "\n\n")
	table := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(table, "BASIS\tACTION\tRESOURCE\tUSES\tLAST\tEVENT\tWHY")
	for _, r := range res.Explain {
		printRow(table, string(r.Class), r)
	}
	table.Flush()
	for _, part := range []struct {
		title string
		rows  []generate.Row
	}{{"Refused, and not allowed by this policy", res.Denied}, {"Only in builds that are left out", res.Untrusted}, {"Only in calls that the report holds hostile or undetermined", res.Hostile}} {
		if len(part.rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s:\n", part.title)
		table := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
		for _, r := range part.rows {
			printRow(table, "", r)
		}
		table.Flush()
	}
	if res.Diff != nil {
		printPolicyDiff(w, res.Diff)
	}
	fmt.Fprintf(w, "\nReplay: %d of %d kept permissions allowed, %d of %d refused ones allowed, %d of %d left-out ones allowed.\n", res.Replay.Allowed, res.Replay.Kept,
		len(res.Replay.Open), res.Replay.Denied, len(res.Replay.LeftInside), res.Replay.LeftOut)
	for _, c := range res.Replay.Conflicts {
		fmt.Fprintf(w, "  refused once and used at another time: %s\n", safe(c))
	}
	fmt.Fprintf(w, "Size: %d characters, fits as %s.\n\nWhat this policy cannot know:\n", res.Size, res.Fits)
	for _, l := range res.Limits {
		fmt.Fprintf(w, "  - %s\n", safe(l.Text))
	}
}

func printRow(w io.Writer, class string, r generate.Row) {
	event, last := "-", "-"
	if len(r.Events) > 0 {
		event, last = r.Events[0], r.Last.UTC().Format(time.RFC3339)
	}
	resource := safe(r.Resource)
	if r.Names > 0 {
		resource += fmt.Sprintf(" (%d names)", r.Names)
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", class, safe(r.Action), resource, r.Count, last, safe(event), safe(r.Why))
}

func printPolicyDiff(w io.Writer, d *generate.Diff) {
	fmt.Fprintf(w, "\nAgainst the policy attached now: %d grants unused, %d wider than their use, %d the same, %d observed calls outside it\n", len(d.Unused), len(d.Wide), len(d.Same), len(d.Added))
	table := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	for _, part := range []struct {
		mark string
		list []generate.Grant
	}{{"- unused", d.Unused}, {"~ wide", d.Wide}, {"= same", d.Same}} {
		for _, g := range part.list {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", part.mark, safe(g.Action), safe(g.Resource), safe(short(g.Used, 6)))
		}
	}
	for _, s := range d.Added {
		fmt.Fprintf(table, "  + outside\t%s\t\tthe documents given are not all that the principal has\n", safe(s))
	}
	for _, s := range d.Implied {
		fmt.Fprintf(table, "  + implied\t%s\t\t\n", safe(s))
	}
	table.Flush()
	for _, u := range d.Unread {
		fmt.Fprintf(w, "  a document could not be read: %s\n", safe(u))
	}
	if d.Denies > 0 {
		fmt.Fprintf(w, "  %d statements that deny were left alone: keep them\n", d.Denies)
	}
}
