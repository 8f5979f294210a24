package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// unlossy makes every event of files a whole record.
func unlossy(files []file) []file {
	out := make([]file, len(files))
	for i, f := range files {
		for j := range f.events {
			f.events[j].Lossy = false
			seal(&f.events[j])
		}
		out[i] = newFile(f.art.URI, f.events)
	}
	return out
}

// TestHastyStoreAnswersAlike: a store that was imported in haste has its events settled
// where one is lossy and not else, and answers everything that a settled one does.
func TestHastyStoreAnswersAlike(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t)
		if rapid.IntRange(0, 3).Draw(t, "whole") > 0 {
			files = unlossy(files)
		}
		var stores [2]*Store
		for i := range stores {
			s := scratch(t, base)
			s.limits = tiny
			s.limits.batch = rapid.Int64Range(1, 100<<10).Draw(t, "batch")
			read := func(ctx context.Context, p []string, k func(string) bool, o ImportOptions, emit func(batch) error) error {
				list, art := observed("snapshot", 9, func(max int) int { return max / 2 })
				err := observing([]observedFile{{art, list}}, 100)(ctx, p, k, o, emit)
				return errors.Join(err, reader(files, 1)(ctx, p, k, o, emit))
			}
			if _, err := s.importFrom(context.Background(), read, nil, ImportOptions{Hasty: i == 1}); err != nil {
				t.Fatal(err)
			}
			stores[i] = s
		}
		settled, hasty := stores[0], stores[1]
		all := gather(t, settled, evidence.Query{})
		lossy := false
		for _, f := range files {
			for _, e := range f.events {
				lossy = lossy || e.Lossy
			}
		}
		// A lossy event that a whole record repeats may be gone before anybody looks: then
		// runs may be left, but never one with a lossy event in it.
		left := len(hasty.man.Runs) > 0
		if left && !hasty.man.whole() || !left && len(all) > 0 && !lossy || len(hasty.man.ObservationRuns)+len(hasty.man.Pending) > 0 {
			t.Fatalf("%d runs are left of %d events, lossy ones among them: %v", len(hasty.man.Runs), len(all), lossy)
		}
		if rapid.Bool().Draw(t, "digests first") {
			checkSlices(t, hasty, all)
		}
		for range 5 {
			q := drawQuery(t)
			sameEvents(t, "query", gather(t, settled, q), gather(t, hasty, q))
		}
		checkSlices(t, hasty, all)
		want, _ := settled.Artifacts(context.Background())
		got, err := hasty.Artifacts(context.Background())
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Fatalf("artifacts (-settled +hasty): %v\n%s", err, d)
		}
		wantIDs, _ := settled.Conflicts(context.Background())
		gotIDs, err := hasty.Conflicts(context.Background())
		if d := cmp.Diff(wantIDs, gotIDs); d != "" || err != nil {
			t.Fatalf("conflicts (-settled +hasty): %v\n%s", err, d)
		}
	})
}

// checkSlices: the slices of a store hold every event once, and follow one another.
func checkSlices(t *rapid.T, s *Store, all []evidence.Event) {
	t.Helper()
	var want, got bytes.Buffer
	list := func(b *bytes.Buffer, events iter.Seq2[evidence.Event, error]) error {
		for e, err := range events {
			if err != nil {
				return err
			}
			fmt.Fprintln(b, e.Time.Unix(), e.ID, e.UserAgent)
		}
		return nil
	}
	for _, e := range all {
		fmt.Fprintln(&want, e.Time.Unix(), e.ID, e.UserAgent)
	}
	for data, err := range s.Digests(context.Background(), "test-1", func(events iter.Seq2[evidence.Event, error]) ([]byte, error) {
		var b bytes.Buffer
		err := list(&b, events)
		return b.Bytes(), err
	}) {
		if err != nil {
			t.Fatal(err)
		}
		got.Write(data)
	}
	if d := cmp.Diff(want.String(), got.String()); d != "" {
		t.Fatalf("slices (-events +slices):\n%s", d)
	}
}

// TestRunsAreCutIntoDays: a state of many days is more than one slice, each of which
// begins with a day; events without a time, or of a far one, are in one too.
func TestRunsAreCutIntoDays(t *testing.T) {
	s := create(t, t.TempDir())
	s.limits = tiny
	var events []evidence.Event
	for k := range 200 {
		e := plainEvent(k)
		e.Time = day0.Add(time.Duration(k) * time.Hour)
		events = append(events, e)
	}
	events[0].Time, events[199].Time = time.Time{}, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	var files []file
	for i := range 10 {
		files = append(files, newFile(fmt.Sprint("f", i), events[i*20:i*20+20]))
	}
	s.limits.batch, s.limits.runs = 1, 256
	if _, err := s.importFrom(t.Context(), reader(files, 1), nil, ImportOptions{Hasty: true}); err != nil {
		t.Fatal(err)
	}
	parts, err := s.cut(s.state())
	if err != nil || len(parts) < 4 {
		t.Fatalf("%d slices of 200 events over 9 days: %v", len(parts), err)
	}
	n := 0
	for i, p := range parts {
		if i > 0 && (!p.From.Equal(parts[i-1].To) || !p.From.Equal(p.From.Truncate(24*time.Hour))) {
			t.Errorf("slice %d is %v to %v, after %v", i, p.From, p.To, parts[i-1].To)
		}
		n += len(allOf(t, s, p))
	}
	if n != 200 || !parts[0].From.IsZero() || !parts[len(parts)-1].To.IsZero() {
		t.Errorf("the slices hold %d events of 200", n)
	}
}

// TestInOrder: results come in order, an error ends it, and nothing runs on.
func TestInOrder(t *testing.T) {
	var running atomic.Int64
	f := func(ctx context.Context, i int) (int, error) {
		running.Add(1)
		defer running.Add(-1)
		time.Sleep(time.Duration(i%3) * time.Millisecond)
		if i == 7 {
			return 0, errors.New("seven")
		}
		return i * i, ctx.Err()
	}
	next := 0
	for v, err := range inOrder(t.Context(), 20, f) {
		if next == 7 {
			if err == nil || err.Error() != "seven" {
				t.Errorf("the seventh: %v", err)
			}
		} else if err != nil || v != next*next {
			t.Errorf("number %d is %d, %v", next, v, err)
		}
		next++
	}
	if next != 8 || running.Load() != 0 {
		t.Errorf("%d results, %d still at work", next, running.Load())
	}
	for range inOrder(t.Context(), 5, f) {
		break
	}
	if running.Load() != 0 {
		t.Error("work goes on after nobody asks")
	}
	for range inOrder(t.Context(), 0, f) {
		t.Error("a result of nothing")
	}
}
