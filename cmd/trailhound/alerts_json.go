package main

import (
	"time"

	"github.com/trailhound/trailhound/internal/detection/sigma"
)

// The JSON of alerts, described in docs/formats/sigma.md. A list
// is never null, so that a program need not ask.
type (
	alertsDoc struct {
		Format  string       `json:"format"`
		Events  int          `json:"events"`
		Rules   int          `json:"rules"`
		Alerts  []alertRow   `json:"alerts"`
		Refused []refusedRow `json:"refused"`
		// Events that no rule could look at, with the ids of the first of them.
		Unread     int      `json:"unread_events"`
		Unreadable []string `json:"unread_event_ids"`
		Dropped    int      `json:"dropped_matches"` // beyond what is kept of one rule
	}
	alertRow struct {
		Time   string   `json:"time"`
		Rule   ruleRow  `json:"rule"`
		Events []string `json:"events"`
		// Events holds the first of them, Total is how many there are.
		Total int      `json:"total_events"`
		Group []string `json:"group,omitempty"`
	}
	ruleRow struct {
		ID             string   `json:"id"`
		Title          string   `json:"title"`
		Level          string   `json:"level"`
		Author         string   `json:"author"`
		License        string   `json:"license"`
		Status         string   `json:"status,omitempty"`
		Techniques     []string `json:"techniques"`
		References     []string `json:"references"`
		FalsePositives []string `json:"falsepositives"`
		Path           string   `json:"path"`
		Line           int      `json:"line"`
	}
	refusedRow struct {
		Path     string `json:"path"`
		Line     int    `json:"line"`
		Title    string `json:"title"`
		Reason   string `json:"reason"`
		OtherLog bool   `json:"other_log"`
	}
)

// alertsJSON writes the document, refused rules and unread events included: without them, silence
// of a rule would look like an answer.
func (a *app) alertsJSON(p *sigma.Pack, res *sigma.Result) error {
	doc := alertsDoc{Format: "trailhound-alerts/1", Events: res.Events, Rules: len(p.Rules), Alerts: []alertRow{}, Refused: []refusedRow{},
		Unread: res.Unread, Unreadable: notNil(res.Unreadable)}
	// A sum does not depend on the order of a map.
	for _, n := range res.Dropped {
		doc.Dropped += n
	}
	for _, al := range res.Alerts {
		r := al.Rule
		doc.Alerts = append(doc.Alerts, alertRow{al.At.UTC().Format(time.RFC3339), ruleRow{r.ID, r.Title, r.Level, r.Author, r.License, r.Status,
			notNil(r.Techniques()), notNil(r.References), notNil(r.FalsePositives), r.Path, r.Line}, notNil(al.Events), al.Total, al.Group})
	}
	for _, r := range p.Refused {
		doc.Refused = append(doc.Refused, refusedRow{r.Path, r.Line, r.Title, r.Reason, r.OtherLog})
	}
	return a.printJSON(doc)
}
