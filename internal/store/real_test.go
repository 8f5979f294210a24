package store

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/all"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// TestRealData imports the real data sets, in one go and set by set, and holds
// both to a plain reading into memory.
func TestRealData(t *testing.T) {
	dir := datasettest.Dir(t)
	var events []evidence.Event
	var arts []evidence.Artifact
	err := all.Read(t.Context(), []string{dir}, all.Options{}, func(b all.Batch) error {
		for _, e := range b.Events {
			e.Fingerprint = cloudtrail.Fingerprint(e.Body)
			events = append(events, e)
		}
		if b.Done && !b.Known {
			arts = append(arts, b.Artifact)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := memory.New(events, arts...)
	wantEvents := allOf(t, want, evidence.Query{Body: true})
	conflicts, _ := want.Conflicts(t.Context())

	sets, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	one, many := create(t, filepath.Join(t.TempDir(), "one")), create(t, filepath.Join(t.TempDir(), "many"))
	many.limits.batch = 2 << 20
	sum, err := one.Import(context.Background(), []string{dir}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range sets {
		if _, err := many.Import(t.Context(), sets[len(sets)-1-i:len(sets)-i], ImportOptions{Workers: 3}); err != nil {
			t.Fatal(err)
		}
	}
	again, err := many.Import(t.Context(), []string{dir}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if again.Artifacts != 0 || again.Records != 0 {
		t.Errorf("importing everything again found something new: %+v", again)
	}
	for name, s := range map[string]*Store{"in one go": one, "set by set": many} {
		sameEvents(t, name, wantEvents, allOf(t, s, evidence.Query{Body: true}))
		if got, err := s.Conflicts(t.Context()); err != nil || len(got) != len(conflicts) {
			t.Errorf("%s: %d conflicts, want %d (%v)", name, len(got), len(conflicts), err)
		}
		if got, err := s.Artifacts(t.Context()); err != nil || len(got) != len(arts) {
			t.Errorf("%s: %d artifacts, want %d (%v)", name, len(got), len(arts), err)
		}
		checkFolder(t, s)
	}
	var size int64
	for _, f := range one.state().Events {
		size += f.Bytes
	}
	t.Logf("%+v; %d files of %d bytes", sum, len(one.state().Events), size)
}
