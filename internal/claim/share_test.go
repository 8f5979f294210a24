package claim_test

import (
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// TestSharesOfACount: a sentence may say whose part of the counted calls was whose, and how many
// a day that is; both are counted again.
func TestSharesOfACount(t *testing.T) {
	var events []evidence.Event
	w := &claim.World{Actors: map[string]string{}}
	for i := range 10 {
		id := string(rune('a' + i))
		events = append(events, evidence.Event{ID: id, Name: "GetObject", Source: "s3.amazonaws.com", Time: evidence.ParseTime("2026-03-01T10:00:00Z"), Identity: evidence.Identity{AccessKey: "AKIAIOSFODNN7EXAMPLE"}})
		w.Actors[id] = []string{"owner", "intruder", "likely_intruder", "undetermined"}[[]int{0, 0, 0, 0, 0, 0, 1, 2, 2, 3}[i]]
	}
	w.Events = memory.New(events)
	for _, c := range []struct {
		text string
		want string // of the error; "" none
	}{
		{"Of 10 calls with it, 3 were the intruder's and 6 the owner's own, and 1 were undetermined.", ""},
		{"Of 10 calls of s3:GetObject, 6 were the owner’s.", ""},
		{"Of 10 calls of s3:GetObject, 4 were the intruder's.", "4 were"},
		{"Of 10 calls of s3:GetObject, 10 were the owner's.", "10 were"},
		{"Of 10 calls of s3:GetObject, 1 were the responder's.", "1 were"},
		{"There were 10 calls of s3:GetObject, 5 a day.", ""},
		{"There were 10 calls of s3:GetObject, 10 a day.", "10 a"},
	} {
		got := w.Check(t.Context(), claim.Claim{ID: "C1", Text: c.text, Grade: "B", Evidence: []string{"event:a"}, Predicate: claim.Predicate{
			Op: "count", Value: 10, Filter: claim.Filter{"action": "s3:GetObject"}, Window: &claim.Interval{From: "2026-03-01T00:00:00Z", To: "2026-03-03T00:00:00Z"}}})
		if (got == nil) != (c.want == "") || got != nil && !strings.Contains(got.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, got, c.want)
		}
	}
	for _, c := range [][3]int64{{10, 2, 5}, {1, 7, 1}, {0, 7, 0}, {11, 2, 6}} {
		if got := claim.PerDay(c[0], int(c[1])); got != c[2] {
			t.Errorf("%d over %d days is %d a day, want %d", c[0], c[1], got, c[2])
		}
	}
}
