package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/access"
)

// whatCanCmd answers for one principal. A session is a principal here too: what it may do is cut
// down by policies that stand in the call that made it.
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
			// Classes of privilege are content: what counts as "may read data" is a matter of judgement.
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

// printWhatCan writes what is certain apart from what cannot be told: "allow" is never said of a
// permission that a condition or an unread policy may take away.
func (a *app) printWhatCan(got *access.WhatCan, limit int) {
	a.printf("%s  (%s)\n", got.Principal, got.ID)
	if got.Session != "" {
		a.printf("  session           %s\n", got.Session)
	}
	a.printf("  everything        %s\n", got.Administrator)
	for _, c := range got.Classes {
		// A class is worth a line though nothing of it is certain: what cannot be told is not "no".
		certain, maybe := []string{}, []string{}
		for _, x := range c.Actions {
			name := x.Action
			if !slices.Contains(x.Resources, "*") {
				name += " on " + short(x.Resources, 2)
			}
			// Anything but a plain allow is "cannot tell": what is denied is in no class.
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
		// A statement of NotAction allows nearly everything, and must not look like a short list.
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
