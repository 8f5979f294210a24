package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/access"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// accessFlags are what the verbs of access share.
type accessFlags struct {
	paths   []string
	at      string
	as      string
	content string
	limit   int
	all     bool
}

func (f *accessFlags) declare(c *cobra.Command) {
	fs := c.Flags()
	fs.StringArrayVar(&f.paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	fs.StringVar(&f.at, "at", "", "policies as they were then, RFC 3339 (default: at the end of the evidence)")
	fs.StringVar(&f.as, "format", "table", "table or json")
	fs.StringVar(&f.content, "content", "", "folder of content laid over what is built in")
}

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
	if at.IsZero() {
		at = h.Latest()
	}
	return h.At(at), done, nil
}

// principalOf finds who is meant.
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

func stamped(t time.Time) string {
	if t.Year() <= 1 {
		return "the moment of the snapshot"
	}
	return t.UTC().Format(time.RFC3339)
}

// printJSON writes v; strings of the evidence come out inert.
func (a *app) printJSON(v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n", reportjson.Inert(data))
	return err
}

func (a *app) whatCanCmd() *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "what-can --evidence PATH PRINCIPAL",
		Short: "Say what a user or role may do: by class of privilege, and statement by statement",
		Long: `What-can says what a user or role may do, by class of privilege and statement by
statement. A session, named by its key (ASIA…) or its ARN, may do what its role
may as far as the session policies allow that were passed when it was made, and
carries its session tags; both are in the call that made it.`,
		Example: `  trailhound access what-can --evidence account.json deploy-bot
  trailhound access what-can --evidence ./case-17 --at 2026-11-02T14:00:00Z --format json arn:aws:iam::111122223333:role/app
  trailhound access what-can --evidence ./case-17 ASIAEXAMPLEEXAMPLE00`,
		Args: one("the user, role or session"),
		RunE: func(c *cobra.Command, args []string) error {
			w, done, err := a.accessWorld(c.Context(), &f, args[0])
			if err != nil {
				return err
			}
			defer done()
			p, err := principalOf(w, args[0])
			if err != nil {
				return err
			}
			classes, err := access.LoadClasses(overlay(f.content))
			if err != nil {
				return err
			}
			got := w.WhatCan(p, classes)
			if f.as == "json" {
				return a.printJSON(got)
			}
			a.printWhatCan(&got, f.limit)
			return nil
		},
	}
	f.declare(c)
	c.Flags().IntVar(&f.limit, "limit", 20, "show so many statements; 0 for all")
	return c
}

func (a *app) printWhatCan(got *access.WhatCan, limit int) {
	a.printf("%s  (%s)\n", got.Principal, got.ID)
	if got.Session != "" {
		a.printf("  session           %s\n", got.Session)
	}
	a.printf("  everything        %s\n", got.Administrator)
	for _, c := range got.Classes {
		certain, maybe := []string{}, []string{}
		for _, x := range c.Actions {
			name := x.Action
			if !slices.Contains(x.Resources, "*") {
				name += " on " + short(x.Resources, 2)
			}
			if x.Effect == string(access.Allow) {
				certain = append(certain, name)
			} else {
				maybe = append(maybe, name)
			}
		}
		a.printf("  %-17s %s\n", c.Class, c.Title)
		if len(certain) > 0 {
			a.printf("      allow         %s\n", short(certain, 6))
		}
		if len(maybe) > 0 {
			a.printf("      cannot tell   %s\n", short(maybe, 6))
		}
	}
	shown := got.Grants
	if limit > 0 && len(shown) > limit {
		shown = shown[:limit]
	}
	for _, g := range shown {
		what := short(g.Actions, 5)
		if len(g.NotActions) > 0 {
			what = "everything but " + short(g.NotActions, 5)
		}
		a.printf("%s: %s on %s\n", g.Effect, what, short(g.Resources, 3))
		a.printf("    %s, %s\n", strings.TrimSpace(g.Policy+" "+g.Sid), g.Evidence)
		for _, cond := range g.Conditions {
			a.printf("    if %s\n", cond)
		}
		for i, r := range g.Reasons {
			if i < 2 {
				a.printf("    %s\n", r.Text)
			}
		}
	}
	if n := len(got.Grants) - len(shown); n > 0 {
		a.printf("… and %d more statements (--limit 0 shows all)\n", n)
	}
	for _, r := range got.Unreadable {
		a.printf("cannot tell: %s\n", r.Text)
	}
	a.printTaken(got.Assumed, got.Notes)
}

func (a *app) whoCanCmd() *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "who-can --evidence PATH ACTION RESOURCE",
		Short: "Say who may do an action on a resource",
		Example: `  trailhound access who-can --evidence account.json iam:PassRole arn:aws:iam::111122223333:role/admin
  trailhound access who-can --evidence ./case-17 sts:AssumeRole arn:aws:iam::111122223333:role/admin
  trailhound access who-can --evidence ./case-17 'kms:*' '*' --all`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%s wants an action and a resource", c.CommandPath())
			}
			if !strings.Contains(args[0], ":") && args[0] != "*" {
				return fmt.Errorf("%q is no action: write it as s3:GetObject", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			w, done, err := a.accessWorld(c.Context(), &f)
			if err != nil {
				return err
			}
			defer done()
			got := w.WhoCan(args[0], args[1])
			if f.as == "json" {
				return a.printJSON(got)
			}
			a.printWhoCan(&got, f.all)
			return nil
		},
	}
	f.declare(c)
	c.Flags().BoolVar(&f.all, "all", false, "list those who are denied too, with the reason")
	return c
}

func (a *app) printWhoCan(got *access.WhoCan, all bool) {
	denied := 0
	for _, r := range got.Who {
		if r.Effect == string(access.Deny) && !all {
			denied++
			continue
		}
		a.printf("%-11s  %s  (%s)\n", r.Effect, r.Principal, r.Kind)
		for i, x := range r.Reasons {
			if i < 2 {
				a.printf("             %s\n", x.Text)
			}
		}
	}
	if denied > 0 {
		a.printf("%d more may not (--all lists them)\n", denied)
	}
	a.printTaken(got.Assumed, got.Notes)
}

// printTaken says what every answer above rests on.
func (a *app) printTaken(assumed, notes []string) {
	for _, s := range slices.Concat(assumed, notes) {
		a.printf("taken for granted: %s\n", s)
	}
}

func (a *app) printf(format string, args ...any) {
	for i, v := range args {
		if s, ok := v.(string); ok {
			args[i] = safe(s)
		}
	}
	fmt.Fprintf(a.stdout, format, args...)
}
