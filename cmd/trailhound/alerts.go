package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/detection/sigma"
	"github.com/trailhound/trailhound/internal/evidence"
)

// alertsCmd runs rules of the user's own outside of a case. It has no verdict and no exit code for
// a match: whether one matters is for an investigation.
func (a *app) alertsCmd() *cobra.Command {
	var paths []string
	var rules string
	var l listing
	var limit int
	c := &cobra.Command{
		Use:   "alerts --evidence PATH --sigma DIR",
		Short: "Run Sigma rules of your own and list what they match, with each rule's author",
		Long: `Run Sigma rules over the evidence. What a rule matches is an alert, the opinion of
the rule's author about an event, and no finding: nobody has asked who did it.
The Detection Rule License asks that whoever passes a match on names the author.`,
		Example: `  trailhound alerts --evidence ./logs --sigma ./sigma/rules/cloud/aws
  trailhound alerts --evidence ./case-17 --sigma ./our-rules/sigma --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			// Rules match fields of the record itself, so it has to be read whole.
			q := evidence.Query{Body: true}
			if err := l.narrow(&q); err != nil {
				return err
			}
			if rules == "" {
				return withHint(usage("no rules were given"), "add --sigma DIR: a folder of Sigma rules")
			}
			// Rules before evidence: a folder that holds none is told of at once.
			pack, err := loadSigma(rules)
			if err != nil {
				return err
			}
			a.sigmaRefused(pack)
			s, done, err := a.openEvidence(c.Context(), paths)
			if err != nil {
				return err
			}
			defer done()
			res, err := pack.Run(c.Context(), s.Events(c.Context(), q))
			if err != nil {
				return err
			}
			// What the rules could not read is told whatever the format: it is on standard error.
			a.sigmaGaps(res)
			if l.as == "json" {
				return a.alertsJSON(pack, res)
			}
			return a.alertsTable(pack, res, limit)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	f.StringVar(&rules, "sigma", "", "folder of Sigma rules; placeholders.yml in it gives the values of placeholders")
	l.flags(c, "table or json")
	f.IntVar(&limit, "limit", 1000, "table: stop after so many; 0 for all")
	return c
}

// alertsTable writes a line a match, with author and licence, and beside the table, on standard
// error, what an alert is.
func (a *app) alertsTable(p *sigma.Pack, res *sigma.Result, limit int) error {
	// Silence has a number: of how many rules, over how many events.
	if len(res.Alerts) == 0 {
		fmt.Fprintf(a.stderr, "none of the %d rules matches any of the %d events\n", len(p.Rules), res.Events)
		return nil
	}
	table := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tLEVEL\tRULE\tID\tAUTHOR\tLICENCE\tEVENTS")
	for i, al := range res.Alerts {
		if limit > 0 && i == limit {
			fmt.Fprintf(a.stderr, "stopped at --limit %d; there are %d\n", limit, len(res.Alerts))
			break
		}
		// Three are enough to look one up; the JSON has all that the rule keeps.
		events := strings.Join(al.Events[:min(len(al.Events), 3)], ", ")
		if al.Total > 3 {
			events += fmt.Sprintf(" and %d more", al.Total-3)
		}
		r := al.Rule
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", al.At.UTC().Format(time.RFC3339), cmp.Or(r.Level, "-"), safe(r.Title), safe(cmp.Or(r.ID, "-")),
			safe(cmp.Or(r.Author, "not stated")), safe(cmp.Or(r.License, "not stated")), safe(events))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%d alerts of %d rules over %d events; an alert is what a rule's author thinks of an event, not a finding\n", len(res.Alerts), len(p.Rules), res.Events)
	return nil
}
