package report

import "github.com/trailhound/trailhound/internal/attribution"

// Judged returns the one row that speaks for each event, by event id.
//
// Two copies of an event may differ in content and so be judged apart, each in a row
// of its own. A hostile judgement counts then, the certain one before the likely one:
// whoever reads one row only must not be told that the owner did it. Among equals the
// first row of the report counts, so the answer depends on nothing but the report.
func Judged(rows []attribution.Row) map[string]attribution.Row {
	out := make(map[string]attribution.Row, len(rows))
	for _, r := range rows {
		if have, ok := out[r.Event]; !ok || weight(r.Actor) > weight(have.Actor) {
			out[r.Event] = r
		}
	}
	return out
}

// weight is greater the graver the judgement.
func weight(a attribution.Actor) int {
	switch a {
	case attribution.Intruder:
		return 2
	case attribution.LikelyIntruder:
		return 1
	}
	return 0
}
