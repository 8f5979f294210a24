package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live/github"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// planFlags are what pipeline plan was asked.
type planFlags struct {
	live     livePipelines
	projects []string // none is all
	// Where to: a rung of the ladder, 0 for the next one, and what it lets in. More than one
	// rung at once is a leap that only force takes.
	target ladder.Target
	rung   int
	force  bool
	// What the step is held against: so many recent builds of the account, and files of
	// webhook deliveries.
	builds     int
	deliveries []string
	as, output string
}

// pipelinePlanCmd draws the next step and changes nothing; its JSON is what apply takes.
func (a *app) pipelinePlanCmd() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan [PATH...] [--aws]",
		Short: "Plan the next step that closes a webhook: who could start a build before and after, and what would no longer have run",
		Long: `Plan draws, for each project, the next step of the ladder: pushes only, then named
branches, then listed contributors or approval by comment. It says who could start
a build before and after, which of the builds and deliveries it was given would no
longer have run, and the edit with its inverse, as a command and as templates.

It changes nothing. Keep the plan with --format json --output, read it, and hand
it to pipeline apply.`,
		Example: `  trailhound pipeline plan projects.json
  trailhound pipeline plan --aws --regions eu-west-1 --project web --builds 50
  trailhound pipeline plan --aws --project web --format json --output plan.json
  trailhound pipeline plan projects.json --rung 3 --contributors 1234567,2345678 --force`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return a.pipelinePlan(c, &f, args) },
	}
	f.live.register(c)
	fl := c.Flags()
	fl.StringSliceVar(&f.projects, "project", nil, "only projects of this name; may be repeated")
	fl.IntVar(&f.rung, "rung", 0, "1 pushes only, 2 named branches, 3 contributors or approval (default: the next one)")
	fl.StringSliceVar(&f.target.Branches, "branches", nil, "rung 2: the branches, as patterns (default main,develop,release/.*)")
	fl.StringSliceVar(&f.target.Contributors, "contributors", nil, "rung 3: account ids at the provider whose pull requests build; with --github also logins")
	fl.BoolVar(&f.target.Approval, "approval", false, "rung 3: pull requests build after a comment of somebody who may write")
	fl.BoolVar(&f.force, "force", false, "take more than one rung at once")
	fl.IntVar(&f.builds, "builds", 20, "with --aws: hold the step against so many recent builds of each project")
	fl.StringArrayVar(&f.deliveries, "deliveries", nil, "webhook deliveries as GitHub's API gives them, with payload; may be repeated")
	fl.IntVar(&f.live.github.deliveries, "github-deliveries", 20, "with --github: hold the step against so many recent deliveries of each webhook")
	fl.StringVar(&f.as, "format", "text", "text or json")
	fl.StringVar(&f.output, "output", "", "write to this file instead of to standard output")
	return c
}

// plansDoc is a document of plans; see docs/formats/pipeline-plan.md.
type plansDoc struct {
	Format string        `json:"format"`
	Made   time.Time     `json:"made"`
	Plans  []ladder.Plan `json:"plans"`
	Gaps   []model.Gap   `json:"gaps"`
}

// pipelinePlan makes a plan for each project. One that has no step is part of the document too,
// with the reason: silence about a project would look like safety.
func (a *app) pipelinePlan(c *cobra.Command, f *planFlags, paths []string) error {
	if f.as != "text" && f.as != "json" {
		return withHint(usage("there is no format %q", f.as), "choose text or json")
	}
	if f.rung < 0 || f.rung > 3 {
		return withHint(usage("there is no rung %d", f.rung), "choose 1, 2 or 3")
	}
	f.target.Rung = ladder.Rung(f.rung)
	// Deliveries of files and those that GitHub tells of are held against the step alike.
	var hooks []ladder.Delivery
	files, err := readFiles(f.deliveries)
	if err != nil {
		return err
	}
	for i, data := range files {
		list, err := ladder.ReadDeliveries(data)
		if err != nil {
			return withHint(fmt.Errorf("%s: %w", f.deliveries[i], err), "give answers of GET /repos/{owner}/{repo}/hooks/{id}/deliveries/{id}, one or a list of them")
		}
		hooks = append(hooks, list...)
	}
	res, err := a.pipelineInventory(c.Context(), &f.live, paths, f.projects, f.builds)
	if err != nil {
		return err
	}
	hooks = append(hooks, f.live.told...)
	if err := f.people(c.Context()); err != nil {
		return err
	}
	doc := plansDoc{Format: ladder.Format, Made: a.now().UTC(), Plans: []ladder.Plan{}, Gaps: append([]model.Gap{}, res.Inventory.Gaps...)}
	// Of a repository that nothing is declared of the worst is taken: anybody may fork it.
	for _, p := range named(res.Inventory.Projects, f.projects) {
		repo, _ := res.Settings.For(p.Source.Location.V, res.Inventory.Forks)
		doc.Plans = append(doc.Plans, ladder.Make(p, ladder.Options{Target: f.target, Repo: repo, Force: f.force, Builds: res.Inventory.Builds, Hooks: hooks}))
	}
	// Sorted, in whatever order files and regions were read.
	slices.SortStableFunc(doc.Plans, func(a, b ladder.Plan) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), strings.Compare(a.Project, b.Project))
	})
	// With a gap it is no mistake that there is no project: it may be behind the gap.
	if len(doc.Plans) == 0 && len(doc.Gaps) == 0 {
		return withHint(fmt.Errorf("no project was found"), "give the output of aws codebuild batch-get-projects, a template, or --aws")
	}
	var out bytes.Buffer
	if f.as == "json" {
		// Not made inert: patterns are applied as they stand, and JSON escapes what a terminal would act upon.
		if err := encodePlain(&out, doc); err != nil {
			return err
		}
	} else {
		printPlans(&out, &doc)
	}
	if err := a.deliver(f.output, out.Bytes()); err != nil {
		return err
	}
	if len(doc.Gaps) > 0 {
		return codeError(exitIncomplete)
	}
	return nil
}

// people turns logins into account ids, if GitHub may be asked.
// Logins are resolved once, here: a login can be given to somebody else later, an id cannot.
func (f *planFlags) people(ctx context.Context) error {
	if !f.live.github.on || len(f.target.Contributors) == 0 {
		return nil
	}
	c, err := f.live.github.client()
	if err != nil {
		return err
	}
	ids, err := github.IDs(ctx, c, f.target.Contributors)
	if err != nil {
		return withHint(err, "list people, by login or id")
	}
	f.target.Contributors = ids
	return nil
}

// deliver writes to standard output, or a file that appears whole or not at all.
func (a *app) deliver(file string, data []byte) error {
	if file == "" {
		_, err := a.stdout.Write(data)
		return err
	}
	err := writeWhole(file, func(w io.Writer) error { _, err := w.Write(data); return err })
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "wrote %s\n", safe(file))
	return nil
}
