package html

import (
	"encoding/json"
	"html/template"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// view is what the template sees. Everything that takes a decision is made here, in Go, where it
// can be tested; the templates only place it.
type view struct {
	*outline.Outline

	CSP     string
	CSS     template.CSS // ours, and no string of the report's ever has this type
	JS      template.JS  // likewise
	Graph   graph
	Matrix  matrix
	Chart   chart
	Records []record
	Capped  int  // cited events whose record is left out because of the caps
	Given   bool // records were given at all; without them the page says nothing of caps

	places map[string]int // event id to index in Records plus one; -1 if left out by the caps
	claims map[string]int // claim id to position, from 1; so for the others
	finds  map[string]int
	creds  map[string]int
	limits map[string]int
}

func newView(r *report.Report, records map[string][]byte) *view {
	v := &view{
		Outline: outline.New(r), CSP: policy(), CSS: template.CSS(style), JS: template.JS(script), Given: len(records) > 0,
		claims: map[string]int{}, finds: map[string]int{}, creds: map[string]int{}, limits: map[string]int{},
	}
	// The report itself and not the outline: records are keyed by ids that are not inert.
	v.embed(r, records)
	for i, c := range v.Claims {
		number(v.claims, c.ID, i)
	}
	for i, f := range v.Findings {
		number(v.finds, f.ID, i)
	}
	for i, c := range v.Credentials {
		number(v.creds, c.ID, i)
	}
	for i, l := range v.Limits {
		number(v.limits, l.ID, i)
	}
	v.Graph = draw(v.Tree(), v.creds)
	v.Matrix = newMatrix(v.Coverage)
	v.Chart = newChart(v.Timeline)
	return v
}

// Priority is P1 to P4.
func (v *view) Priority() string { return outline.Priority(v.Verdict.Severity) }

// Live is the persistence that would let the intruder back in.
func (v *view) Live() []ledger.Persistence { live, _ := v.Open(); return live }

// OpenWords counts what may let somebody act again; empty if there is nothing.
func (v *view) OpenWords() string { return strings.Join(v.StillOpen(), ", ") }

// DoubtfulMeans heads what nobody is held to have left.
func (v *view) DoubtfulMeans() string { return outline.DoubtfulMeans }

// Active are the credentials the intruder held that still work.
func (v *view) Active() []lineage.Credential { _, active := v.Open(); return active }

// Verified counts the claims that hold.
func (v *view) Verified() int {
	n := 0
	for _, c := range v.Claims {
		if c.Verified {
			n++
		}
	}
	return n
}

// Grades is the legend of grades.
func (v *view) Grades() [][2]string { return outline.GradeMeaning }

// Predicate shows a predicate as JSON, which a reader can check by hand, on one bounded line.
func (v *view) Predicate(p claim.Predicate) string {
	data, err := json.Marshal(p)
	if err != nil {
		return "(cannot be shown)"
	}
	return inert.Text(string(data))
}

// MaxRecords and MaxMiB are the stated caps.
func (v *view) MaxRecords() int { return MaxRecords }
func (v *view) MaxMiB() int     { return MaxRecordBytes >> 20 }

// CriteriaMet sums up what closes the case.
func (v *view) CriteriaMet() string { return outline.CriteriaMet(v.Playbook) }
