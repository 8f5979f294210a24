package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// events draws a few events close in time, so that questions about order and about
// hours have something to decide.
func events(t *rapid.T) []evidence.Event {
	var out []evidence.Event
	for i := range rapid.IntRange(0, 14).Draw(t, "events") {
		out = append(out, evidence.Event{
			ID: fmt.Sprintf("e%02d", i), Fingerprint: fmt.Sprint(i),
			Time:     time.Date(2026, 11, 2, 10, rapid.IntRange(0, 200).Draw(t, "minute"), rapid.IntRange(0, 3).Draw(t, "second"), 0, time.UTC),
			Source:   rapid.SampledFrom([]string{"iam.amazonaws.com", "s3.amazonaws.com"}).Draw(t, "source"),
			Name:     rapid.SampledFrom([]string{"GetObject", "CreateUser"}).Draw(t, "name"),
			SourceIP: rapid.SampledFrom([]string{"", "192.0.2.1", "203.0.113.9"}).Draw(t, "ip"),
		})
	}
	return out
}

// TestAroundIsTheNeighbourhood: n events on either side, no more and no others, as if
// all events had been read.
func TestAroundIsTheNeighbourhood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := events(t)
		if len(all) == 0 {
			return
		}
		q := memory.New(all)
		n := rapid.IntRange(1, 4).Draw(t, "n")
		query := evidence.Query{}
		if rapid.Bool().Draw(t, "narrow") {
			query.Names = []string{"CreateUser"}
		}
		id := rapid.SampledFrom(all).Draw(t, "event").ID
		got, err := evidence.Around(context.Background(), q, query, id, n)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, func(a, b evidence.Event) int { return evidence.Compare(&a, &b) })
		all = slices.DeleteFunc(all, func(e evidence.Event) bool { return e.ID != id && !query.Match(&e) })
		at := slices.IndexFunc(all, func(e evidence.Event) bool { return e.ID == id })
		want := all[max(0, at-n):min(len(all), at+n+1)]
		if !slices.EqualFunc(want, got, func(a, b evidence.Event) bool { return a.ID == b.ID }) {
			t.Fatalf("around %s: %v, want %v", id, ids(got), ids(want))
		}
	})
	if _, err := evidence.Around(context.Background(), memory.New(nil), evidence.Query{}, "none", 1); !errors.Is(err, evidence.ErrNoEvent) {
		t.Errorf("an event that is not there: %v", err)
	}
}

func ids(list []evidence.Event) (out []string) {
	for _, e := range list {
		out = append(out, e.ID)
	}
	return out
}

// TestHoursAndPairsCountEveryEvent: each event is in one hour, and in one pair if it has
// both values; hours stand in order.
func TestHoursAndPairsCountEveryEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := events(t)
		q := memory.New(all)
		hours, err := evidence.Hours(context.Background(), q, evidence.Query{})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, h := range hours {
			sum += h.Events
			if h.Events < 1 || i > 0 && !hours[i-1].From.Before(h.From) || !h.From.Equal(h.From.Truncate(time.Hour)) {
				t.Fatalf("hours %+v", hours)
			}
		}
		pairs, err := evidence.FirstSeen(context.Background(), q, evidence.Query{}, evidence.TraitIP, evidence.TraitName)
		if err != nil {
			t.Fatal(err)
		}
		both, paired := 0, 0
		for _, e := range all {
			if e.SourceIP != "" {
				both++
			}
		}
		for _, p := range pairs {
			paired += p.Events
			for _, e := range all {
				if e.SourceIP == p.A && e.Source+" "+e.Name == p.B && (e.Time.Before(p.First) || e.Time.After(p.Last)) {
					t.Fatalf("%s at %s lies outside of %+v", e.ID, e.Time, p)
				}
			}
		}
		if sum != len(all) || paired != both {
			t.Fatalf("%d of %d events in hours, %d of %d in pairs", sum, len(all), paired, both)
		}
	})
}

// TestDedupe: by content and never by order, once or often.
func TestDedupe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []evidence.Event
		for range rapid.IntRange(0, 8).Draw(t, "events") {
			e := evidence.Event{ID: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"), Name: rapid.SampledFrom([]string{"X", "Y"}).Draw(t, "name"),
				Lossy: rapid.Bool().Draw(t, "lossy"), Ref: evidence.Ref{Artifact: rapid.SampledFrom([]string{"f", "g"}).Draw(t, "file")}}
			e.Fingerprint = e.ID + e.Name // the same record has the same content
			if e.Lossy {
				e.Fingerprint += "~"
			}
			list = append(list, e)
		}
		want, conflicts := evidence.Dedupe(slices.Clone(list))
		mixed := slices.Concat(rapid.Permutation(list).Draw(t, "order"), list)
		got, again := evidence.Dedupe(mixed)
		same := func(a, b evidence.Event) bool { return a.Key() == b.Key() && a.Lossy == b.Lossy && a.Ref == b.Ref }
		if !slices.EqualFunc(want, got, same) || !slices.Equal(conflicts, again) {
			t.Fatalf("order or repetition matters:\n%+v %v\n%+v %v", want, conflicts, got, again)
		}
		for i := range want {
			for j := range want[:i] {
				if want[i].ID == want[j].ID && want[i].Name == want[j].Name {
					t.Fatalf("told twice: %+v", want)
				}
			}
		}
		for _, e := range list { // nothing is lost, and a whole record outlives a lossy one
			if !slices.ContainsFunc(want, func(k evidence.Event) bool { return k.ID == e.ID && k.Name == e.Name && (!k.Lossy || e.Lossy) }) {
				t.Fatalf("%+v is lost: %+v", e, want)
			}
		}
	})
}

// TestMatchIsHalfOpen in time, and joins fields by AND, values by OR.
func TestMatchIsHalfOpen(t *testing.T) {
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	e := &evidence.Event{ID: "e", Time: at, Name: "CreateUser", Identity: evidence.Identity{PrincipalID: "AROAEXAMPLEEXAMPLE01:run", IssuerARN: "arn:aws:iam::1:role/r"}}
	for _, tc := range []struct {
		q    evidence.Query
		want bool
	}{
		{evidence.Query{}, true},
		{evidence.Query{From: at}, true},
		{evidence.Query{To: at}, false},
		{evidence.Query{From: at, To: at.Add(time.Second)}, true},
		{evidence.Query{From: at.Add(time.Second)}, false},
		{evidence.Query{Names: []string{"X", "CreateUser"}}, true},
		{evidence.Query{Names: []string{"CreateUser"}, IDs: []string{"other"}}, false},
		{evidence.Query{Principals: []string{"AROAEXAMPLEEXAMPLE01"}}, true},
		{evidence.Query{Principals: []string{"arn:aws:iam::1:role/r"}}, true},
		{evidence.Query{Credentials: []string{""}}, false}, // what an event lacks selects nothing
		{evidence.Query{Resources: []string{"r"}}, false},
	} {
		if got := tc.q.Match(e); got != tc.want {
			t.Errorf("%+v: %t", tc.q, got)
		}
	}
}
