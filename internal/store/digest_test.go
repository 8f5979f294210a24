package store

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// counted derives a digest that tells which events it was made of, and counts
// how often it was asked to.
func counted(times *int) func(iter.Seq2[evidence.Event, error]) ([]byte, error) {
	var mu sync.Mutex
	return func(events iter.Seq2[evidence.Event, error]) ([]byte, error) {
		mu.Lock()
		*times++
		mu.Unlock()
		var b strings.Builder
		for e, err := range events {
			if err != nil {
				return nil, err
			}
			fmt.Fprintln(&b, e.ID)
		}
		return []byte(b.String()), nil
	}
}

func digests(t *testing.T, s *Store, times *int) string {
	t.Helper()
	var b strings.Builder
	for data, err := range s.Digests(context.Background(), "test-1", counted(times)) {
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	return b.String()
}

func eventIDs(t *testing.T, s *Store) string {
	t.Helper()
	var b strings.Builder
	for e, err := range s.Events(context.Background(), evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, e.ID)
	}
	return b.String()
}

func TestDigestsAreKept(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, err := Create(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.limits.partRows = 300 // several files a day
	load := func(n int) {
		t.Helper()
		if _, err := s.importFrom(ctx, endless(n), nil, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	load(2000)
	times := 0
	want := eventIDs(t, s)
	if got := digests(t, s, &times); got != want {
		t.Error("the slices do not hold every event once, in order")
	}
	files := len(s.state().Events)
	if times != files || files < 2 {
		t.Errorf("derived %d times for %d files", times, files)
	}
	if times = 0; digests(t, s, &times) != want || times != 0 {
		t.Errorf("derived %d times although everything was kept", times)
	}

	found, err := filepath.Glob(filepath.Join(dir, "digests", "v2", "test-1", "day=*", "part-*.zst"))
	if err != nil || len(found) != files {
		t.Fatalf("%d digests for %d files, %v", len(found), files, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{"cut": data[:len(data)/2], "flipped": flipped(data), "empty": {}, "another's": must(os.ReadFile(found[1]))} {
		if err := os.WriteFile(found[0], damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if times = 0; digests(t, s, &times) != want || times != 1 {
			t.Errorf("%s: derived %d times, one digest was damaged", name, times)
		}
	}

	load(4000) // the days change: what was kept of their old files must go
	if times = 0; digests(t, s, &times) != eventIDs(t, s) {
		t.Error("after an import the slices do not hold every event once")
	}
	if times == 0 {
		t.Error("new files, and no new digest")
	}
	load(4000)
	found, _ = filepath.Glob(filepath.Join(dir, "digests", "v2", "*", "day=*", "*"))
	live := len(s.state().Events)
	if len(found) != live {
		t.Errorf("%d digests are left for %d files", len(found), live)
	}
}

func flipped(data []byte) []byte {
	out := slices.Clone(data)
	out[len(out)/2] ^= 0x40
	return out
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// TestBriefEventsSayTheRest: a brief query leaves out what it says it does, and
// nothing else.
func TestBriefEventsSayTheRest(t *testing.T) {
	ctx := context.Background()
	s := benchless(t, 3000)
	var whole []evidence.Event
	for e, err := range s.Events(ctx, evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, e)
	}
	i := 0
	for e, err := range s.Events(ctx, evidence.Query{Brief: true}) {
		if err != nil {
			t.Fatal(err)
		}
		want := whole[i]
		if e.RequestID == "" && e.Ref != (evidence.Ref{}) {
			t.Fatalf("event %d is half brief: %+v", i, e)
		}
		want.Ref, want.RequestID, want.RawName, want.Resources = e.Ref, e.RequestID, e.RawName, e.Resources
		if fmt.Sprintf("%+v", e) != fmt.Sprintf("%+v", want) {
			t.Fatalf("event %d is %+v, want %+v", i, e, want)
		}
		i++
	}
	if i != len(whole) {
		t.Errorf("%d brief events, %d whole ones", i, len(whole))
	}
}

func benchless(t *testing.T, n int) *Store {
	t.Helper()
	s, err := Create(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.importFrom(context.Background(), endless(n), nil, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}
