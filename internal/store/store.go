package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Store is an open evidence store. It answers from the state in which it was
// opened, or that its own last Import left, whatever others write meanwhile.
// Any number of goroutines may read; Import is for one at a time.
type Store struct {
	dir     string
	readers *os.File // shared lock: the files of our state stay while we have it; nil if it could not be had

	mu    sync.Mutex // guards man and known
	man   *manifest
	known known // of man

	reading atomic.Int64 // open iterators
	files   partFiles

	// For the one writer.
	importing   sync.Mutex
	memory      *writerMemory // while an import is under way
	stagedFiles atomic.Int64
	create      func(name string) (io.WriteCloser, error)
	link        func(from, to string) error
	limits      limits
}

var _ evidence.Querier = (*Store)(nil)

// ErrNotStore is a folder that holds no evidence store.
var ErrNotStore = errors.New("not an evidence store")

// Open opens an existing store for reading and importing.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open evidence store: %s does not exist (trailhound import --store %s PATH makes one)", dir, dir)
	case err != nil:
		return nil, fmt.Errorf("open evidence store: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("open evidence store: %s is a file: %w (a store is a folder)", dir, ErrNotStore)
	}
	s := newStore(dir)
	// The lock first: from then on nobody removes the files of the manifest
	// that we are about to read.
	s.holdFiles()
	s.man, err = loadManifest(dir)
	if err != nil {
		s.Close()
		if errors.Is(err, errNoManifest) {
			if hasParts(dir) {
				return nil, fmt.Errorf("open evidence store: %s has lost its manifest.json (trailhound import --store %s rebuilds it)", dir, dir)
			}
			return nil, fmt.Errorf("open evidence store: %s: %w (no manifest.json in it)", dir, ErrNotStore)
		}
		return nil, fmt.Errorf("open evidence store: %w", err)
	}
	return s, nil
}

// Create opens the store in dir and makes it if there is none. A store whose
// manifest is lost is rebuilt from its files. A folder that holds anything
// else is refused.
func Create(ctx context.Context, dir string) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := makeFolder(dir, newStore(dir).syncDir); err != nil {
		return nil, writeError(dir, err)
	}
	if _, err := loadManifest(dir); !errors.Is(err, errNoManifest) {
		return Open(ctx, dir)
	}
	if hasParts(dir) {
		if err := Rebuild(ctx, dir); err != nil {
			return nil, err
		}
		return Open(ctx, dir)
	}
	if err := onlyOurs(dir); err != nil {
		return nil, err
	}
	s := newStore(dir)
	defer s.Close()
	unlock, err := s.lockWriter()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := loadManifest(dir); errors.Is(err, errNoManifest) { // nobody was faster
		if err := s.prepare(); err != nil {
			return nil, err
		}
		if err := s.save(newManifest()); err != nil {
			return nil, err
		}
	}
	return Open(ctx, dir)
}

// IsStore says whether dir holds an evidence store, also one that Open would
// refuse because it is damaged.
func IsStore(dir string) bool {
	if _, err := loadManifest(dir); err == nil {
		return true
	}
	return hasParts(dir)
}

// Close releases the store. Iterators must have ended.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readers == nil {
		return nil
	}
	err := s.readers.Close()
	s.readers = nil
	return err
}

func newStore(dir string) *Store {
	return &Store{
		dir: dir, limits: defaultLimits, link: os.Link,
		create: func(name string) (io.WriteCloser, error) {
			return os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
		},
	}
}

// holdFiles takes the shared lock that keeps writers from removing files. In a
// folder that nobody can write there may be no lock and is no need for one.
func (s *Store) holdFiles() {
	name := filepath.Join(s.dir, readerLock)
	f, err := os.OpenFile(name, os.O_RDONLY|os.O_CREATE, 0o644)
	if err != nil {
		if f, err = os.Open(name); err != nil {
			return
		}
	}
	if err := lockShared(f); err != nil {
		f.Close()
		return
	}
	s.readers = f
}

// state is the manifest to answer from.
func (s *Store) state() *manifest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.man
}

// hasParts says whether dir looks like a store from the inside.
func hasParts(dir string) bool {
	for _, pattern := range []string{eventsDir + "/day=*/part-*.parquet", byAccountDir + "/day=*/account=*/part-*.parquet", runsDir + "/run-*.parquet", observationsDir + "/kind=*/part-*.parquet", artifactsDir + "/part-*.parquet"} {
		if found, _ := filepath.Glob(filepath.Join(escapeGlob(dir), filepath.FromSlash(pattern))); len(found) > 0 {
			return true
		}
	}
	return false
}

// onlyOurs refuses a folder in which somebody keeps something else.
func onlyOurs(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open evidence store: %w", err)
	}
	for _, e := range entries {
		switch e.Name() {
		case writerLock, readerLock, stagingDir, "events", "artifacts", "observations", "runs", "digests":
		default:
			return fmt.Errorf("make evidence store: %s holds %s and is no evidence store (name a new or an empty folder)", dir, e.Name())
		}
	}
	return nil
}
