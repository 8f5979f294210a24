package report_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/report"
)

// TestJudged: the gravest row speaks for an event wherever it stands; among equals,
// the first.
func TestJudged(t *testing.T) {
	row := func(event, actor, because string) attribution.Row {
		return attribution.Row{Event: event, Actor: attribution.Actor(actor), Because: because}
	}
	got := report.Judged([]attribution.Row{
		row("a", "owner", "1"), row("a", "likely_intruder", "2"), row("a", "intruder", "3"), row("a", "likely_intruder", "4"),
		row("b", "undetermined", "5"), row("b", "owner", "6"),
		row("c", "intruder", "7"), row("c", "intruder", "8"),
	})
	if got["a"].Because != "3" || got["b"].Because != "5" || got["c"].Because != "7" || len(got) != 3 {
		t.Errorf("got %+v", got)
	}
}

// TestJudgedHostileWins: whatever the order of rows, an event that any row calls
// hostile is hostile.
func TestJudgedHostileWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		actors := rapid.SliceOfN(rapid.SampledFrom([]attribution.Actor{"intruder", "likely_intruder", "undetermined", "owner", "service", "responder", "odd"}), 1, 6).Draw(t, "actors")
		var rows []attribution.Row
		hostile := false
		for _, a := range actors {
			rows = append(rows, attribution.Row{Event: "e", Actor: a})
			hostile = hostile || a.Hostile()
		}
		if got := report.Judged(rows)["e"].Actor; got.Hostile() != hostile {
			t.Fatalf("%v are judged %q", actors, got)
		}
	})
}
