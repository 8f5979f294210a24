package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/access"
)

// accessFlags are what the verbs of access share.
type accessFlags struct {
	paths []string
	at    string // RFC 3339, "" for the end of the evidence
	as    string // table or json
	// A folder over the built-in classes, ways and managed policies.
	content string
	// Not every verb has every flag: limit and all belong to those that list.
	limit int
	all   bool
}

// declare adds the flags that all of them have.
func (f *accessFlags) declare(c *cobra.Command) {
	fs := c.Flags()
	fs.StringArrayVar(&f.paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	fs.StringVar(&f.at, "at", "", "policies as they were then, RFC 3339 (default: at the end of the evidence)")
	fs.StringVar(&f.as, "format", "table", "table or json")
	fs.StringVar(&f.content, "content", "", "folder of content laid over what is built in")
}

// accessCmd gathers the verbs about what could be done; none of them says what was.
func (a *app) accessCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "access",
		Short: "Say who could do what: effective permissions and the ways to more",
		Long: `Access rebuilds the policies of an account from snapshots (the output of aws iam
get-account-authorization-details) and from the IAM calls of a trail, as they
were at a moment, and decides requests by them in AWS's order. Every answer is
allow, deny, or cannot tell with the reason. It says what could be done, never
what was done.`,
		Example: `  trailhound access what-can --evidence ./case-17 deploy-bot
  trailhound access who-can --evidence ./case-17 s3:GetObject arn:aws:s3:::payroll/2026/march.csv
  trailhound access path --evidence ./case-17 deploy-bot`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.whatCanCmd(), a.whoCanCmd(), a.pathCmd(), a.accessCheckCmd())
	return c
}

// accessWorld reads the evidence and rebuilds the policies of the moment. Calls that
// make sessions, of which there can be millions, are read if one is asked about.
// The function that it returns closes the evidence, and is called before any error is
// returned: whoever gets an error has nothing to close.
func (a *app) accessWorld(ctx context.Context, f *accessFlags, about ...string) (*access.World, func(), error) {
	if f.as != "table" && f.as != "json" {
		return nil, nil, withHint(usage("there is no format %q", f.as), "choose table or json")
	}
	at, err := moment("--at", f.at)
	if err != nil {
		return nil, nil, err
	}
	managed, err := access.LoadManaged(overlay(f.content))
	if err != nil {
		return nil, nil, err
	}
	q, done, err := a.openAnyEvidence(ctx, f.paths)
	if err != nil {
		return nil, nil, err
	}
	h, err := access.Collect(ctx, q, managed)
	if err != nil {
		done()
		return nil, nil, err
	}
	// A session is asked about by its key or its ARN, and only then are its makings read.
	if slices.ContainsFunc(about, func(name string) bool { return strings.HasPrefix(name, "ASIA") || strings.Contains(name, ":sts:") }) {
		if err := h.ReadSessions(ctx, q); err != nil {
			done()
			return nil, nil, err
		}
	}
	if h.Empty() {
		done()
		return nil, nil, withHint(fmt.Errorf("the evidence tells of no principal's policies"),
			"add the output of aws iam get-account-authorization-details, or CloudTrail with the IAM calls that made them")
	}
	// By default the policies as the evidence leaves them, since a snapshot is mostly the last thing
	// that was collected.
	if at.IsZero() {
		at = h.Latest()
	}
	return h.At(at), done, nil
}

// principalOf finds who is meant, and says which names are near if nobody is.
func principalOf(w *access.World, name string) (*access.Principal, error) {
	if p := w.Principal(name); p != nil {
		return p, nil
	}
	var close []string
	for _, p := range w.Principals {
		if strings.Contains(strings.ToLower(p.ARN), strings.ToLower(name)) && len(close) < 3 {
			close = append(close, p.ARN)
		}
	}
	hint := "give the ARN or the name of a user or role"
	if len(close) > 0 {
		hint = "did you mean " + strings.Join(close, " or ") + "?"
	}
	return nil, withHint(fmt.Errorf("there is no user or role %s in the evidence at %s, or several of that name", name, stamped(w.At)), hint)
}

// stamped is a moment in a sentence; the zero time stands for policies that no call changed.
func stamped(t time.Time) string {
	if t.Year() <= 1 {
		return "the moment of the snapshot"
	}
	return t.UTC().Format(time.RFC3339)
}

// printTaken says what every answer above rests on.
func (a *app) printTaken(assumed, notes []string) {
	for _, s := range slices.Concat(assumed, notes) {
		a.printf("taken for granted: %s\n", s)
	}
}
