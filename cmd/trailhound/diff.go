package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/diff"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// exitChanged is --fail-on-change: like --fail-on, it is asked for, so it shares that code.
const exitChanged = exitSeverity

// diffCmd compares what two reports say, and not how they came to say it: run time, host and
// order of rows are no change.
func (a *app) diffCmd() *cobra.Command {
	var as string
	var fail bool
	c := &cobra.Command{
		Use:   "diff OLD.json NEW.json",
		Short: "Say what changed between two reports of one case",
		Long: `Diff compares two reports, as when evidence arrives late: what is now known, what
is known better, and what is no longer said. Rows are matched by what they say,
never by their running numbers. It reads no evidence and believes both reports;
trailhound verify checks them.

Exit status: 0 both reports were read, whatever changed; 1 could not run; 2 usage;
10 something changed and --fail-on-change was given.`,
		Example: `  trailhound diff monday.json tuesday.json
  trailhound diff --format json --fail-on-change monday.json tuesday.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("diff wants two reports, the old one and the new one, and got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if as != "text" && as != "json" {
				return withHint(usage("there is no format %q for a diff", as), "choose one of text, json")
			}
			// Standard input can be read once.
			if args[0] == "-" && args[1] == "-" {
				return withHint(usage("only one of the reports can come from standard input"), "save the other to a file")
			}
			before, err := a.readReport(c.Context(), args[0])
			if err != nil {
				return err
			}
			after, err := a.readReport(c.Context(), args[1])
			if err != nil {
				return err
			}
			// Neither report is checked: a diff shows what was said, be it right or wrong.
			d := diff.Reports(before, after)
			write := diff.Text
			if as == "json" {
				write = diff.JSON
			}
			if err := write(a.stdout, d); err != nil {
				return err
			}
			if fail && len(d.Changes) > 0 {
				return codeError(exitChanged)
			}
			return nil
		},
	}
	c.Flags().StringVar(&as, "format", "text", "how to write the changes: text, json")
	c.Flags().BoolVar(&fail, "fail-on-change", false, "exit with 10 if anything changed")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// readReport reads a report from a file, or from standard input where it is named "-".
func (a *app) readReport(ctx context.Context, name string) (*report.Report, error) {
	// Waiting for a report that nobody sends must end with Ctrl-C.
	in := interruptible(ctx, a.stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, hintFor(fmt.Errorf("read the report: %w", err))
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, withHint(fmt.Errorf("%s is a folder, not a report", safe(name)), "give a report written with --format json")
		}
		in = f
	}
	r, err := reportjson.Read(in)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", name, err), "give a report written with --format json")
	}
	return r, nil
}
