package audit

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
)

// Bounds of what the terminal lists; the other forms have all of it.
const (
	maxRows     = 1000 // projects in the table
	maxDetailed = 50   // projects with their findings, attack paths, gaps, findings of no project
)

// colours of severities and verdicts, by SGR number.
var colours = map[string]string{"critical": "31;1", "high": "31", "medium": "33", "ANYONE": "31;1", "READERS": "31", "UNKNOWN": "33"}

// table is a terminal. Errors of writing show when it is flushed, so the lines in between need not
// look at them.
type table struct {
	*bufio.Writer
	color bool
}

// paint colours text as word deserves; only what the table itself says is ever painted.
func (t table) paint(word, text string) string {
	if c := colours[word]; t.color && c != "" {
		return "\x1b[" + c + "m" + text + "\x1b[0m"
	}
	return text
}

// writeTable writes the audit for a terminal: the sums, what could not be looked at, a line for each
// project, the ways to more rights, then the findings, worst first.
func writeTable(w io.Writer, r *pipeline.Report, o Options) error {
	t := table{bufio.NewWriter(w), o.Color}
	fmt.Fprintf(t, "%s: %s\n", count(r.Summary.Projects, "project"), counts(r.Summary.Verdicts, []string{"ANYONE", "READERS", "UNKNOWN", "WRITERS", "APPROVED", "IDS", "NONE"}))
	fmt.Fprintf(t, "findings: %s; %s undecided\n", counts(r.Summary.Severities, backwards(evidence.Severities)), count(r.Summary.Undecided, "question"))
	for _, p := range r.Unknown {
		fmt.Fprintf(t, "%s  region %s of account %s: %s\n", t.paint("UNKNOWN", "UNKNOWN"), text(p.Region), cmp.Or(text(p.Account), "?"), text(p.Why))
	}
	if len(r.Projects) > 0 {
		fmt.Fprintln(t)
		t.rows(r)
	}
	if len(r.Paths) > 0 {
		fmt.Fprintf(t, "\nATTACK PATHS\n")
	}
	for i, p := range r.Paths {
		if i == maxDetailed {
			fmt.Fprintf(t, "  and %d more; --format json has all\n", len(r.Paths)-i)
			break
		}
		fmt.Fprintf(t, "  %s  %s\n", t.paint(p.Severity, p.Severity), text(strings.Join(p.Steps, " → ")))
	}
	t.details(r)
	t.loose(r)
	for i, g := range r.Gaps {
		if i == 0 {
			fmt.Fprintf(t, "\nNOT READ: what stands there is unknown\n")
		}
		if i == maxDetailed {
			fmt.Fprintf(t, "  and %d more\n", len(r.Gaps)-i)
			break
		}
		fmt.Fprintf(t, "  %s: %s\n", text(cmp.Or(g.At, strings.TrimSpace(g.Account+" "+g.Region+" "+g.What))), text(g.Why))
	}
	return t.Flush()
}

// rows is one line for each project, in the order of the report, up to maxRows.
func (t table) rows(r *pipeline.Report) {
	tw := tabwriter.NewWriter(t, 2, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "VERDICT\tPROJECT\tREGION\tWITNESS\tWORST\tRUNG")
	for i, p := range r.Projects {
		if i == maxRows {
			fmt.Fprintf(tw, "and %d more\t\t\t\t\t\n", len(r.Projects)-i)
			break
		}
		worst := "-"
		if len(p.Findings) > 0 {
			worst = p.Findings[0].Severity
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Verdict, text(p.Name), cmp.Or(text(p.Region), "-"), cmp.Or(text(p.Witness), "-"), worst, text(p.Rung))
	}
	tw.Flush()
}
