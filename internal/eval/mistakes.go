package eval

import (
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// listed bounds what is named of each kind of mistake.
const listed = 10

// mistakes names the events that were judged wrongly, and why the report
// judged them so: what somebody needs who is to mend the judgement.
// Wrong counts all of them; the lists are bounded. An attack event with no row at all is
// overlooked, too, with an empty reason.
func (s *Score) mistakes(t Truth, r *report.Report, events []evidence.Event) {
	attack, neutral, innocent := set(t.Attack), set(t.Neutral), set(t.Innocent)
	s.Quiet = len(t.Attack) == 0
	rows := map[string]attribution.Row{}
	for _, row := range r.Attribution {
		rows[row.Event] = row
	}
	for i := range events {
		e := &events[i]
		row, seen := rows[e.ID]
		line := fmt.Sprintf("%s %s %s key=%s ip=%s: %s because %q", e.ID, e.Source, e.Name, e.Identity.AccessKey, e.SourceIP, row.Actor, row.Because)
		switch {
		case seen && row.Actor.Hostile() && !attack[e.ID] && !neutral[e.ID] && (t.Innocent == nil || innocent[e.ID]):
			s.Wrong++
			if len(s.Blamed) < listed {
				s.Blamed = append(s.Blamed, line)
			}
		case attack[e.ID] && !row.Actor.Hostile() && len(s.Overlooked) < listed:
			s.Overlooked = append(s.Overlooked, line)
		}
	}
}

// Failures are all that went wrong in a case, in words.
// Empty is not perfect: decoys and F1 show in the table, and events beyond the listed ones
// are not named.
func (s Score) Failures() []string {
	out := slices.Clone(s.Missed)
	add := func(what string, list []string) {
		for _, x := range list {
			out = append(out, what+" "+x)
		}
	}
	if !s.StatusOK {
		out = append(out, "verdict "+s.Status)
	}
	add("phantom", s.Phantoms)
	add("gap not named:", s.Unnamed)
	add("step at an innocent:", s.Innocents)
	add("blamed:", s.Blamed)
	add("overlooked:", s.Overlooked)
	return out
}
