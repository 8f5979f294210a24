package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// ErrLocked is a store that another process is writing.
var ErrLocked = errors.New("another import is writing it")

// lockWriter makes us the only writer.
func (s *Store) lockWriter() (unlock func(), err error) {
	name := s.abs(writerLock)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, writeError(name, err)
	}
	mine, err := tryLock(f)
	if err != nil || !mine {
		holder := make([]byte, 32)
		n, _ := f.ReadAt(holder, 0)
		f.Close()
		if err != nil {
			return nil, writeError(name, err)
		}
		who := ""
		if pid := strings.TrimSpace(string(holder[:n])); pid != "" {
			who = ", process " + pid
		}
		return nil, fmt.Errorf("import into %s: %w%s (wait for it to end, or import into another store)", s.dir, ErrLocked, who)
	}
	// For the person who reads the message above; the lock does not depend on it.
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return func() { f.Close() }, nil
}

// prepare makes the folders of a store and empties staging.
func (s *Store) prepare() error {
	if err := os.RemoveAll(s.abs(stagingDir)); err != nil {
		return writeError(s.abs(stagingDir), err)
	}
	for _, d := range []string{eventsDir, artifactsDir, observationsDir, runsDir, stagingDir} {
		if err := os.MkdirAll(s.abs(d), 0o755); err != nil {
			return writeError(s.abs(d), err)
		}
	}
	return nil
}

// place moves a finished file from staging to where it will live. It is not
// live before a manifest names it.
func (s *Store) place(st staged, name string) (fileEntry, error) {
	to := s.abs(name)
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fileEntry{}, writeError(dir, err)
	}
	if err := os.Rename(st.from, to); err != nil {
		return fileEntry{}, writeError(to, err)
	}
	st.entry.Path = name
	return st.entry, nil
}

// atOnceOnDisk bounds the folders that the disk is waited for at a time: a large store has one for each day.
const atOnceOnDisk = 16

// commit makes m the state of the store: everything it names is on disk before
// the manifest is.
func (s *Store) commit(m *manifest, placed []string) error {
	dirs := map[string]bool{}
	for _, name := range placed {
		for d := path.Dir(name); d != "."; d = path.Dir(d) {
			dirs[d] = true
		}
	}
	m.Generation++
	// The disk is waited for once for all of them: none bears on another before the manifest is named.
	var g errgroup.Group
	g.SetLimit(atOnceOnDisk)
	var next staged
	g.Go(func() (err error) {
		next, err = s.stageManifest(m)
		return err
	})
	for d := range dirs {
		g.Go(func() error { return s.syncDir(s.abs(d)) })
	}
	if err := g.Wait(); err != nil {
		next.discard()
		return err
	}
	if err := s.replaceManifest(next); err != nil {
		return err
	}
	s.mu.Lock()
	s.man, s.known = m, known{}
	s.files.forget()
	s.mu.Unlock()
	return nil
}

// clean removes files of ours that are not live, unless somebody may still be
// reading them; the next writer tries again. Failing to clean is no failure.
func (s *Store) clean() {
	if s.reading.Load() > 0 || s.readers == nil {
		return
	}
	alone, err := tryLock(s.readers)
	// Turning one lock into another gives it up in between; that does not
	// matter, because only a writer removes files, and that is us.
	defer func() { _ = lockShared(s.readers) }()
	if err != nil || !alone {
		return
	}
	live := map[string]bool{}
	for _, list := range s.state().files() {
		for _, f := range list {
			live[f.Path] = true
		}
	}
	for _, top := range []string{"events", "artifacts", "observations", "runs"} {
		s.removeDead(top, live)
	}
	s.removeDigests(s.state())
	// Of the two places for events the one that is not in use: another engine would read it as an empty table.
	unused := byAccountDir
	if s.state().byAccount() {
		unused = eventsDir
	}
	os.Remove(s.abs(unused)) // fails unless empty, as it should
}

func (s *Store) removeDead(top string, live map[string]bool) {
	var dirs []string
	_ = filepath.WalkDir(s.abs(top), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		rel, err := filepath.Rel(s.dir, name)
		if err != nil {
			return nil
		}
		rel = filepath.ToSlash(rel)
		switch {
		case d.IsDir():
			dirs = append(dirs, rel)
		case ours.MatchString(rel) && !live[rel]:
			os.Remove(name)
		}
		return nil
	})
	for _, d := range slices.Backward(dirs) { // those within others first
		if base := path.Base(d); strings.HasPrefix(base, "day=") || strings.HasPrefix(base, "account=") || strings.HasPrefix(base, "kind=") {
			os.Remove(s.abs(d)) // fails unless empty, as it should
		}
	}
}

// escapeGlob makes a folder name safe in a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
