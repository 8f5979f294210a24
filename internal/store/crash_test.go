package store

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestMain lets the test binary play the import that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STORE_TEST_IMPORT"); dir != "" {
		os.Exit(importForKill(dir))
	}
	os.Exit(m.Run())
}

var killFiles = func() []file { return someFiles(40, 60) }

var killLimits = limits{batch: 150 << 10, runs: 3, fanIn: 3, partRows: 500, hashes: 1000, accountRows: 60, accounts: 100, partitions: 3, openParts: 2}

// importForKill imports with the real syncs, saying on standard output how many
// artifacts are committed.
func importForKill(dir string) int {
	s, err := Create(context.Background(), dir)
	if err == nil {
		s.limits = killLimits
		_, err = s.importFrom(context.Background(), reader(killFiles(), 5), nil, ImportOptions{})
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

var kills = flag.Int("kills", 12, "how many imports TestKillNine kills")

// TestKillNine kills imports at random moments. What is committed must be whole
// artifacts, and the next import must come to the same end as an undisturbed one.
func TestKillNine(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	files := killFiles()
	want := oracle(files)
	wantEvents := allOf(t, want, evidence.Query{Body: true})
	byID := map[string]file{}
	for _, f := range files {
		byID[f.art.ID] = f
	}
	began := time.Now()
	undisturbed := filepath.Join(t.TempDir(), "s")
	if err := importProcess(t, undisturbed).Run(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	rnd := rand.New(rand.NewPCG(uint64(began.UnixNano()), 1))
	partial := 0
	for round := range (*kills + 1) / 2 {
		dir := filepath.Join(t.TempDir(), "s")
		for range 2 { // killed, and killed again on the way back
			cmd := importProcess(t, dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(rnd.Int64N(int64(took))))
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if partial += checkWholeArtifacts(t, dir, byID); t.Failed() {
				t.Fatalf("round %d", round)
			}
		}
		s := create(t, dir)
		s.limits = killLimits
		load(t, s, files, uint64(round))
		sameEvents(t, "resumed", wantEvents, allOf(t, s, evidence.Query{Body: true}))
		checkFolder(t, s)
	}
	t.Logf("%d of %d kills left an import half way", partial, (*kills+1)/2*2)
}

func importProcess(t *testing.T, dir string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), "STORE_TEST_IMPORT="+dir)
	return cmd
}

// checkWholeArtifacts: the events seen are exactly those of the artifacts
// listed. It returns 1 if that is some but not all of them.
func checkWholeArtifacts(t *testing.T, dir string, byID map[string]file) int {
	t.Helper()
	if !IsStore(dir) { // killed before there was one
		return 0
	}
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer s.Close()
	arts, err := s.Artifacts(t.Context())
	if err != nil {
		t.Error(err)
		return 0
	}
	var committed []file
	for _, a := range arts {
		committed = append(committed, byID[a.ID])
	}
	sameEvents(t, "after the kill", allOf(t, oracle(committed), evidence.Query{Body: true}), allOf(t, s, evidence.Query{Body: true}))
	if len(arts) > 0 && len(arts) < len(byID) {
		return 1
	}
	return 0
}

// checkFolder: a settled store holds its live files and nothing else.
func checkFolder(t *testing.T, s *Store) {
	t.Helper()
	var got, want []string
	err := filepath.WalkDir(s.dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(s.dir, name)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	man := s.state()
	if !man.settled() {
		t.Error("the store is not settled")
	}
	for _, list := range man.files() {
		for _, f := range list {
			want = append(want, f.Path)
		}
	}
	want = append(want, manifestName, writerLock, readerLock)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("the folder holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestCancel ends imports after every number of batches, by the caller's
// context and by a failing reader: committed artifacts stay whole, and going on
// leads to the same end.
func TestCancel(t *testing.T) {
	files := someFiles(12, 20)
	want := allOf(t, oracle(files), evidence.Query{Body: true})
	byID := map[string]file{}
	for _, f := range files {
		byID[f.art.ID] = f
	}
	for stop := 0; stop < 30; stop += 3 {
		dir := filepath.Join(t.TempDir(), "s")
		s := create(t, dir)
		s.limits = tiny
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err := s.importFrom(ctx, func(ctx context.Context, p []string, k func(string) bool, o ImportOptions, emit func(batch) error) error {
			return reader(files, 3)(ctx, p, k, o, func(b batch) error {
				if n++; n > stop {
					cancel()
				}
				return emit(b)
			})
		}, nil, ImportOptions{})
		cancel()
		if n <= stop {
			break // it ended by itself
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped at %d: %v", stop, err)
		}
		checkWholeArtifacts(t, dir, byID)
		load(t, s, files, 9)
		sameEvents(t, "resumed", want, allOf(t, s, evidence.Query{Body: true}))
		checkFolder(t, s)
	}
}

// fullDisk fails writes once a number of bytes is used up.
type fullDisk struct {
	io.WriteCloser
	left *atomic.Int64 // files are written side by side
}

func (d fullDisk) Write(p []byte) (int, error) {
	if d.left.Add(-int64(len(p))) < 0 {
		return 0, &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	return d.WriteCloser.Write(p)
}

func TestFullDisk(t *testing.T) {
	files := someFiles(12, 20)
	want := allOf(t, oracle(files), evidence.Query{Body: true})
	byID := map[string]file{}
	for _, f := range files {
		byID[f.art.ID] = f
	}
	for _, room := range []int64{0, 100, 20_000, 100_000, 250_000, 400_000} {
		dir := filepath.Join(t.TempDir(), "s")
		s := create(t, dir)
		s.limits = tiny
		open := s.create
		var left atomic.Int64
		left.Store(room)
		s.create = func(name string) (io.WriteCloser, error) {
			f, err := open(name)
			return fullDisk{f, &left}, err
		}
		_, err := s.importFrom(t.Context(), reader(files, 3), nil, ImportOptions{})
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "free some space") || !strings.Contains(err.Error(), dir) {
			t.Fatalf("with %d bytes of room: %v", room, err)
		}
		checkWholeArtifacts(t, dir, byID)
		left.Store(1 << 40)
		load(t, s, files, 9)
		sameEvents(t, "after making room", want, allOf(t, s, evidence.Query{Body: true}))
		checkFolder(t, s)
	}
}

func TestRebuild(t *testing.T) {
	files := someFiles(12, 20)
	want := oracle(files)
	dir := filepath.Join(t.TempDir(), "s")
	s := create(t, dir)
	s.limits = tiny
	load(t, s, files[:5], 1)
	half := copyTree(t, dir) // what a killed settling leaves: old files beside the new
	load(t, s, files[5:], 1)
	before, err := s.Artifacts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range half {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "lost its manifest") {
		t.Fatalf("opening a store without manifest: %v", err)
	}
	if !IsStore(dir) {
		t.Error("IsStore does not know a store without manifest")
	}
	again := create(t, dir)
	sameEvents(t, "rebuilt", allOf(t, want, evidence.Query{Body: true}), allOf(t, again, evidence.Query{Body: true}))
	after, err := again.Artifacts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("artifacts rebuilt:\n%v\nwere\n%v", after, before)
	}
	checkFolder(t, again)
}

// copyTree reads the Parquet files of a folder.
func copyTree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".parquet" {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		out[rel], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
