package eval

import (
	"strings"

	"github.com/trailhound/trailhound/internal/report"
)

// gaps looks in the limits for each thing that the evidence lacks.
func (s *Score) gaps(t Truth, r *report.Report) {
	for _, g := range t.Gaps {
		s.GapsOf++
		if !named(g, r) {
			s.Unnamed = append(s.Unnamed, strings.TrimSpace(g.Kind+" "+g.Value))
		}
	}
}

// named says whether a limit of the report tells of a gap. Kinds of gaps are the
// simulator's, kinds of limits the report format's.
// The match is by kind, and by value only where a limit of that kind may be about another
// place or day. A limit that is too wide passes: what is scored is that the reader is
// warned, not how narrowly.
func named(g Gap, r *report.Report) bool {
	for _, l := range r.Limits {
		text := l.Text + " " + l.Effect
		if l.Interval != nil {
			text += " " + l.Interval.From + " " + l.Interval.To
		}
		switch g.Kind {
		case "trail_stopped":
			if l.Kind == "logging_stopped" {
				return true
			}
		case "region":
			// The limit lists the regions that are there: all others are named by it.
			if l.Kind == "region_missing" && !strings.Contains(l.Text, g.Value) {
				return true
			}
		// A missing day may be told by several kinds of limit: its date in any of them will do.
		case "day":
			if strings.Contains(text, g.Value) {
				return true
			}
		case "data_events":
			if l.Kind == "no_data_events" {
				return true
			}
		// Without the call that issued it a session has no parent: that is how the report tells.
		case "assume_role":
			if l.Kind == "orphan_session" {
				return true
			}
		// Either it says that habits are unknown, or that the records begin too late to have any.
		case "baseline":
			if strings.Contains(l.Kind, "baseline") || l.Kind == "retention" {
				return true
			}
		}
	}
	return false
}
