package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// manifest names the live files of a store. It is the only thing a commit
// changes in place, in one rename, so a store is always as one commit left it.
type manifest struct {
	Format     string `json:"format"`  // always manifestFormat
	Version    int    `json:"version"` // of the layout and the columns
	Generation int64  `json:"generation"`

	Events    []fileEntry `json:"events"`    // settled: each event once, ordered, by day
	Artifacts []fileEntry `json:"artifacts"` // settled artifact tables
	// Observations are settled: each once, ordered, by kind. ObservationRuns are not.
	Observations    []fileEntry `json:"observations"`
	ObservationRuns []fileEntry `json:"observation_runs"`

	Runs    []fileEntry `json:"runs"`    // events of commits that are not settled yet
	Pending []fileEntry `json:"pending"` // artifact tables of those commits

	// Partition is how settling was asked to lay events out, and did; empty in stores of
	// earlier releases, of which it is not known which days the rule would divide.
	Partition Partition `json:"partition,omitempty"`

	// Conflicts lists the ids with two contents; absent if not known, or too many.
	Conflicts *[]string `json:"conflicts,omitempty"`
}

// fileEntry is one live file.
type fileEntry struct {
	Path   string `json:"path"` // slash-separated, inside the store
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // empty for runs of events, which have CRC32C
	CRC32C string `json:"crc32c,omitempty"`
	// Tail is the length of the footer and the page indexes before it. Pages
	// have checksums of their own; damage to these would lose rows in silence.
	Tail       int64  `json:"tail,omitempty"`
	TailSHA256 string `json:"tail_sha256,omitempty"`

	From  time.Time `json:"from,omitzero"`   // event time of the first row
	To    time.Time `json:"to,omitzero"`     // event time of the last row
	Level int       `json:"level,omitempty"` // of a run: how many merges made it
	Whole bool      `json:"whole,omitempty"` // of events: no row is lossy; older programs do not say
	// Account is the account that all rows of a file of events are of; empty where they are of
	// several, or of what is none, or an older program wrote it.
	Account string `json:"account,omitempty"`
}

// take counts the next row of a file of events, which are in order of time.
func (f *fileEntry) take(e *evidence.Event) {
	if f.Rows == 0 {
		f.From, f.Whole = e.Time, true
		if isAccount(e.Account) {
			f.Account = e.Account
		}
	} else if f.Account != e.Account {
		f.Account = ""
	}
	f.To, f.Whole = e.Time, f.Whole && !e.Lossy
	f.Rows++
}

const (
	manifestFormat  = "trailhound-evidence"
	manifestVersion = 2
	// byAccountVersion differs from it in where events are: at events/v3, by account too.
	byAccountVersion = 3
	maxManifest      = 256 << 20 // a bound for hostile input, a million files' worth
)

// next is the manifest to change for the next commit.
func (m *manifest) next() *manifest {
	n := *m
	n.Events, n.Artifacts = slices.Clone(m.Events), slices.Clone(m.Artifacts)
	n.Runs, n.Pending = slices.Clone(m.Runs), slices.Clone(m.Pending)
	n.Observations, n.ObservationRuns = slices.Clone(m.Observations), slices.Clone(m.ObservationRuns)
	n.Conflicts = nil
	return &n
}

func newManifest() *manifest {
	return &manifest{
		Format: manifestFormat, Version: manifestVersion,
		Events: []fileEntry{}, Artifacts: []fileEntry{}, Runs: []fileEntry{}, Pending: []fileEntry{},
		Observations: []fileEntry{}, ObservationRuns: []fileEntry{},
		Partition: PartitionAuto,
	}
}

// whole says whether no event is lossy. Then two rows are one event only where they
// are equal in every column, and a question may be put to each row before repetitions
// are dropped.
func (m *manifest) whole() bool {
	lossy := func(f fileEntry) bool { return !f.Whole }
	return !slices.ContainsFunc(m.Events, lossy) && !slices.ContainsFunc(m.Runs, lossy)
}

// mixed says whether a row may have to give way to another that differs from it.
func (m *manifest) mixed() bool { return len(m.Runs) > 0 && !m.whole() }

// settled says whether every event and observation is in its place.
func (m *manifest) settled() bool {
	return len(m.Runs) == 0 && len(m.Pending) == 0 && len(m.ObservationRuns) == 0
}

func (m *manifest) files() [][]fileEntry {
	return [][]fileEntry{m.Events, m.Artifacts, m.Runs, m.Pending, m.Observations, m.ObservationRuns}
}

// errNoManifest is a folder that holds no manifest.
var errNoManifest = errors.New("no manifest.json")

func loadManifest(dir string) (*manifest, error) {
	name := filepath.Join(dir, manifestName)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoManifest
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxManifest {
		return nil, fmt.Errorf("%s is %d bytes long: not a manifest of ours", name, info.Size())
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m := newManifest()
	m.Partition = ""
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", name, err)
	}
	if m.Format != manifestFormat {
		return nil, fmt.Errorf("%s is not the manifest of an evidence store (format %q)", name, m.Format)
	}
	if m.Version != manifestVersion && m.Version != byAccountVersion {
		return nil, fmt.Errorf("%s has layout version %d, this program reads versions %d and %d (use the release that wrote it, or import the evidence anew)", name, m.Version, manifestVersion, byAccountVersion)
	}
	for _, list := range m.files() {
		for _, f := range list {
			// A store may come from somebody else: it must not point outside itself.
			if !ours.MatchString(f.Path) || !filepath.IsLocal(filepath.FromSlash(f.Path)) {
				return nil, fmt.Errorf("%s names %q, which is no file of an evidence store", name, f.Path)
			}
		}
	}
	return m, nil
}

// save replaces the manifest in one step that a crash cannot split.
func (s *Store) save(m *manifest) error {
	st, err := s.stageManifest(m)
	if err != nil {
		return err
	}
	return s.replaceManifest(st)
}

// stageManifest writes a manifest into staging.
func (s *Store) stageManifest(m *manifest) (staged, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", " ")
	if err := enc.Encode(m); err != nil {
		return staged{}, fmt.Errorf("encode manifest: %w", err)
	}
	f, err := s.stage()
	if err != nil {
		return staged{}, err
	}
	if _, err := f.Write(buf.Bytes()); err != nil {
		f.abandon()
		return staged{}, writeError(f.name, err)
	}
	return f.finish(fileEntry{})
}

// replaceManifest puts a manifest from staging in place of the one there is.
func (s *Store) replaceManifest(st staged) error {
	if err := os.Rename(st.from, s.abs(manifestName)); err != nil {
		os.Remove(st.from)
		return writeError(s.abs(manifestName), err)
	}
	return s.syncDir(s.dir)
}

// syncDir makes renames inside dir last through a power cut. Systems that
// cannot sync a folder say EINVAL; their renames are as durable as they get.
func (s *Store) syncDir(dir string) error {
	if s.limits.volatile {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return writeError(dir, err)
	}
	err = d.Sync()
	d.Close()
	if err != nil && !errors.Is(err, errors.ErrUnsupported) && !isInvalid(err) {
		return writeError(dir, err)
	}
	return nil
}
