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

// TestValuesBeyondTheBound: a hostile log with a new key and a new name in each call costs
// bounded memory, and every call is counted.
func TestValuesBeyondTheBound(t *testing.T) {
	const calls = 3 * maxDenied
	events := make([]evidence.Event, 0, calls)
	for i := range calls {
		e := evidence.Event{ID: fmt.Sprint(i), Time: time.Unix(int64(i), 0).UTC(), Name: fmt.Sprintf("Get%06d", i), Source: "iam.amazonaws.com", ErrorCode: "AccessDenied"}
		if i%3 == 0 {
			e.Name = "GetMost"
		}
		e.Identity.Type, e.Identity.PrincipalID, e.Identity.AccessKey = "IAMUser", "AIDAEXAMPLE", fmt.Sprintf("AKIA%016d", i)
		events = append(events, e)
	}
	rows, _, err := Of(t.Context(), memory.New(events), evidence.Query{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d principals (%v)", len(rows), err)
	}
	if r := rows[0]; r.Events != calls || r.Denied != calls || r.Credentials != MaxCredentials || r.TopDenied[0] != "iam:GetMost" {
		t.Errorf("%d events, %d denied, %d credentials, most refused %q", r.Events, r.Denied, r.Credentials, r.TopDenied[0])
	}
}
