// Package diff says what changed between two reports of one case, as happens when evidence
// arrives late: what is now known, what is known better, and what is no longer said. The result
// is data, trailhound.diff/v1, specified in docs/formats/diff.md; Text writes it for people.
//
// Rows are matched by what they say, never by their running numbers: F3 of one report is seldom
// F3 of the next.
//
// match.go pairs the rows of two lists; a file for each section says what makes two rows the
// same and which members count, and words.go which of two words is the stronger. Both
// reports are taken as they are: nothing is checked against evidence here, and a report from
// elsewhere may repeat ids, cite what it lacks and hold any word anywhere.
package diff

import (
	"cmp"
	"slices"

	"github.com/trailhound/trailhound/internal/report"
)

// Schema is the value of Diff.Schema.
const Schema = "trailhound.diff/v1"

// Diff is the whole document. Lists are never null.
// Strings in it are those of the reports, hostile ones too: Text and JSON make them inert.
type Diff struct {
	Schema  string   `json:"schema"`
	Old     Side     `json:"old"`
	New     Side     `json:"new"`
	Notes   []string `json:"notes"`   // why the two may not be comparable
	Changes []Change `json:"changes"` // most important first
}

// Side says which report was compared.
type Side struct {
	Case     string `json:"case"`
	Engine   string `json:"engine"`
	Content  string `json:"content"`
	Status   string `json:"status"`
	Headline string `json:"headline"`
	From     string `json:"from"` // the window investigated
	To       string `json:"to"`
	Records  int    `json:"records"` // read from all inputs
	Events   int    `json:"events"`  // with an attribution
}

// Change is one thing that is not as it was.
type Change struct {
	Section  string   `json:"section"` // one of Sections
	Kind     string   `json:"kind"`    // added | withdrawn | upgraded | downgraded | changed
	ID       string   `json:"id"`      // what it is about: an ARN, a key id, a technique, actors; "" for the verdict
	Text     string   `json:"text"`    // one sentence
	Fields   []Field  `json:"fields"`  // of a changed row: what it said and says
	Old      string   `json:"old_row"` // id of the row in the old report, where rows have one
	New      string   `json:"new_row"`
	Count    int      `json:"count"`    // of attribution: events that moved
	Evidence []string `json:"evidence"` // of the new row, of the old one if it was withdrawn

	weight int // order within a section, least first
}

// Field is a member of a row before and after.
type Field struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Sections in the order in which a responder wants them: the answer, what lets the intruder back
// in, what they hold, what they got, what they did, whose acts these were, what was judged harmless, what
// else it could be, what closes the case, what to do, what cannot be said, what the evidence covers, and
// last the sentences all of it rests on.
var Sections = []string{
	"verdict", "persistence", "credential", "impact", "finding", "attribution", "benign", "hypothesis", "criterion", "containment", "limit", "coverage", "claim",
}

// kinds in order: among equals, what is new is read before what is gone.
var kinds = []string{"added", "upgraded", "changed", "downgraded", "withdrawn"}

// maxEvidence bounds the references of one change; the reports have them all.
const maxEvidence = 20

// Reports compares two reports and changes neither.
func Reports(before, after *report.Report) *Diff {
	d := &Diff{Schema: Schema, Old: side(before), New: side(after), Notes: []string{}, Changes: []Change{}}
	// One of them alike is enough: the same sentence may be asked again under another id, and a
	// case keeps its id when its sentence is corrected.
	if before.Case.ID != after.Case.ID && before.Case.Text != after.Case.Text {
		d.Notes = append(d.Notes, "The reports answer different cases.")
	}
	if d.Old.Content != d.New.Content {
		d.Notes = append(d.Notes, "The reports were made with different rules: some changes may come from those.")
	}
	if d.Old.Engine != d.New.Engine {
		d.Notes = append(d.Notes, "The reports were made by different versions of the program.")
	}
	d.verdict(before, after)
	d.persistence(before.Persistence, after.Persistence)
	d.credentials(before.Credentials, after.Credentials)
	d.impact(before.Impact, after.Impact)
	d.findings(before.Findings, after.Findings)
	d.attribution(before.Attribution, after.Attribution)
	d.benign(before.Benign, after.Benign)
	d.hypotheses(before.Hypotheses, after.Hypotheses)
	d.criteria(before.Playbook.Criteria, after.Playbook.Criteria)
	d.containment(before.Containment, after.Containment)
	d.limits(before.Limits, after.Limits)
	d.coverage(before.Coverage, after.Coverage)
	d.claims(before.Claims, after.Claims)
	// Stable: what is left is the order of the reports.
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Sections, a.Section), slices.Index(Sections, b.Section)),
			cmp.Compare(a.weight, b.weight),
			cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)))
	})
	return d
}

// side sums up one report, so that a reader of the diff need not open it.
func side(r *report.Report) Side {
	s := Side{
		Case: r.Case.ID, Engine: r.Method.Engine, Content: r.Method.Content, Status: r.Verdict.Status, Headline: r.Verdict.Headline,
		From: r.Scope.Window.From, To: r.Scope.Window.To, Events: len(r.Attribution),
	}
	for _, in := range r.Method.Inputs {
		s.Records += in.Records
	}
	return s
}

// add files a change; lists are made bounded and never null.
func (d *Diff) add(c Change) {
	if c.Fields == nil {
		c.Fields = []Field{}
	}
	if c.Evidence == nil {
		c.Evidence = []string{}
	}
	c.Evidence = slices.Clone(c.Evidence[:min(len(c.Evidence), maxEvidence)])
	d.Changes = append(d.Changes, c)
}
