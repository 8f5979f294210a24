package markdown

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// claims is what everything above rests on, with the predicate by which each was checked,
// and what was struck, so that nobody wonders where a sentence went.
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

// attribution gives every event that was judged, and by what: the longest table, and near
// the end for it.
func (d *document) attribution() {
	if len(d.Attribution) == 0 {
		return
	}
	d.heading("Attribution")
	d.table([]string{"Event", "Actor", "Credential", "Because"}, rows(d.Attribution, func(a attribution.Row) []string {
		// Reasons are joined by pipes in the report; a cell could not hold one.
		return []string{code(a.Event), esc(outline.Words(string(a.Actor))), code(a.Credential), esc(strings.ReplaceAll(a.Because, "|", " · "))}
	}))
}

// method says what was read and asked, by hash and by count, so that another can do it again.
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
