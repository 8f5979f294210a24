package store

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestReadsFilesOfEarlierReleases: earlier releases had the library write settled files,
// with larger pages and bounds of more columns. Such a store answers as before, and takes
// more evidence.
func TestReadsFilesOfEarlierReleases(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t)
		cut := rapid.IntRange(1, len(files)).Draw(t, "before")
		s := scratch(t, base)
		s.limits = tiny
		load := func(files []file) {
			if _, err := s.importFrom(context.Background(), reader(files, 1), nil, ImportOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		ask := func(files []file) {
			q := drawQuery(t)
			sameEvents(t, "question", gather(t, oracle(files), q), gather(t, s, q))
			sameEvents(t, "all", gather(t, oracle(files), evidence.Query{Body: true}), gather(t, s, evidence.Query{Body: true}))
		}
		s.limits.accountRows = 0 // earlier releases divided no day
		load(files[:cut])
		s.limits = tiny
		if err := s.asEarlier(); err != nil {
			t.Fatal(err)
		}
		ask(files[:cut])
		load(files[cut:])
		ask(files)
	})
}

// asEarlier writes the settled files of events anew as earlier releases did.
func (s *Store) asEarlier() error {
	man := s.state().next()
	man.Partition = ""
	var placed []string
	for i, f := range man.Events {
		name := s.abs(f.Path)
		rows, err := parquet.ReadFile[row](name)
		if err != nil {
			return err
		}
		w, err := newRowWriter[row](s, rowPartShape, earlierOptions())
		if err != nil {
			return err
		}
		w.entry = fileEntry{Rows: f.Rows, From: f.From, To: f.To} // nothing was said of lossy rows
		for _, r := range rows {
			w.rows = append(w.rows, r)
			if err := w.took(int64(len(r.Record))); err != nil {
				return err
			}
		}
		st, err := w.finish()
		if err != nil {
			return err
		}
		g, err := s.place(st, partPath(dayIn(f.Path), "", st.hash()))
		if err != nil {
			return err
		}
		if g.Path == f.Path {
			return errors.New("the library wrote the same file")
		}
		if err := os.Remove(name); err != nil {
			return err
		}
		man.Events[i], placed = g, append(placed, g.Path)
	}
	return s.commit(man, placed)
}

func earlierOptions() []parquet.WriterOption {
	var filters []parquet.BloomFilterColumn
	for _, path := range bloomColumns {
		filters = append(filters, parquet.SplitBlockFilter(10, path...))
	}
	opts := append(eventOptions(), parquet.PageBufferSize(rowPartShape.page), parquet.DataPageStatistics(false), parquet.BloomFilters(filters...))
	for _, c := range []string{"record", "record_raw", "error_message", "user_agent", "fingerprint", "request_id"} {
		opts = append(opts, parquet.SkipPageBounds(c))
	}
	return opts
}
