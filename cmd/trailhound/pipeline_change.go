package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/response/aws"
)

// changeFlags are what both verbs that change something share.
type changeFlags struct {
	aws     awsFlags
	journal string // a file that only grows; two runs cannot hold it at once
	// apply sends; yes takes the place of a person who types the project's name.
	apply, yes bool
}

// register declares them. Changing needs --apply and a person, or --apply and --yes: no single
// flag changes anything.
func (f *changeFlags) register(c *cobra.Command) {
	f.aws.register(c)
	c.Flags().StringVar(&f.journal, "journal", "trailhound-journal.jsonl", "the journal: what was changed, by whom, from what to what; it only grows")
	c.Flags().BoolVar(&f.apply, "apply", false, "really change the account; without it nothing is sent")
	c.Flags().BoolVar(&f.yes, "yes", false, "with --apply: do not ask")
	_ = c.MarkFlagFilename("journal", "jsonl")
}

// engine opens the journal and signs in, for a run that somebody can confirm.
func (a *app) engine(ctx context.Context, f *changeFlags) (*aws.Engine, *aws.Client, error) {
	if f.apply && !f.yes && !a.interactive {
		return nil, nil, withHint(usage("nobody is there to confirm"), "add --yes, or run it in a terminal")
	}
	// Who is signed in is written into the journal.
	// Signing in is the same as for reading; whether it may change anything AWS decides.
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

// sleep waits, or ends with the context.
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

// confirmed asks for the project's name: a "y" is typed by habit, a name is not. An
// interruption while it waits is a no.
func (a *app) confirmed(ctx context.Context, in *bufio.Reader, name string) bool {
	fmt.Fprintf(a.stderr, "Type the project's name to take this step, anything else to leave it: ")
	line, err := readLine(ctx, in)
	return err == nil && strings.TrimSpace(line) == name && name != ""
}

// printChange says how a step ended and what is live now.
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

// explainRefusal shows both sides where somebody changed the webhook in between.
func (a *app) explainRefusal(project string, err error) {
	fmt.Fprintf(a.stdout, "%s: not taken: %s\n", safe(project), safe(err.Error()))
	var moved *aws.Moved
	if errors.As(err, &moved) {
		fmt.Fprintf(a.stdout, "  expected %s\n  live     %s\n", safe(string(ladder.Encode(moved.Want))), safe(string(ladder.Encode(moved.Live))))
	}
}
