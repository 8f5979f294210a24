package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/verify"
)

// verifyCmd needs the evidence that the report was made from, or more: what is missing there
// makes claims fail, since nothing can be told of what is not held.
func (a *app) verifyCmd() *cobra.Command {
	var paths []string
	var content string
	c := &cobra.Command{
		Use:   "verify REPORT.json --evidence PATH",
		Short: "Check every claim and citation of a report against the evidence",
		Long: `Verify believes nothing that a report says of itself: it re-runs every claim,
follows every citation and rebuilds the lineage, and prints what does not hold.
The report may come from anywhere, as long as it is in the format
trailhound.report/v1.

Exit status: 0 everything holds; 1 something does not, or it could not run; 2 usage.`,
		Example: `  trailhound verify report.json --evidence ./AWSLogs`,
		Args:    one("the report"),
		RunE: func(c *cobra.Command, args []string) error {
			ctx := c.Context()
			r, err := a.readReport(ctx, args[0])
			if err != nil {
				return err
			}
			// The evidence is read by the clock by which the report was made.
			loc, _, _ := intake.ExportClock(r.Case.Text)
			q, _, done, err := a.openEvidenceBy(ctx, paths, loc)
			if err != nil {
				return err
			}
			defer done()
			// The lineage is built anew from the evidence: that of the report is what is to be checked.
			// When silence is a gap is content: a report is held to what it was made with.
			weights, err := attribution.LoadWeights(overlay(content))
			if err != nil {
				return err
			}
			w, err := investigation.World(ctx, q, weights.Coverage)
			if err != nil {
				return err
			}
			// An error is one of reading; whatever the report says wrong is a problem, and no error.
			problems, stats, err := verify.Report(ctx, r, w)
			if err != nil {
				return err
			}
			for _, p := range problems {
				fmt.Fprintf(a.stdout, "%s: %s\n", safe(p.Where), safe(p.What))
			}
			// Notes do not hold anything against the report, and so do not change the exit code.
			for _, n := range stats.Notes {
				fmt.Fprintf(a.stderr, "note: %s: %s\n", safe(n.Where), safe(n.What))
			}
			fmt.Fprintf(a.stdout, "%d claims checked, %d do not hold; %d citations followed, %d lead nowhere; %d problems in all\n",
				stats.Claims, stats.Failed, stats.Citations, stats.Broken, len(problems))
			if len(problems) > 0 {
				return codeError(exitFailed)
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	c.Flags().StringVar(&content, "content", "", "the folder of content that the report was made with, if any")
	return c
}
