package eval

import (
	"fmt"

	"github.com/trailhound/trailhound/internal/report"
)

// lineage looks for each edge of the truth, in the credentials or in a claim: either
// tells the reader.
// Edges that the truth lacks are not counted against the report: owners' sessions have
// parents, too, and a truth need not list them.
func (s *Score) lineage(t Truth, r *report.Report) {
	found := map[Edge]bool{}
	for _, c := range r.Credentials {
		if c.IssuedBy != nil {
			found[Edge{c.IssuedBy.Credential, c.ID}] = true
		}
	}
	for _, c := range r.Claims {
		if c.Predicate.Op == "lineage" {
			found[Edge{c.Predicate.Parent, c.Predicate.Child}] = true
		}
	}
	n := 0
	for _, e := range t.Lineage {
		if found[e] {
			n++
		} else {
			s.Missed = append(s.Missed, fmt.Sprintf("edge %s > %s", e.Parent, e.Child))
		}
	}
	s.Lineage = ratio(n, len(t.Lineage))
}
