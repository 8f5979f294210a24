package markdown

import (
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// origins are hearsay of the lists that were given; the title says whose.
func (d *document) origins() {
	if len(d.Origins) == 0 {
		return
	}
	d.heading("Networks, by your lists")
	for _, o := range d.Origins {
		d.p("- %s %s\n", code(o.Network), esc(outline.Origin(o)))
	}
}

// supplied says of every alert that came with the evidence what became of it.
func (d *document) supplied() {
	if len(d.Supplied) == 0 {
		return
	}
	d.heading("Alerts that came with the evidence")
	d.table([]string{"Severity", "Detector", "Type", "What became of it", "Findings", "First (UTC)", "Calls", "Alert"},
		rows(d.Supplied, func(a investigation.SuppliedAlert) []string {
			return []string{esc(a.Severity), esc(a.Product), esc(a.Type), esc(a.Text), codes(a.Findings), utc(a.First), codes(a.Events), code(a.Ref)}
		}))
}

// alerts are opinions of rules' authors, kept apart from findings, with the credit that the
// Detection Rule License asks for.
func (d *document) alerts() {
	if len(d.Alerts) == 0 {
		return
	}
	d.heading("Alerts of your Sigma rules")
	d.p("What the authors of the rules think of an event. None of it is a finding, and nothing in this report rests on it.\n\n")
	d.table([]string{"Level", "Rule", "Matches", "Whose events", "First (UTC)", "Last (UTC)", "ATT&CK", "Events", "Author and licence", "Id"},
		rows(d.Alerts, func(a report.Alert) []string {
			return []string{esc(a.Level), esc(a.Title), outline.Number(int64(a.Matches)), esc(outline.Whose(a)), utc(a.First), utc(a.Last),
				codes(a.Techniques), codes(a.Events), esc(outline.Credit(a)), code(a.Rule)}
		}))
}

// benign is what caught the eye and was explained.
func (d *document) benign() {
	if len(d.Benign) == 0 {
		return
	}
	d.heading("Looked odd, judged benign")
	for _, b := range d.Benign {
		d.p("- %s (%s; %s)\n", esc(b.Text), code(b.Because), codes(b.Events))
	}
}

// questions are what was asked, and what was taken for an answer where none came: the
// report rests on either alike.
func (d *document) questions() {
	if len(d.Questions)+len(d.Scope.Assumptions)+len(d.OpenQuestions) == 0 {
		return
	}
	d.heading("Questions and assumptions")
	for _, q := range d.Questions {
		d.p("- %s %s", code(q.ID), esc(q.Text))
		if q.Status != "defaulted" && q.Answer != "" {
			d.p(" **Answered:** %s", esc(q.Answer))
		} else {
			d.p(" %s: %s (%s)", strong(outline.Title(q.Status)), esc(q.Default), esc(q.Why))
		}
		if len(q.ContradictedBy) > 0 {
			d.p(" **Contradicted by** %s", codes(q.ContradictedBy))
		}
		d.p("\n")
	}
	for _, a := range d.Scope.Assumptions {
		d.p("- Assumed (%s): %s", code(a.ID), esc(a.Text))
		if a.BecauseUnanswered != "" {
			d.p(" Because %s was not answered.", code(a.BecauseUnanswered))
		}
		d.p("\n")
	}
	for _, q := range d.OpenQuestions {
		d.p("- To find out: %s\n", esc(q))
	}
}

// limits is never left out: that a report knows no limit of its own is a statement, too.
func (d *document) limits() {
	d.heading("What we cannot say")
	for _, l := range d.Limits {
		d.p("- %s (%s) %s %s", code(l.ID), esc(outline.Words(l.Kind)), esc(l.Text), strong(l.Effect))
		if l.Interval != nil {
			d.p(" %s → %s UTC", utc(l.Interval.From), utc(l.Interval.To))
		}
		d.p("\n")
	}
	if len(d.Limits) == 0 {
		d.p("No limit was found; what CloudTrail does not record at all stays unseen.\n")
	}
	d.p("\n### Coverage\n\n")
	d.table([]string{"Account", "Region", "Day", "Events", "Classes", "Gaps"}, rows(d.Coverage, func(c investigation.Coverage) []string {
		return []string{code(c.Account), code(c.Region), esc(c.Day), outline.Number(int64(c.Events)), codes(c.Classes), esc(strings.Join(c.Gaps, "; "))}
	}))
}
