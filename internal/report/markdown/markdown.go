// Package markdown renders the whole report as Markdown, for tickets, wikis and pull requests.
// Unlike the text for terminals it leaves nothing out.
//
// markdown.go has the order of the sections and the tables; the other files hold sections
// as a reader meets them (findings, inventory, lists, plan, closing, basis), and escape.go
// what stands between evidence and markup. Package outline decides what is told in which
// order, as for all renderings; here it is only set.
package markdown

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// Write renders r to w, in GitHub's dialect: CommonMark and tables, no HTML.
// The document is made in memory and written in one piece.
func Write(w io.Writer, r *report.Report) error {
	d := &document{Outline: outline.New(r)}
	for _, section := range []func(){
		d.verdict, d.scope, d.findings, d.timeline, d.lineage, d.persistence, d.impact, d.recovery, d.indicators, d.resources,
		d.origins, d.supplied, d.alerts, d.benign, d.hypotheses, d.containment, d.closing, d.limits, d.questions, d.claims, d.attribution, d.method,
	} {
		section()
	}
	if _, err := w.Write(d.Bytes()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// document is the report beside the Markdown written so far. Whatever a section writes of the
// report goes through esc, sentence, code, codes, strong or block; the formats hold our own words.
// Strings of the outline are inert already: what is left to neutralise is Markdown's syntax.
type document struct {
	*outline.Outline
	bytes.Buffer
}

func (d *document) p(format string, args ...any) { fmt.Fprintf(d, format, args...) }

func (d *document) heading(title string) { d.p("\n## %s\n\n", title) }

// table writes rows whose cells went through esc or code; an empty table is not written.
// The row of dashes is what makes it a table for GitHub; it wants as many cells as the head,
// and every row is given as many by its section.
func (d *document) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	d.p("| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for _, row := range rows {
		d.p("| %s |\n", strings.Join(row, " | "))
	}
}

// rows builds a table's rows from a list.
func rows[T any](list []T, row func(T) []string) [][]string {
	var out [][]string
	for _, v := range list {
		out = append(out, row(v))
	}
	return out
}

// verdict is the title and what must suffice if nothing else is read.
func (d *document) verdict() {
	v := d.Verdict
	title := d.Case.Title
	if title == "" {
		title = d.Case.ID
	}
	d.p("# %s\n\n", strings.TrimSpace("Report: "+esc(title)))
	severity := v.Severity
	if p := outline.Priority(severity); p != "" {
		severity += " (" + p + ")"
	}
	d.p("%s · severity %s · confidence %s\n\n", strong(strings.ToUpper(outline.Words(v.Status))), strong(severity), strong(v.Confidence))
	d.p("> %s", sentence(v.Headline))
	if len(v.Claims) > 0 {
		d.p(" (%s)", codes(v.Claims))
	}
	d.p("\n\n")
	if a := d.Activity(); a.Events > 0 {
		d.p("- **When:** %s → %s UTC (%s), %s, %s failed\n", esc(outline.Time(a.First)), esc(outline.Time(a.Last)),
			esc(outline.Between(a.First, a.Last)), outline.Count(a.Events, "act"), outline.Number(int64(a.Failed)))
	}
	if n := d.Networks(); len(n) > 0 {
		d.p("- **From:** %s\n", codes(n))
	}
	open := d.StillOpen()
	if off := d.Blind(); len(off) > 0 {
		open = append(open, "detection or logging off: "+codes(off))
	}
	if len(open) == 0 {
		open = []string{d.NothingOpen()}
	}
	d.p("- **Still open:** %s\n", strings.Join(open, ", "))
	// Of an incident the claims behind the verdict, of anything else what it leaves open: one
	// of the two lists is empty.
	for _, c := range d.Account() {
		d.p("- %s (%s)\n", sentence(c.Text), code(c.ID))
	}
	for _, u := range d.Undecided() {
		why := ""
		if u.Because != "" {
			why = " Open because: " + esc(u.Because) + "."
		}
		d.p("- **Undecided:** %s (%s)%s\n", sentence(u.Claim.Text), code(u.Claim.ID), why)
	}
	if d.Case.Text != "" {
		d.p("- **Asked** (%s): %s\n", code(d.Case.Kind), esc(d.Case.Text))
	}
}

// scope says what was looked at, from where, and who takes part.
func (d *document) scope() {
	d.heading("Scope")
	w := d.Scope.Window
	d.p("- **Window:** %s → %s UTC; %s\n", esc(outline.Time(w.From)), esc(outline.Time(w.To)), esc(w.Basis))
	d.p("- **Accounts:** %s\n", codes(d.Scope.Accounts))
	for _, s := range d.Scope.Seeds {
		d.p("- **Seed:** %s %s, from %s\n", esc(outline.Words(s.Kind)), code(s.Value), esc(s.From))
	}
	d.p("\n")
	var out [][]string
	for _, p := range d.Principals {
		out = append(out, []string{code(p.ARN), code(p.UniqueID), esc(p.RoleInCase), codes(p.Claims)})
	}
	d.table([]string{"Principal", "Unique id", "Part in the case", "Claims"}, out)
}

// utc shows a time in a cell.
func utc(s string) string { return esc(outline.Time(s)) }
