package html

import (
	"encoding/json"
	"html/template"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// view is what the template sees.
type view struct {
	*outline.Outline

	CSP     string
	CSS     template.CSS
	JS      template.JS
	Graph   graph
	Matrix  matrix
	Chart   chart
	Records []record
	Capped  int // cited events whose record is left out because of the caps
	Given   bool

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

// number gives the first row with an id its place; ids of a report from elsewhere may repeat.
func number(places map[string]int, id string, i int) {
	if places[id] == 0 {
		places[id] = i + 1
	}
}

// link is a piece of text and the anchor it leads to, if any. Anchors are made of our own
// numbers, never of evidence.
type link struct {
	Text   string
	Place  int  // position from 1, 0 if there is none
	Capped bool // an event whose record is left out because of the caps
}

// Event links an event id to its embedded record.
func (v *view) Event(id string) link {
	n := v.places[id]
	return link{Text: id, Place: max(n, 0), Capped: n < 0}
}

// Refs links typed references.
func (v *view) Refs(refs []string) []link {
	var out []link
	for _, ref := range refs {
		if id, ok := outline.EventID(ref); ok {
			out = append(out, v.Event(id))
		} else {
			out = append(out, link{Text: ref})
		}
	}
	return out
}

// Events links event ids.
func (v *view) Events(ids []string) []link {
	var out []link
	for _, id := range ids {
		out = append(out, v.Event(id))
	}
	return out
}

// ClaimLink, FindingLink, CredentialLink and LimitLink lead to rows of their sections.
func (v *view) ClaimLink(id string) link      { return link{Text: id, Place: v.claims[id]} }
func (v *view) FindingLink(id string) link    { return link{Text: id, Place: v.finds[id]} }
func (v *view) CredentialLink(id string) link { return link{Text: id, Place: v.creds[id]} }
func (v *view) LimitLink(id string) link      { return link{Text: id, Place: v.limits[id]} }

// Priority is P1 to P4.
func (v *view) Priority() string { return outline.Priority(v.Verdict.Severity) }

// Live is the persistence that would let the intruder back in.
func (v *view) Live() []ledger.Persistence { live, _ := v.Open(); return live }

// Active are the credentials the intruder held that still work.
func (v *view) Active() []lineage.Credential { _, active := v.Open(); return active }

// OpenCount is how many ways back there are.
func (v *view) OpenCount() int {
	live, active := v.Open()
	return len(live) + len(active)
}

// Counts of a phase for the course of events.
type phaseCount struct {
	Name         string
	First, Last  string
	Done, Failed int
}

// Course is the intruder's way through the phases, in order of first act.
func (v *view) Course() []phaseCount {
	var out []phaseCount
	for _, e := range v.Timeline {
		if !outline.Hostile(e.Actor) {
			continue
		}
		i := 0
		for i < len(out) && out[i].Name != e.Phase {
			i++
		}
		if i == len(out) {
			out = append(out, phaseCount{Name: e.Phase, First: e.At})
		}
		out[i].Last = e.At
		if e.Outcome == "failure" {
			out[i].Failed++
		} else {
			out[i].Done++
		}
	}
	return out
}

// day is the timeline of one day.
type day struct {
	Date    string
	Entries []investigation.Entry
}

// Days is the timeline by day, up to maxRows.
func (v *view) Days() []day {
	var out []day
	for _, e := range v.Timeline[:min(len(v.Timeline), maxRows)] {
		date, _, _ := strings.Cut(outline.Time(e.At), " ")
		if len(out) == 0 || out[len(out)-1].Date != date {
			out = append(out, day{Date: date})
		}
		d := &out[len(out)-1]
		d.Entries = append(d.Entries, e)
	}
	return out
}

// Actors and PhaseNames are the choices of the timeline's filters.
func (v *view) Actors() []string {
	return distinct(v.Timeline, func(e investigation.Entry) string { return e.Actor })
}

// PhaseNames are the phases of the timeline, in their usual order.
func (v *view) PhaseNames() []string {
	var out []string
	for _, p := range v.Phases() {
		out = append(out, p.Name)
	}
	return out
}

func distinct[T any](list []T, key func(T) string) []string {
	var out []string
	seen := map[string]bool{}
	for _, v := range list {
		if k := key(v); !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// HiddenRows is how many entries of the timeline the cap leaves out; HiddenAttribution is the
// same for attribution.
func (v *view) HiddenRows() int        { return max(0, len(v.Timeline)-maxRows) }
func (v *view) HiddenAttribution() int { return max(0, len(v.Attribution)-maxRows) }

// AttributionRows is the attribution up to maxRows.
func (v *view) AttributionRows() []attribution.Row {
	return v.Attribution[:min(maxRows, len(v.Attribution))]
}

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

// Predicate shows a predicate as JSON.
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
