package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/response/aws"
)

// pipelineApplyCmd is one of the two verbs that can change an account. It takes no step but one
// that a plan holds, so that what is changed was read by somebody before.
func (a *app) pipelineApplyCmd() *cobra.Command {
	var f changeFlags
	c := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Make the step of a plan, read it back, and take it back if it is not what was asked for",
		Long: `Apply makes the steps of a plan that pipeline plan wrote. Without --apply it only
says what it would do, against the webhooks as they are now. With it, it asks for
the name of each project, or goes ahead with --yes.

A step is made only if the webhook still is what the plan saw. It is journalled
before and after, read back, and taken back by itself if what is read is not what
was asked for. Projects that infrastructure-as-code owns are refused. Whatever was
interrupted is settled first, by the journal and what is live.`,
		Example: `  trailhound pipeline apply plan.json
  trailhound pipeline apply plan.json --apply
  trailhound pipeline apply plan.json --apply --yes --profile change-role --journal ./changes.jsonl`,
		Args: one("the plan"),
		RunE: func(c *cobra.Command, args []string) error { return a.pipelineApply(c.Context(), &f, args[0]) },
	}
	f.register(c)
	return c
}

// pipelineApply takes the plans one by one. A step that fails ends nothing but itself: the others
// are of other projects.
func (a *app) pipelineApply(ctx context.Context, f *changeFlags, file string) error {
	doc, err := readPlans(file)
	if err != nil {
		return err
	}
	// The journal is opened even where nothing is sent: one that cannot be written must show
	// before a step is wanted.
	e, client, err := a.engine(ctx, f)
	if err != nil {
		return err
	}
	defer e.Journal.Close()
	// One reader for all questions: a second would lose what the first has buffered.
	in, failed := bufio.NewReader(a.stdin), 0
	for i := range doc.Plans {
		p := &doc.Plans[i]
		if p.Refused != "" {
			fmt.Fprintf(a.stdout, "%s: no step: %s\n", safe(p.Project), safe(p.Refused))
			continue
		}
		printPlan(a.stdout, p)
		if !f.apply {
			failed += a.wouldApply(ctx, client, p)
			continue
		}
		if !f.yes && !a.confirmed(ctx, in, p.Project) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			fmt.Fprintf(a.stdout, "%s: left as it is\n", safe(p.Project))
			continue
		}
		// The id of the plan is the consent to it: the engine compares the two.
		c, err := e.Apply(ctx, p, p.ID)
		if err != nil {
			a.explainRefusal(p.Project, err)
			failed++
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue
		}
		a.printChange(&c)
		if c.Step != aws.Verified {
			failed++
		}
	}
	if failed > 0 {
		return withHint(fmt.Errorf("%d of %d steps were not taken or did not hold", failed, len(doc.Plans)), "the lines above say why; the journal says what is live")
	}
	if !f.apply {
		fmt.Fprintln(a.stderr, "nothing was changed; add --apply to take these steps")
	}
	return nil
}

// wouldApply holds a plan against what is live, and returns 1 if it could not be
// applied.
func (a *app) wouldApply(ctx context.Context, client *aws.Client, p *ladder.Plan) int {
	live, err := client.Webhook(ctx, p.Region, p.Project)
	switch {
	case err != nil:
		fmt.Fprintf(a.stdout, "  now           it could not be read: %s\n", safe(err.Error()))
		// A plan is known by a hash of itself: an edited one is not what anybody approved.
	case !p.Genuine():
		fmt.Fprintln(a.stdout, "  now           the plan was edited after it was made and would be refused")
	case p.Managed != "" || live.Managed != "":
		fmt.Fprintln(a.stdout, "  now           infrastructure-as-code owns it: the step would be refused")
	case live.State.Hash() != p.BeforeHash:
		fmt.Fprintln(a.stdout, "  now           somebody changed it since the plan: the step would be refused; plan again")
	default:
		fmt.Fprintln(a.stdout, "  now           as the plan saw it: the step can be taken")
		return 0
	}
	return 1
}

// readPlans reads what pipeline plan wrote. Whether a plan was edited since is found out by the
// engine, plan by plan.
func readPlans(file string) (*plansDoc, error) {
	data, err := readDocument(file)
	if err != nil {
		return nil, hintFor(fmt.Errorf("read the plan: %w", err))
	}
	var doc plansDoc
	if err := json.Unmarshal(data, &doc); err != nil || doc.Format != ladder.Format {
		return nil, withHint(fmt.Errorf("%s is no plan", file), "write one with trailhound pipeline plan --format json --output "+file)
	}
	return &doc, nil
}
