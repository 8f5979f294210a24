package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	a, b := create(t, dir), create(t, dir)
	_, err := a.importFrom(t.Context(), func(ctx context.Context, p []string, k func(string) bool, o ImportOptions, emit func(batch) error) error {
		_, err := b.importFrom(ctx, reader(nil, 1), nil, ImportOptions{})
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "process") {
			t.Errorf("second writer: %v", err)
		}
		if _, err := a.importFrom(ctx, reader(nil, 1), nil, ImportOptions{}); !errors.Is(err, ErrLocked) {
			t.Errorf("second import of one Store: %v", err)
		}
		return nil
	}, nil, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	files := someFiles(2, 20)
	load(t, b, files[:1], 1)
	load(t, a, files[1:], 1) // a must notice what b has written
	sameEvents(t, "both", allOf(t, oracle(files), evidence.Query{}), allOf(t, a, evidence.Query{}))
}

// TestReadersSeeOneState: a reader that opened before an import goes on seeing
// what was there, whatever is replaced under it; iterators left early let go.
func TestReadersSeeOneState(t *testing.T) {
	files := someFiles(20, 30)
	dir := t.TempDir()
	w := create(t, dir)
	w.limits = tiny
	load(t, w, files[:10], 1)
	before := allOf(t, oracle(files[:10]), evidence.Query{Body: true})
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for {
				n := 0
				for _, err := range r.Events(t.Context(), evidence.Query{Body: true}) {
					if err != nil {
						t.Error(err)
						return
					}
					if n++; n == 100 && len(before)%2 == 0 {
						break
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for i := 10; i < 13; i++ {
		load(t, w, files[i:i+1], 1)
	}
	close(stop)
	wg.Wait()
	sameEvents(t, "the old state", before, allOf(t, r, evidence.Query{Body: true}))
	sameEvents(t, "the new state", allOf(t, oracle(files[:13]), evidence.Query{Body: true}), allOf(t, w, evidence.Query{Body: true}))
	r.Close()
	load(t, w, files[:1], 1) // the next write cleans up after the reader
	checkFolder(t, w)
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc/self/fd here")
	}
	return len(entries)
}

func TestBreakReleasesFiles(t *testing.T) {
	s := create(t, t.TempDir())
	s.limits = tiny
	load(t, s, someFiles(10, 30), 1)
	before := openFiles(t)
	for range 20 {
		for _, err := range s.Events(t.Context(), evidence.Query{Body: true}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d files open, %d before", after, before)
	}
	if n := s.reading.Load(); n != 0 {
		t.Errorf("%d iterators counted as open", n)
	}
}

func TestCancelledQuery(t *testing.T) {
	s := create(t, t.TempDir())
	s.limits = tiny
	load(t, s, someFiles(10, 30), 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range s.Events(ctx, evidence.Query{}) {
		n++
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("after %d events the query ended with %v", n, last)
	}
}

// TestDamage flips bytes all over a settled file: every query must end in an
// error that names the file or in the right events, and never in a panic.
func TestDamage(t *testing.T) {
	files := someFiles(3, 40)
	dir := t.TempDir()
	s := create(t, dir)
	s.limits = limits{batch: 1 << 20, runs: 3, fanIn: 3, partRows: 1000, hashes: 1000, volatile: true}
	load(t, s, files, 1)
	want := allOf(t, s, evidence.Query{Body: true})
	name := filepath.Join(dir, filepath.FromSlash(s.state().Events[1].Path))
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	caught := 0
	for at := 0; at < len(whole); at += 1 + len(whole)/400 {
		data := append([]byte(nil), whole...)
		data[at] ^= 0x55
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s.files.forget() // as when opened anew
		if err := readAllOf(s); err != nil {
			caught++
			if !strings.Contains(err.Error(), name) {
				t.Fatalf("byte %d: the error names no file: %v", at, err)
			}
			continue
		}
		sameEvents(t, "damage that does not show", want, allOf(t, s, evidence.Query{Body: true}))
	}
	if caught < 300 {
		t.Errorf("only %d of 400 damages were noticed", caught)
	}
	if err := os.WriteFile(name, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	s.files.forget()
	if err := readAllOf(s); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("a cut file: %v", err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := readAllOf(s); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("a missing file: %v", err)
	}
}

func readAllOf(s *Store) error {
	for _, err := range s.Events(context.Background(), evidence.Query{Body: true}) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestReadOnlyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	s := create(t, dir)
	load(t, s, someFiles(2, 20), 1)
	want := allOf(t, s, evidence.Query{})
	s.Close()
	os.Remove(filepath.Join(dir, readerLock))
	seal := func(mode os.FileMode) {
		if err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				err = os.Chmod(name, mode)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	seal(0o555)
	defer seal(0o755)
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	sameEvents(t, "read-only", want, allOf(t, r, evidence.Query{}))
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere: the refusal cannot be seen")
	}
	_, err = r.importFrom(t.Context(), reader(someFiles(3, 20), 1), nil, ImportOptions{})
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("import into a read-only store: %v", err)
	}
}
