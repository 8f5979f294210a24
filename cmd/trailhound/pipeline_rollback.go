package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/response/aws"
)

// pipelineRollbackCmd is the other verb that can change an account, and only back.
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

// pipelineRollback lists the journal, settles what an interruption left open, or takes one change
// back. Listing needs no account and opens none.
func (a *app) pipelineRollback(ctx context.Context, f *changeFlags, args []string) error {
	if _, err := os.Stat(f.journal); err != nil {
		return withHint(fmt.Errorf("there is no journal %s", f.journal), "give the one that apply wrote with --journal")
	}
	// Reading the journal alone asks AWS for nothing, so that it works where no one can sign in.
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
	// Without a change, --apply settles what an interruption left open, and takes back nothing
	// else.
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
	// What was, what became of it and what is there now are shown whether it is taken back or not.
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
	case !f.yes && !a.confirmed(ctx, bufio.NewReader(a.stdin), c.Project):
		fmt.Fprintf(a.stdout, "%s: left as it is\n", safe(c.Project))
		return nil
	}
	// The engine wants the change named twice, as consent.
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

// listChanges writes the journal, a line a change.
func (a *app) listChanges(j *aws.Journal) {
	table := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	fmt.Fprintln(table, "CHANGE\tPROJECT\tREGION\tSTEP\tAT\tBY\tNOTE")
	for _, c := range j.Changes() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", safe(c.Entry.Change), safe(c.Project), safe(c.Region), c.Step, c.At.Format(time.RFC3339), safe(cmp.Or(c.Actor, "not stated")), safe(c.Note))
	}
	table.Flush()
}
