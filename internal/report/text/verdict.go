package text

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/report/outline"
)

// verdict is the box that must suffice if nothing else is read.
func (d *document) verdict() {
	v := d.Verdict
	border := severityStyle(v.Severity)
	if v.Status == "no_incident" {
		border = green
	}
	severity := v.Severity
	if p := outline.Priority(v.Severity); p != "" {
		severity += " (" + p + ")"
	}
	paras := [][]span{
		{s(strings.ToUpper(outline.Words(v.Status)), border), s("  ·  severity "), s(severity, border), s("  ·  confidence "), s(v.Confidence, bold)},
		{s(v.Headline, bold)}, nil,
	}
	add := func(word string, spans ...span) { paras = append(paras, append([]span{label(word)}, spans...)) }
	for i, c := range d.Seeds() {
		if i == 3 {
			add("", s(fmt.Sprintf("… and %d more", len(d.Seeds())-i)))
			break
		}
		add([]string{"Credential", "", ""}[i], s(c.ID, bold), s(" "+outline.Words(c.Kind)+" of "+outline.Short(c.Principal)+", now "+c.State))
	}
	if a := d.Activity(); a.Events > 0 {
		when := outline.Time(a.First) + " → " + outline.Time(a.Last) + " UTC"
		if b := outline.Between(a.First, a.Last); b != "" {
			when += " (" + b + ")"
		}
		add("When", s(fmt.Sprintf("%s, %s, %s failed", when, outline.Count(a.Events, "act"), outline.Number(int64(a.Failed)))))
	}
	if n := d.Networks(); len(n) > 0 {
		add("From", s(list(n, 5)))
	}
	open := d.StillOpen()
	if off := d.Blind(); len(off) > 0 {
		open = append(open, "detection or logging off: "+list(off, 3))
	}
	switch {
	case len(open) > 0:
		add("Still open", s(strings.Join(open, ", "), alarm))
	// With no incident, nothing being open goes without saying.
	case v.Status != "no_incident":
		add("Still open", s(d.NothingOpen()))
	}
	w := d.Scope.Window
	add("Evidence", s(fmt.Sprintf("%s → %s UTC, %s, %s", outline.Time(w.From), outline.Time(w.To),
		outline.Count(len(d.Scope.Accounts), "account"), outline.Count(len(d.Limits), "limit"))))
	d.box(border, paras)
	if t := strings.Join(strings.Fields(d.Case.Text), " "); t != "" {
		d.para("  Asked: ", "         ", s(t, faint))
		if w := d.Scope.Window; w.Basis != "" {
			// Whoever wrote "last night" must see which night was searched.
			d.para("  Read:  ", "         ", s(outline.Words(d.Case.Kind)+"; "+w.Basis, faint))
		}
	}
}

// list joins the first n items.
func list(items []string, n int) string {
	if len(items) > n {
		return strings.Join(items[:n], ", ") + fmt.Sprintf(" … and %d more", len(items)-n)
	}
	return strings.Join(items, ", ")
}
