package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/summary"
)

// summaryCmd needs no case and no rules: it is for the first five minutes.
func (a *app) summaryCmd() *cobra.Command {
	var paths []string
	var l listing
	var limit int
	c := &cobra.Command{
		Use:   "summary --evidence PATH",
		Short: "Say, per principal, what it did, from where, with what, and what was refused",
		Example: `  trailhound summary --evidence ./logs
  trailhound summary --evidence ./case-17 --from 2026-11-01T00:00:00Z --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var q evidence.Query
			if err := l.narrow(&q); err != nil {
				return err
			}
			s, done, err := a.openEvidence(c.Context(), paths)
			if err != nil {
				return err
			}
			defer done()
			rows, leftOut, err := summary.Of(c.Context(), s, q)
			if err != nil {
				return err
			}
			// What is in no row is said even where the output goes to a program.
			if leftOut > 0 {
				fmt.Fprintf(a.stderr, "%d events are of principals beyond the first %d and in no row: narrow the time with --from and --to\n", leftOut, len(rows))
			}
			if l.as == "json" {
				return a.printJSON(rows)
			}
			a.printSummary(rows, limit)
			return nil
		},
	}
	f := c.Flags()
	f.StringArrayVar(&paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	l.flags(c, "table or json")
	f.IntVar(&limit, "limit", 40, "show so many principals; 0 for all")
	return c
}

// printSummary writes principals in the order of the summary.
func (a *app) printSummary(rows []summary.Principal, limit int) {
	shown := rows
	if limit > 0 && len(shown) > limit {
		shown = shown[:limit]
	}
	// Rows come ordered, the busiest first; the order is the summary's to decide.
	for _, p := range shown {
		// Services and callers of other accounts have no ARN in some records.
		name := p.ARN
		if name == "" {
			name = p.UniqueID
		}
		fmt.Fprintf(a.stdout, "%s  (%s, %s)\n", safe(name), safe(p.UniqueID), safe(p.Type))
		fmt.Fprintf(a.stdout, "  %d events, %d writes, %d failed, %s credentials, %s to %s\n", p.Events, p.Writes, p.Denied, credentials(p.Credentials), p.First, p.Last)
		for _, l := range []struct {
			what string
			list []string
		}{{"networks", p.Networks}, {"tools", p.Agents}, {"regions", p.Regions}, {"services", p.Services}, {"refused", p.TopDenied}} {
			if len(l.list) > 0 {
				fmt.Fprintf(a.stdout, "  %-9s %s\n", l.what, safe(short(l.list, 8)))
			}
		}
	}
	if n := len(rows) - len(shown); n > 0 {
		fmt.Fprintf(a.stdout, "… and %d more principals (--limit 0 shows all)\n", n)
	}
}

// credentials is the number, which a count that was stopped does not claim to be all.
func credentials(n int) string {
	if n >= summary.MaxCredentials {
		return fmt.Sprintf("%d or more", n)
	}
	return strconv.Itoa(n)
}

// short is the first n of a list, and how many more there are.
func short(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:n], ", ") + fmt.Sprintf(" and %d more", len(list)-n)
}
