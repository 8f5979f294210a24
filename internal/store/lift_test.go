package store

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Whatever a record holds, reading gives it back byte by byte.
func TestLiftedRecordsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{
			`"eventID":"`, `"requestID":"`, `"eventID":""`, `"requestID":""`, `"`, `,`, "id-1", "req-1", `"eventID":"id-1"`,
			`"requestID":"req-1"`, "D", "ID", "{", "}", `\"`, "\xff", "é", "x",
		})
		e := evidence.Event{
			ID:        rapid.SampledFrom([]string{"id-1", "id-2", ""}).Draw(t, "id"),
			RequestID: rapid.SampledFrom([]string{"req-1", "req-2", ""}).Draw(t, "request"),
			Body:      []byte(strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(t, "body"), "")),
		}
		record, raw := lift(&e, false)
		got := raw
		if raw == nil {
			got = restore(slices.Concat(record[:]...), &e)
		}
		if string(got) != string(e.Body) {
			t.Fatalf("%q became %q, %q and came back as %q", e.Body, record, raw, got)
		}
	})
}

func TestLiftTakesTheIdsOut(t *testing.T) {
	e := evidence.Event{ID: "id-1", RequestID: "req-1", Body: []byte(`{"a":{"eventIDs":"id-1"},"requestID":"req-1","eventID":"id-1","z":1}`)}
	record, raw := lift(&e, true)
	if want := `{"a":{"eventIDs":"id-1"},"requestID":"","eventID":"","z":1}`; string(slices.Concat(record[:]...)) != want || raw != nil {
		t.Errorf("lifted to %s, %s; want %s", record, raw, want)
	}
}
