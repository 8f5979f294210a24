package store

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// benchEvents is how many events the benchmarks store; STORE_BENCH_EVENTS
// overrides it, and STORE_BENCH_DIR names a store to ask instead.
func benchEvents() int {
	if n, err := strconv.Atoi(os.Getenv("STORE_BENCH_EVENTS")); err == nil {
		return n
	}
	return 50_000
}

// endless hands n ordinary events over in files of 2,000, without ever holding
// them all, so that what is measured is the store.
func endless(n int) readFunc {
	return func(ctx context.Context, _ []string, _ func(string) bool, _ ImportOptions, emit func(batch) error) error {
		for from := 0; from < n; from += 2000 {
			var events []evidence.Event
			for k := from; k < min(n, from+2000); k++ {
				e := plainEvent(k)
				e.Body = append(e.Body[:len(e.Body)-1], `,"pad":"`+string(make1k(k))+`"}`...)
				events = append(events, e)
			}
			f := newFile("bench/"+strconv.Itoa(from), events)
			if err := emit(batch{Artifact: f.art, Events: f.events, Done: true}); err != nil {
				return err
			}
		}
		return nil
	}
}

// make1k is filler that compresses about as CloudTrail does.
func make1k(k int) []byte {
	out := make([]byte, 0, 600)
	for i := range 20 {
		out = append(out, `requestParameters.field.`...)
		out = strconv.AppendInt(out, int64(k*(i+7)%9973), 36)
	}
	return out
}

func BenchmarkImport(b *testing.B) {
	n := benchEvents()
	b.ReportAllocs()
	for b.Loop() {
		s, err := Create(context.Background(), b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.importFrom(context.Background(), endless(n), nil, ImportOptions{}); err != nil {
			b.Fatal(err)
		}
		var bytes int64
		for _, f := range s.state().Events {
			bytes += f.Bytes
		}
		b.ReportMetric(float64(bytes)/float64(n), "disk-bytes/event")
		s.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
}

func benchStore(b *testing.B) *Store {
	if dir := os.Getenv("STORE_BENCH_DIR"); dir != "" {
		s, err := Open(context.Background(), dir)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { s.Close() })
		return s
	}
	s, err := Create(context.Background(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if _, err := s.importFrom(context.Background(), endless(benchEvents()), nil, ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	return s
}

func benchQuery(b *testing.B, q evidence.Query) { benchQueryOf(b, benchStore(b), q) }

func benchQueryOf(b *testing.B, s *Store, q evidence.Query) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = 0
		for _, err := range s.Events(context.Background(), q) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n), "events")
}

func BenchmarkByCredential(b *testing.B) {
	benchQuery(b, evidence.Query{Credentials: []string{"ASIAEXAMPLEAC"}})
}

// BenchmarkByBusiestKey asks for the events of the long-lived key that is used most: some
// of them lie in every row group, so no bounds and no filter spare any.
func BenchmarkByBusiestKey(b *testing.B) {
	s, longLived := benchStore(b), "ASIA" // ordinary events have no other
	if os.Getenv("STORE_BENCH_DIR") != "" {
		longLived = "AKIA"
	}
	uses, busiest := map[string]int{}, ""
	var id string
	for e, err := range s.Events(context.Background(), evidence.Query{Brief: true}) {
		if err != nil {
			b.Fatal(err)
		}
		key := e.Identity.AccessKey
		if !strings.HasPrefix(key, longLived) {
			continue
		}
		if uses[key]++; uses[key] > uses[busiest] {
			busiest, id = key, e.ID
		}
	}
	b.Run("columns", func(b *testing.B) { benchQueryOf(b, s, evidence.Query{Credentials: []string{busiest}}) })
	b.Run("brief", func(b *testing.B) { benchQueryOf(b, s, evidence.Query{Credentials: []string{busiest}, Brief: true}) })
	b.Run("records", func(b *testing.B) { benchQueryOf(b, s, evidence.Query{Credentials: []string{busiest}, Body: true}) })
	b.Run("record by id", func(b *testing.B) { benchQueryOf(b, s, evidence.Query{IDs: []string{id}, Body: true}) })
}

func BenchmarkByUnknownCredential(b *testing.B) {
	benchQuery(b, evidence.Query{Credentials: []string{"AKIANOWHERE"}})
}

func BenchmarkRecordByID(b *testing.B) {
	e := plainEvent(77)
	benchQuery(b, evidence.Query{IDs: []string{e.ID}, Body: true})
}

func BenchmarkScanColumns(b *testing.B) { benchQuery(b, evidence.Query{}) }
