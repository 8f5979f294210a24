package html

import (
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// phaseCount is what the intruder did in one phase.
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
		// There are as many phases as tactics, a dozen or so: a search is no slower
		// than a map, and keeps the order.
		for i < len(out) && out[i].Name != e.Phase {
			i++
		}
		if i == len(out) {
			out = append(out, phaseCount{Name: e.Phase, First: e.At})
		}
		// The timeline is in order of time, so the last entry seen is the latest.
		out[i].Last = e.At
		if e.Outcome == "failure" {
			out[i].Failed++
		} else {
			out[i].Done++
		}
	}
	return out
}

// day is the timeline of one day, UTC.
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

// distinct lists the different keys of a list in order of first appearance.
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
func (v *view) HiddenRows() int { return max(0, len(v.Timeline)-maxRows) }

func (v *view) HiddenAttribution() int { return max(0, len(v.Attribution)-maxRows) }

// AttributionRows is the attribution up to maxRows.
func (v *view) AttributionRows() []attribution.Row {
	return v.Attribution[:min(maxRows, len(v.Attribution))]
}
