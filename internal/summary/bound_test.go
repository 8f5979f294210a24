package summary

import (
	"fmt"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// TestPrincipalsBeyondTheBound: what finds no place is counted and not dropped in silence;
// who has a place keeps being counted.
func TestPrincipalsBeyondTheBound(t *testing.T) {
	var events []evidence.Event
	for i := range 10 {
		e := evidence.Event{ID: fmt.Sprint(i), Time: time.Unix(int64(i), 0).UTC(), Name: "GetUser", Source: "iam.amazonaws.com"}
		e.Identity.Type, e.Identity.PrincipalID = "IAMUser", fmt.Sprintf("AIDAEXAMPLE%d", i%5)
		events = append(events, e)
	}
	for _, c := range []struct{ most, rows, leftOut int }{{5, 5, 0}, {3, 3, 4}, {0, 0, 10}} {
		rows, leftOut, err := of(t.Context(), memory.New(events), evidence.Query{}, c.most)
		if err != nil || len(rows) != c.rows || leftOut != c.leftOut {
			t.Errorf("at most %d: %d principals, %d events left out (%v)", c.most, len(rows), leftOut, err)
		}
		for _, r := range rows {
			if r.Events != 2 {
				t.Errorf("%s has %d events", r.UniqueID, r.Events)
			}
		}
	}
}
