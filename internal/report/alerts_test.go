package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection/sigma"
	"github.com/trailhound/trailhound/internal/report"
)

// TestAlerts: one row a rule, the intruder's first whatever the level; author and licence travel
// along, and an event that several matches share is counted once.
func TestAlerts(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 3, 1, 10, 0, s, 0, time.UTC) }
	loud := &sigma.Rule{ID: "r1", Title: "Loud", Level: "critical", Path: "a.yml"}
	quiet := &sigma.Rule{ID: "r2", Title: "Quiet", Level: "low", Author: "A. Writer", License: "DRL 1.1", Tags: []string{"attack.t1098.001"}, Path: "b.yml"}
	res := &sigma.Result{Dropped: map[*sigma.Rule]int{quiet: 5}, Alerts: []sigma.Alert{
		{Rule: loud, At: at(0), Events: []string{"o1"}}, {Rule: quiet, At: at(1), Events: []string{"o1"}}, {Rule: quiet, At: at(2), Events: []string{"x"}},
		{Rule: quiet, At: at(3), Events: []string{"i1", "x"}},
	}}
	// i1 has two contents of one id, one of them told apart as the intruder's.
	rows := []attribution.Row{{Event: "o1", Actor: attribution.Owner}, {Event: "i1", Actor: attribution.Intruder}, {Event: "i1", Actor: attribution.Owner}}
	got := report.Alerts(res, rows)
	want := []report.Alert{
		{Rule: "r2", Title: "Quiet", Level: "low", Author: "A. Writer", License: "DRL 1.1", Techniques: []string{"T1098.001"}, Path: "b.yml", Matches: 8,
			Actors: []report.AlertActor{{"intruder", 1}, {"owner", 1}, {"unexamined", 1}}, Events: []string{"event:i1", "event:o1", "event:x"}, First: "2026-03-01T10:00:01Z", Last: "2026-03-01T10:00:03Z"},
		{Rule: "r1", Title: "Loud", Level: "critical", Path: "a.yml", Matches: 1, Actors: []report.AlertActor{{"owner", 1}}, Events: []string{"event:o1"}, First: "2026-03-01T10:00:00Z", Last: "2026-03-01T10:00:00Z"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
