package all

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/file"
)

// everything is what a Read gave.
type everything struct {
	artifacts []evidence.Artifact // sorted by URI
	events    []evidence.Event
	observed  []evidence.Observation
	known     int
	plain     int // events in batches that are
}

// kinds counts the artifacts by kind.
func (e everything) kinds() map[evidence.Kind]int {
	m := map[evidence.Kind]int{}
	for _, a := range e.artifacts {
		m[a.Kind]++
	}
	return m
}

// artifact is the one whose URI ends so.
func (e everything) artifact(t testing.TB, end string) evidence.Artifact {
	t.Helper()
	i := slices.IndexFunc(e.artifacts, func(a evidence.Artifact) bool { return strings.HasSuffix(a.URI, end) })
	if i < 0 {
		t.Fatalf("no artifact ends in %q: %v", end, e.artifacts)
	}
	return e.artifacts[i]
}

// read reads paths and holds every batch against what Batch promises.
func read(t testing.TB, o Options, paths ...string) everything {
	t.Helper()
	var all everything
	seen := map[string]int{}  // events so far, by artifact
	done := map[string]bool{} // by URI
	err := Read(context.Background(), paths, o, func(b Batch) error {
		id := b.Artifact.ID
		switch {
		case id == "" || b.Artifact.URI == "":
			t.Errorf("a batch without ID or URI: %+v", b.Artifact)
		case len(b.Events)+len(b.Observations) > batchEvents:
			t.Errorf("%s: a batch of %d events", b.Artifact.URI, len(b.Events))
		case done[b.Artifact.URI]:
			t.Errorf("%s: a batch after Done", b.Artifact.URI)
		case b.Known && (!b.Done || len(b.Events)+len(b.Observations) > 0):
			t.Errorf("%s: known, yet decoded", b.Artifact.URI)
		}
		for _, e := range b.Events {
			if e.Ref.Artifact != id {
				t.Errorf("%s: an event of artifact %q", b.Artifact.URI, e.Ref.Artifact)
			}
			if b.Plain && (!utf8.Valid(e.Body) || bytes.Contains(e.Body, []byte(`:""`))) {
				t.Errorf("%s: a batch is called plain that holds %s", b.Artifact.URI, e.Body)
			}
		}
		for _, o := range b.Observations {
			if o.Ref.Artifact != id || o.Fingerprint == "" || o.Kind == "" || o.ID == "" || len(o.Body) == 0 {
				t.Errorf("%s: an observation that is not complete: %+v", b.Artifact.URI, o)
			}
		}
		seen[id] += len(b.Events) + len(b.Observations)
		if b.Plain {
			all.plain += len(b.Events)
		}
		all.events = append(all.events, b.Events...)
		all.observed = append(all.observed, b.Observations...)
		if b.Done {
			done[b.Artifact.URI] = true
			all.artifacts = append(all.artifacts, b.Artifact)
			if !b.Known && (seen[id] != b.Artifact.Records || b.Artifact.Kind == "") {
				t.Errorf("%s: %d events and observations, but Records is %d and Kind %q", b.Artifact.URI, seen[id], b.Artifact.Records, b.Artifact.Kind)
			}
			if k := b.Artifact.Kind; b.Artifact.Reason == "" && k != "" && k != evidence.KindCloudTrail && b.Artifact.Records == 0 {
				t.Errorf("%s: %s without a reason", b.Artifact.URI, k)
			}
		}
		if b.Known {
			all.known++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all.artifacts, func(a, b evidence.Artifact) int { return strings.Compare(a.URI, b.URI) })
	return all
}

// machinery are the packages under internal/source that are neither a collector
// nor a decoder.
var machinery = []string{"all", "answer", "awsapi", "gunzip", "rows", "sampletest", "jsonstream", "scenetest"}

// brought are collectors that need more than a location, such as credentials:
// whoever reads brings them in Options.Places.
var brought = []string{"s3"}

// A folder added under internal/source and forgotten in the lists would never be
// used: this names it.
func TestEverySourceIsListed(t *testing.T) {
	listed := slices.Concat(machinery, brought)
	for _, c := range Collectors(nil) {
		listed = append(listed, c.Name())
	}
	for _, d := range Decoders() {
		listed = append(listed, d.Name())
	}
	folders, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && !slices.Contains(listed, f.Name()) {
			t.Errorf("internal/source/%s is in neither list of all.go", f.Name())
		}
	}
	for _, name := range listed {
		if _, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Errorf("%q is listed, but has no folder of that name", name)
		}
	}
}

// elsewhere is a collector that somebody brings.
type elsewhere struct{ file.Collector }

func (elsewhere) Holds(location string) bool { return strings.HasPrefix(location, "elsewhere:") }

func TestLocationsGoToTheirCollector(t *testing.T) {
	dir := t.TempDir()
	o := Options{Places: []source.Place{elsewhere{}}}
	for location, want := range map[string]string{"elsewhere:x": "all.elsewhere", dir: "file.Collector", "-": "file.Collector"} {
		if got := fmt.Sprintf("%T", o.collector(location)); got != want {
			t.Errorf("%s goes to %s, want %s", location, got, want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "collection.json"), []byte(`{"format":"trailhound.collection/v1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%T", o.collector(dir)); got != "account.Folder" {
		t.Errorf("a collection goes to %s", got)
	}
}
