// Package ocsf renders a report as one event of the Open Cybersecurity Schema Framework: Incident
// Finding, class 2005 of version 1.6.0 (https://schema.ocsf.io/1.6.0/classes/incident_finding).
//
// An incident is one event, whatever it holds: findings.go makes its list of findings,
// observables.go what to search for elsewhere, schema.go has the class, and words.go how our
// words map to its enumerations. What a responder needs and the class has no place for goes under
// "unmapped", in the words of our own format.
package ocsf

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/ocsf/event"
)

// Write renders r to w as one event, indented.
func Write(w io.Writer, r *report.Report) error {
	c, err := exchange.New(r)
	if err != nil {
		return err
	}
	made := c.Made()
	// The id follows from the case and the moment judged, as in STIX: written twice, the event
	// is the same one.
	e := incident{
		Base: event.New(2005, "Incident Finding", made), Message: c.Headline(), Desc: c.Headline(),
		StatusID: 1, Status: "New", Suspected: c.Verdict.Status == "incident" || c.Verdict.Status == "suspicious",
		AssigneeGroup: entity{Name: "unassigned"},
		Metadata: metadata{
			Version: event.Version, Product: event.Trailhound(strings.TrimPrefix(c.Method.Engine, "trailhound ")),
			Profiles: []string{"incident"}, UID: exchange.UUID(namespace, c.Case.ID+"\x00"+made.Format(time.RFC3339)), CorrelationUID: c.Case.ID,
			OriginalTime: made.Format(time.RFC3339), LogName: report.Schema, LogProvider: "Trailhound",
		},
		Unmapped: rest(c),
	}
	e.SeverityID, e.Severity = event.Severity(c.Verdict.Severity)
	e.ConfidenceID, e.Confidence = word(c.Verdict.Confidence, confidences)
	e.PriorityID, e.Priority = word(c.Verdict.Severity, priorities)
	e.VerdictID, e.Verdict = word(c.Verdict.Status, verdicts)
	if a := c.Activity(); a.Events > 0 {
		e.StartTime, e.EndTime = millis(a.First), millis(a.Last)
	}
	seen := map[string]bool{}
	for _, f := range c.Findings {
		info := finding(c, f)
		e.FindingInfo = append(e.FindingInfo, info)
		for _, a := range info.Attacks {
			if k := a.key(); !seen[k] {
				seen[k] = true
				e.Attacks = append(e.Attacks, a)
			}
		}
	}
	slices.SortStableFunc(e.Attacks, func(a, b attack) int { return strings.Compare(a.key(), b.key()) })
	if len(e.FindingInfo) == 0 { // the class demands one: the verdict is what was found
		e.FindingInfo = []findingInfo{{UID: "verdict", Title: c.Headline()}}
	}
	e.Observables = observables(c)
	return exchange.WriteJSON(w, e)
}

// namespace of our ids, see exchange.UUID.
const namespace = "0b5f4f4e-6d0c-5f7e-8d51-2f8f6f3c9b10"

// millis is a time of the schema; 0, which is left out, of what is no time of a report.
func millis(s string) int64 {
	t, ok := exchange.Time(s)
	if !ok {
		return 0
	}
	return t.UnixMilli()
}
