package all

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
)

// everything is what a Read gave, by artifact.
type everything struct {
	artifacts []evidence.Artifact
	events    []evidence.Event
	known     int
}

func read(t testing.TB, o Options, paths ...string) everything {
	t.Helper()
	var all everything
	err := Read(context.Background(), paths, o, func(b Batch) error {
		if b.Artifact.ID == "" {
			t.Errorf("%s: a batch without ID", b.Artifact.URI)
		}
		all.events = append(all.events, b.Events...)
		if b.Done {
			all.artifacts = append(all.artifacts, b.Artifact)
		}
		if b.Known {
			all.known++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all.artifacts, func(a, b evidence.Artifact) int {
		return slices.Compare([]byte(a.URI), []byte(b.URI))
	})
	return all
}

func TestDebug(t *testing.T) {
	dir := datasettest.Dir(t)
	ents, _ := os.ReadDir(dir)
	for _, e := range ents {
		all := read(t, Options{}, filepath.Join(dir, e.Name()))
		kinds := map[evidence.Kind]int{}
		rej := 0
		for _, a := range all.artifacts {
			kinds[a.Kind]++
			rej += a.Rejected
		}
		kept, conf := evidence.Dedupe(slices.Clone(all.events))
		fmt.Println(e.Name(), len(all.events), "rej", rej, "kept", len(kept), "conf", len(conf), kinds)
		if os.Getenv("V") == e.Name() {
			for _, a := range all.artifacts {
				fmt.Println("   ", a.URI[len(dir):], a.Kind, a.Records, a.Rejected, a.Reason, a.Rejections)
			}
		}
	}
}
