package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/response/aws"
)

// changeFlags are what both verbs that change something share.
type changeFlags struct {
	aws        awsFlags
	journal    string
	apply, yes bool
}

func (f *changeFlags) register(c *cobra.Command) {
	f.aws.register(c)
	c.Flags().StringVar(&f.journal, "journal", "trailhound-journal.jsonl", "the journal: what was changed, by whom, from what to what; it only grows")
	c.Flags().BoolVar(&f.apply, "apply", false, "really change the account; without it nothing is sent")
	c.Flags().BoolVar(&f.yes, "yes", false, "with --apply: do not ask")
	_ = c.MarkFlagFilename("journal", "jsonl")
}

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

func (a *app) pipelineRollbackCmd() *cobra.Command {
	var f changeFlags
	c := &cobra.Command{
		Use:   "rollback [CHANGE]",
		Short: "Take a change back to the letter, if nobody changed the webhook since; without CHANGE list the journal",
		Long: `Rollback takes back a change that apply made. It does so only if the webhook still
is what the change made it; otherwise it shows what was there before, what the
change made of it, and what is there now. Without CHANGE it lists the changes of
the journal and, with --apply, settles those that an interruption left open.`,
		Example: `  trailhound pipeline rollback
  trailhound pipeline rollback 0f3a61c2d4e5b697-1 --apply`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.pipelineRollback(c.Context(), &f, args) },
	}
	f.register(c)
	return c
}

// engine opens the journal and signs in, for a run that somebody can confirm.
func (a *app) engine(ctx context.Context, f *changeFlags) (*aws.Engine, *aws.Client, error) {
	if f.apply && !f.yes && !a.interactive {
		return nil, nil, withHint(usage("nobody is there to confirm"), "add --yes, or run it in a terminal")
	}
	l := livePipelines{awsFlags: f.aws}
	cfg, _, _, caller, err := l.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	j, err := aws.OpenJournal(f.journal, a.now)
	if err != nil {
		return nil, nil, withHint(err, "another run may hold it; a journal that was edited is not gone on with: begin a new one and keep the old")
	}
	if j.Torn > 0 {
		fmt.Fprintf(a.stderr, "the journal has %d lines that were cut off; they are passed over\n", j.Torn)
	}
	client := aws.NewClient(cfg, a.now)
	return &aws.Engine{Account: client, Journal: j, Actor: caller, Sleep: sleep}, client, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *app) pipelineApply(ctx context.Context, f *changeFlags, file string) error {
	doc, err := readPlans(file)
	if err != nil {
		return err
	}
	e, client, err := a.engine(ctx, f)
	if err != nil {
		return err
	}
	defer e.Journal.Close()
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
		if !f.yes && !a.confirmed(in, p.Project) {
			fmt.Fprintf(a.stdout, "%s: left as it is\n", safe(p.Project))
			continue
		}
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

func (a *app) confirmed(in *bufio.Reader, name string) bool {
	fmt.Fprintf(a.stderr, "Type the project's name to take this step, anything else to leave it: ")
	line, err := in.ReadString('\n')
	return (err == nil || errors.Is(err, io.EOF)) && strings.TrimSpace(line) == name && name != ""
}

func (a *app) printChange(c *aws.Change) {
	said := map[aws.Step]string{
		aws.Verified: "done and read back", aws.RolledBack: "as it was before, read back",
		aws.NothingDone: "unchanged, read back", aws.Conflict: "somebody else changed it; it is neither what it was nor what was asked for",
	}[c.Step]
	fmt.Fprintf(a.stdout, "%s: %s (%s, change %s)\n", safe(c.Project), said, c.Step, safe(c.Entry.Change))
	if c.Note != "" {
		fmt.Fprintf(a.stdout, "  %s\n", safe(c.Note))
	}
	if c.Live != nil {
		fmt.Fprintf(a.stdout, "  live: %s\n", safe(string(ladder.Encode(c.Live))))
	}
}

func (a *app) explainRefusal(project string, err error) {
	fmt.Fprintf(a.stdout, "%s: not taken: %s\n", safe(project), safe(err.Error()))
	var moved *aws.Moved
	if errors.As(err, &moved) {
		fmt.Fprintf(a.stdout, "  expected %s\n  live     %s\n", safe(string(ladder.Encode(moved.Want))), safe(string(ladder.Encode(moved.Live))))
	}
}

func (a *app) pipelineRollback(ctx context.Context, f *changeFlags, args []string) error {
	if _, err := os.Stat(f.journal); err != nil {
		return withHint(fmt.Errorf("there is no journal %s", f.journal), "give the one that apply wrote with --journal")
	}
	if len(args) == 0 && !f.apply {
		j, err := aws.OpenJournal(f.journal, a.now)
		if err != nil {
			return err
		}
		defer j.Close()
		a.listChanges(j)
		return nil
	}
	e, client, err := a.engine(ctx, f)
	if err != nil {
		return err
	}
	defer e.Journal.Close()
	if len(args) == 0 {
		ended, err := e.Settle(ctx)
		for i := range ended {
			a.printChange(&ended[i])
		}
		if err == nil && len(ended) == 0 {
			fmt.Fprintln(a.stdout, "nothing was open")
		}
		return err
	}
	c, err := e.Journal.Change(args[0])
	if err != nil {
		return withHint(err, "trailhound pipeline rollback --journal "+f.journal+" lists the changes")
	}
	fmt.Fprintf(a.stdout, "%s: change %s ended as %s\n  was     %s\n  became  %s\n", safe(c.Project), safe(args[0]), c.Step, safe(string(ladder.Encode(c.Before))), safe(string(ladder.Encode(c.After))))
	live, err := client.Webhook(ctx, c.Region, c.Project)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "  live    %s\n", safe(string(ladder.Encode(live.State))))
	switch {
	case !f.apply:
		fmt.Fprintln(a.stderr, "nothing was changed; add --apply to take it back")
		return nil
	case !f.yes && !a.confirmed(bufio.NewReader(a.stdin), c.Project):
		fmt.Fprintf(a.stdout, "%s: left as it is\n", safe(c.Project))
		return nil
	}
	done, err := e.Rollback(ctx, args[0], args[0])
	if err != nil {
		a.explainRefusal(c.Project, err)
		return withHint(errors.New("it was not taken back"), "the lines above say why")
	}
	a.printChange(&done)
	if done.Step != aws.RolledBack {
		return errors.New("it was not taken back")
	}
	return nil
}

func (a *app) listChanges(j *aws.Journal) {
	table := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	fmt.Fprintln(table, "CHANGE\tPROJECT\tREGION\tSTEP\tAT\tBY\tNOTE")
	for _, c := range j.Changes() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", safe(c.Entry.Change), safe(c.Project), safe(c.Region), c.Step, c.At.Format(time.RFC3339), safe(stated(c.Actor, "not stated")), safe(c.Note))
	}
	table.Flush()
}

func readPlans(file string) (*plansDoc, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, hintFor(fmt.Errorf("read the plan: %w", err))
	}
	var doc plansDoc
	if err := json.Unmarshal(data, &doc); err != nil || doc.Format != ladder.Format {
		return nil, withHint(fmt.Errorf("%s is no plan", file), "write one with trailhound pipeline plan --format json --output "+file)
	}
	return &doc, nil
}
