package markdown

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/outline"
)

func (d *document) containment() {
	d.heading("Containment")
	if len(d.Containment) == 0 {
		d.p("No step is proposed.\n")
		return
	}
	d.p("Nothing was executed. Read each step, then run it in this order.\n")
	for _, st := range d.Containment {
		d.p("\n### %d. %s: %s %s\n\n", st.Step, esc(outline.Title(st.Phase)), code(st.Action), code(st.Target))
		if st.Command != "" {
			d.p("%s\n", block("sh", st.Command))
		}
		for _, id := range st.Why {
			if c := d.Claim(id); c != nil {
				d.p("- Why: %s (%s)\n", sentence(c.Text), code(id))
			} else {
				d.p("- Why: %s\n", code(id))
			}
		}
		d.p("- Disruption: %s. %s\n", strong(st.Disruption), esc(st.SideEffects))
		if st.Irreversible {
			d.p("- **Cannot be undone.**\n")
		}
		if st.Undo != "" {
			d.p("\nUndo:\n\n%s", block("sh", st.Undo))
		}
		if st.Verify != "" {
			d.p("\nVerify:\n\n%s", block("sh", st.Verify))
		}
	}
}

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

func (d *document) questions() {
	if len(d.Questions)+len(d.Scope.Assumptions)+len(d.OpenQuestions) == 0 {
		return
	}
	d.heading("Questions and assumptions")
	for _, q := range d.Questions {
		d.p("- %s %s", code(q.ID), esc(q.Text))
		if q.Answer != "" {
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

func (d *document) claims() {
	if len(d.Claims)+len(d.StruckClaims) == 0 {
		return
	}
	d.heading("Claims")
	for _, g := range outline.GradeMeaning {
		d.p("- Grade %s: %s\n", g[0], g[1])
	}
	d.p("\n")
	d.table([]string{"Id", "Claim", "Grade", "Verified", "Predicate", "Evidence"}, rows(d.Claims, func(c claim.Claim) []string {
		return []string{code(c.ID), sentence(c.Text), esc(c.Grade), map[bool]string{true: "yes", false: "**no**"}[c.Verified], code(predicate(c.Predicate)), codes(c.Evidence)}
	}))
	for _, s := range d.StruckClaims {
		d.p("\n- Struck (%s): %s: %s\n", esc(s.By), sentence(s.Text), esc(s.Reason))
	}
}

// predicate shows a predicate as its JSON, which is what a reader can check by hand.
func predicate(p claim.Predicate) string {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Sprintf("(%s: cannot be shown)", p.Op)
	}
	return inert.Text(string(data))
}

func (d *document) attribution() {
	if len(d.Attribution) == 0 {
		return
	}
	d.heading("Attribution")
	d.table([]string{"Event", "Actor", "Credential", "Because"}, rows(d.Attribution, func(a attribution.Row) []string {
		return []string{code(a.Event), esc(outline.Words(string(a.Actor))), code(a.Credential), esc(strings.ReplaceAll(a.Because, "|", " · "))}
	}))
}

func (d *document) method() {
	d.heading("Method")
	d.p("- Engine: %s\n- Content: %s\n", esc(d.Method.Engine), code(d.Method.Content))
	if d.Method.Model != nil {
		d.p("- Language model: %s\n", esc(*d.Method.Model))
	} else {
		d.p("- No language model took part.\n")
	}
	d.p("- Run: %s UTC, %.1f s\n\n", esc(outline.Time(d.Run.StartedAt)), d.Run.Seconds)
	d.table([]string{"Input", "Kind", "Records", "Rejected", "Duplicates", "SHA-256", "Note"}, rows(d.Method.Inputs, func(in report.Input) []string {
		return []string{code(in.Path), esc(in.Kind), fmt.Sprint(in.Records), fmt.Sprint(in.Rejected), fmt.Sprint(in.Duplicates), code(in.SHA256), esc(in.Reason)}
	}))
	d.p("\n")
	d.table([]string{"Query", "Purpose", "Rows"}, rows(d.Method.Queries, func(q report.Query) []string {
		return []string{code(q.ID), esc(q.Purpose), fmt.Sprint(q.Rows)}
	}))
}
