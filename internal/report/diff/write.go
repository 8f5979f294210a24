package diff

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// JSON writes the document, every string true to the reports once decoded and inert in the file.
func JSON(w io.Writer, d *Diff) error { return exchange.WriteJSON(w, d) }

// shown is how many changes of one section Text writes: claims run into hundreds.
const shown = 8

// titles are the headings of Text, in the order of Sections.
var titles = map[string]string{
	"persistence": "Ways back in", "credential": "Credentials", "impact": "Impact", "finding": "Findings",
	"attribution": "Whose acts", "benign": "Judged harmless", "hypothesis": "Harmless explanations", "criterion": "What closes the case", "containment": "Plan", "limit": "What cannot be said", "coverage": "What the evidence covers", "claim": "Claims",
}

// signs mark a line by its kind.
var signs = map[string]string{"added": "+", "withdrawn": "-", "upgraded": "^", "downgraded": "v", "changed": "~"}

// Text writes the changes for people, most important first and shortened.
// A copy is made inert, so that the diff itself still has the strings of the reports.
func Text(w io.Writer, diff *Diff) error {
	d := inert.Copy(diff)
	var b bytes.Buffer
	fmt.Fprintf(&b, "OLD  %s\n", line(d.Old))
	fmt.Fprintf(&b, "NEW  %s\n", line(d.New))
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	if len(d.Changes) == 0 {
		b.WriteString("\nNothing changed.\n")
		return exchange.Out(w, b.Bytes())
	}
	for _, section := range Sections {
		var of []Change
		for _, c := range d.Changes {
			if c.Section == section {
				of = append(of, c)
			}
		}
		if len(of) == 0 {
			continue
		}
		if section == "verdict" {
			fmt.Fprintf(&b, "\n%s\n", of[0].Text)
			if d.Old.Headline != d.New.Headline {
				fmt.Fprintf(&b, "  %s\n", d.New.Headline)
			}
			continue
		}
		fmt.Fprintf(&b, "\n%s: %s\n", titles[section], tally(of))
		for _, c := range of[:min(len(of), shown)] {
			fmt.Fprintf(&b, "  %s %s\n", signs[c.Kind], inert.Clip(c.Text, 240))
		}
		if n := len(of) - shown; n > 0 {
			fmt.Fprintf(&b, "  … %d more: --format json lists them all\n", n)
		}
	}
	b.WriteString("\n+ new  ^ stronger  ~ changed  v weaker  - withdrawn\n")
	return exchange.Out(w, b.Bytes())
}

// line is one report in a line.
func line(s Side) string {
	parts := []string{words(s.Status)}
	if s.From != "" || s.To != "" {
		parts = append(parts, fmt.Sprintf("%s to %s UTC", outline.Time(s.From), outline.Time(s.To)))
	}
	parts = append(parts, outline.Count(s.Records, "record"), outline.Count(s.Events, "event")+" attributed")
	if s.Case != "" {
		parts = append(parts, s.Case)
	}
	return strings.Join(parts, ", ")
}

// tally counts the kinds of one section: "3 added, 1 withdrawn".
func tally(list []Change) string {
	n := map[string]int{}
	for _, c := range list {
		n[c.Kind]++
	}
	var out []string
	for _, k := range kinds {
		if n[k] > 0 {
			out = append(out, fmt.Sprintf("%d %s", n[k], k))
		}
	}
	return strings.Join(out, ", ")
}
