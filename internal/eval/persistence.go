package eval

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/report"
)

// persistence looks for each thing left behind, and for phantoms: what is called live
// and nobody made. Of a truth that lists nothing (nil) no phantom can be told.
// One row of the report may match several of the truth, and the reverse: labels split what
// a report joins. What is optional keeps its row from being a phantom, and counts no more.
func (s *Score) persistence(t Truth, r *report.Report) {
	n, required := 0, 0
	matched := map[int]bool{}
	for _, want := range t.Persistence {
		ok := false
		for i, got := range r.Persistence {
			if sameItem(want, Item{Kind: got.Kind, ID: got.ID, Status: got.Status}) {
				ok = true
				matched[i] = true
			}
		}
		if want.Optional {
			continue
		}
		required++
		if ok {
			n++
		} else {
			s.Missed = append(s.Missed, fmt.Sprintf("persistence %s %s %s", want.Kind, want.ID, want.Status))
		}
	}
	s.Persisted = ratio(n, required)
	s.PersistedOf = Found{n, required}
	if t.Persistence == nil {
		return
	}
	for i, got := range r.Persistence {
		if !matched[i] && got.Status == "live" && got.Means != ledger.OpenBefore { // that one is said to be nobody's making
			s.Phantoms = append(s.Phantoms, got.Kind+" "+got.ID)
		}
	}
}

// sameItem compares by the id's last part, since labels name things more
// loosely than reports do, and by status where the label gives one.
// Kinds are not compared. Behind "#" a report names
// a part of the thing: a policy of a role, a statement of a function.
func sameItem(want, got Item) bool {
	if want.Status != "" && want.Status != got.Status && !want.Optional {
		return false
	}
	return got.ID == want.ID || strings.HasSuffix(got.ID, "/"+want.ID) || strings.HasSuffix(got.ID, ":"+want.ID) ||
		strings.HasPrefix(got.ID, want.ID+"#") || strings.Contains(got.ID, "/"+want.ID+"#")
}
