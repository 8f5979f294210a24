package drift

import (
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Standing is who could make a project run code from a moment on, and who made it
// so.
type Standing struct {
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Project string    `json:"project"`
	Verdict string    `json:"verdict"`
	Since   time.Time `json:"since,omitzero"`  // zero: seen now, and no call in the evidence tells since when
	Until   time.Time `json:"until,omitzero"`  // zero: it is so still
	By      string    `json:"by,omitempty"`    // "" for what was approved and for what no call explains
	From    string    `json:"from,omitempty"`  // address
	Event   string    `json:"event,omitempty"` // that made it so
}

// History is the verdicts of every project over time: as approved, and after each
// change that moved one. It answers when something became open, and by whom.
func History(b *Baseline, changes []Change, repo RepoOf) []Standing {
	out := []Standing{}
	last := map[string]int{} // project to its latest standing
	for i := range b.Projects {
		s := &b.Projects[i]
		r := trust.Evaluate(s.project(), repo(s.Facts["source.location"]))
		last[s.key()] = len(out)
		out = append(out, Standing{Account: s.Account, Region: s.Region, Project: s.Name, Verdict: r.Verdict.String(), Since: b.Approved})
	}
	for i := range changes {
		c := &changes[i]
		before, known := last[c.key()]
		// Changes of plain facts have no verdict; they open nothing.
		if c.VerdictAfter == "" || known && out[before].Verdict == c.VerdictAfter {
			continue
		}
		// The time of a change that only a snapshot shows is zero, and so the
		// standing before it has no known end.
		if known {
			out[before].Until = c.At
		}
		last[c.key()] = len(out)
		out = append(out, Standing{Account: c.Account, Region: c.Region, Project: c.Project, Verdict: c.VerdictAfter, Since: c.At, By: c.By, From: c.From, Event: c.Event})
	}
	return out
}
