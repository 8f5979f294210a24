package store

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestTypedQuestions holds hours, first sights and neighbours, asked of a store, to their
// definitions over the plain list of events, with and without a condition.
func TestTypedQuestions(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t)
		s := scratch(t, base)
		s.limits = tiny
		o := ImportOptions{Unsettled: rapid.Bool().Draw(t, "unsettled")}
		if _, err := s.importFrom(context.Background(), reader(files, 1), nil, o); err != nil {
			t.Fatal(err)
		}
		everything := gather(t, oracle(files), evidence.Query{})
		query := evidence.Query{}
		if len(everything) > 0 && rapid.Bool().Draw(t, "narrow") {
			e := rapid.SampledFrom(everything).Draw(t, "by")
			if rapid.Bool().Draw(t, "by time") {
				query.From = e.Time
			} else if e.SourceIP != "" {
				query.IPs = []string{e.SourceIP}
			}
		}
		var list []evidence.Event
		for _, e := range everything {
			if query.Match(&e) {
				list = append(list, e)
			}
		}
		checkHours(t, s, query, list)
		checkFirstSeen(t, s, query, list)
		if len(everything) > 0 {
			checkAround(t, s, query, everything)
		}
	})
}

func checkHours(t *rapid.T, s *Store, query evidence.Query, list []evidence.Event) {
	want := map[time.Time]int{}
	for _, e := range list {
		want[e.Time.Truncate(time.Hour)]++
	}
	got, err := evidence.Hours(context.Background(), s, query)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(got, func(a, b evidence.Hour) int { return a.From.Compare(b.From) }) || len(got) != len(want) {
		t.Fatalf("hours %v, want %v", got, want)
	}
	for _, h := range got {
		if want[h.From] != h.Events {
			t.Fatalf("%v has %d events, want %d", h.From, h.Events, want[h.From])
		}
	}
}

func checkFirstSeen(t *rapid.T, s *Store, query evidence.Query, list []evidence.Event) {
	a, b := rapid.SampledFrom(evidence.Traits).Draw(t, "a"), rapid.SampledFrom(evidence.Traits).Draw(t, "b")
	var want []evidence.Seen
	for _, e := range list {
		if a.Of(&e) == "" || b.Of(&e) == "" {
			continue
		}
		i := slices.IndexFunc(want, func(w evidence.Seen) bool { return w.A == a.Of(&e) && w.B == b.Of(&e) })
		if i < 0 {
			i = len(want)
			want = append(want, evidence.Seen{A: a.Of(&e), B: b.Of(&e), First: e.Time, FirstID: e.ID})
		}
		want[i].Last, want[i].Events = e.Time, want[i].Events+1
	}
	got, err := evidence.FirstSeen(context.Background(), s, query, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("first sights of %s and %s (-want +got):\n%s", a, b, d)
	}
}

func checkAround(t *rapid.T, s *Store, query evidence.Query, everything []evidence.Event) {
	id, n := rapid.SampledFrom(everything).Draw(t, "around").ID, rapid.IntRange(0, 5).Draw(t, "n")
	from := slices.IndexFunc(everything, func(e evidence.Event) bool { return e.ID == id })
	to := from
	var before, after []evidence.Event
	for i, e := range everything { // events of one id may stand apart: all between the first and the last are left out
		if e.ID == id {
			to = i
		}
	}
	for i, e := range everything {
		switch {
		case !query.Match(&e):
		case i < from:
			before = append(before, e)
		case i > to && len(after) < n:
			after = append(after, e)
		}
	}
	want := slices.Clone(before[max(0, len(before)-n):])
	for _, e := range everything {
		if e.ID == id {
			want = append(want, e)
		}
	}
	want = append(want, after...)
	got, err := evidence.Around(context.Background(), s, query, id, n)
	if err != nil {
		t.Fatal(err)
	}
	sameEvents(t, "around "+id, want, got)
}

func TestAroundSaysWhenThereIsNone(t *testing.T) {
	s := create(t, t.TempDir())
	if _, err := evidence.Around(t.Context(), s, evidence.Query{}, "none", 3); err != evidence.ErrNoEvent {
		t.Fatal(err)
	}
}
