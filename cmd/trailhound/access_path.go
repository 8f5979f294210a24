package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/access"
)

// pathCmd takes a principal or nobody: without one it goes over everybody, which costs as many
// searches.
func (a *app) pathCmd() *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "path --evidence PATH [PRINCIPAL]",
		Short: "Show how a user or role could come to more than it has",
		Long: `Path follows the known ways from one principal to another (content/access/
escalation) for at most six hops, and gives each hop's permissions with the
reason. Ways that the evidence leaves open, a condition, a machine nobody
listed, are marked "cannot tell". Without a principal it says of everybody
whether there is a way to administrator. A path is what could be gone, never
what was.`,
		Example: `  trailhound access path --evidence account.json deploy-bot
  trailhound access path --evidence account.json
  trailhound access path --evidence ./case-17 --at 2026-11-02T14:00:00Z --format json app`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s wants one argument and got %d", c.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			w, done, err := a.accessWorld(c.Context(), &f, args...)
			if err != nil {
				return err
			}
			defer done()
			// The ways are content, so that a new one needs no new program.
			primitives, err := access.LoadPrimitives(overlay(f.content))
			if err != nil {
				return err
			}
			g := access.NewGraph(w, primitives)
			// Of everybody only administrators are asked after: all the ways of all would be a book.
			if len(args) == 0 {
				return a.everybody(w, g, &f)
			}
			p, err := principalOf(w, args[0])
			if err != nil {
				return err
			}
			got := g.From(p)
			if f.as == "json" {
				return a.printJSON(got)
			}
			a.printReach(&got, f.limit)
			return nil
		},
	}
	f.declare(c)
	c.Flags().IntVar(&f.limit, "limit", 20, "show so many paths; 0 for all")
	return c
}

// printReach writes where one principal can get, each way with its hops.
func (a *app) printReach(got *access.Reach, limit int) {
	a.printf("%s  (%s)\n", got.Principal, got.ID)
	a.printf("  administrator: %s\n", got.Administrator)
	// What nobody can see in the evidence stands before the paths: it may hold more of them.
	for _, r := range got.Open {
		a.printf("    not in the evidence: %s  %s\n", r.Text, r.Evidence)
	}
	shown := got.Paths
	if limit > 0 && len(shown) > limit {
		shown = shown[:limit]
	}
	for _, p := range shown {
		a.printf("%s: to %s in %d\n", p.Effect, p.To, len(p.Hops))
		for _, h := range p.Hops {
			a.printHop(&h)
		}
	}
	if n := len(got.Paths) - len(shown); n > 0 {
		a.printf("… and %d more paths (--limit 0 shows all)\n", n)
	}
	if len(got.Paths) == 0 {
		a.printf("  no way further is known\n")
	}
	a.printTaken(got.Assumed, got.Notes)
}

// printHop writes one hop with the permission that each of its needs rests on.
func (a *app) printHop(h *access.Hop) {
	a.printf("  %s %s", h.From, h.Title)
	// Some hops have no target of their own: they change the principal itself.
	if h.Target != "" {
		a.printf(": %s", h.Target)
	}
	a.printf("  [%s]\n", h.Primitive)
	for _, n := range h.Needs {
		on := n.Resource
		if on == "" {
			on = "some resource"
		}
		a.printf("    %s: %s on %s\n", n.Effect, n.Action, on)
		for i, r := range n.Reasons {
			if i < 1 {
				a.printf("      %s  %s\n", r.Text, r.Evidence)
			}
		}
	}
	if h.Caveat != "" {
		a.printf("    note: %s\n", h.Caveat)
	}
	for _, why := range h.Unseen {
		a.printf("    not in the evidence: %s\n", why)
	}
}

// everybody lists the whole account: who is, or can come to be, administrator.
// Each principal is searched on its own, so the time grows with their number. Of each the
// first of its ways to administrator is shown.
func (a *app) everybody(w *access.World, g *access.Graph, f *accessFlags) error {
	all := []access.Reach{}
	for _, p := range w.Principals {
		all = append(all, g.From(p))
	}
	if f.as == "json" {
		return a.printJSON(all)
	}
	// Counted over all, also those of whom nothing is printed.
	counts := map[string]int{}
	for i := range all {
		r := &all[i]
		counts[r.Administrator]++
		if r.Administrator == string(access.Deny) {
			continue
		}
		a.printf("%-11s  %s", r.Administrator, r.Principal)
		if len(r.Open) > 0 && !slices.ContainsFunc(r.Paths, func(p access.Path) bool { return p.Administers() }) {
			a.printf("\n             %s", r.Open[0].Text)
		}
		for _, p := range r.Paths {
			if p.Administers() && p.Effect == r.Administrator {
				for _, h := range p.Hops {
					a.printf("\n             %s", h.Title)
					if h.Target != "" && h.Target != r.Principal {
						a.printf(": %s", h.Target)
					}
				}
				break
			}
		}
		a.printf("\n")
	}
	a.printf("%d principals: %d can be administrator, of %d it cannot be told, of %d no way is known\n",
		len(all), counts[string(access.Allow)], counts[string(access.CannotTell)], counts[string(access.Deny)])
	if len(all) > 0 {
		// Of roles more is assumed than of users, and of accounts not the same: each once.
		var assumed []string
		for i := range all {
			for _, s := range all[i].Assumed {
				if !slices.Contains(assumed, s) {
					assumed = append(assumed, s)
				}
			}
		}
		a.printTaken(assumed, all[0].Notes)
	}
	return nil
}
