package trailhound

import (
	"context"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim/wording"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/response"
)

// TestContent is `trailhound content test` on the folder as it stands on disk,
// samples and all: a bad contribution fails here by name.
func TestContent(t *testing.T) {
	fsys := os.DirFS("content")
	failures, stats, err := detection.Test(context.Background(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
	if stats.Rules == 0 || stats.Positives < stats.Rules || stats.Negatives < stats.Rules {
		t.Errorf("%d rules have %d positive and %d negative samples: each needs both", stats.Rules, stats.Positives, stats.Negatives)
	}
	marks, noise, err := detection.TestNoise(context.Background(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range marks {
		t.Error(f)
	}
	if noise.Rules != 16 || noise.Positives < noise.Rules || noise.Negatives < noise.Rules {
		t.Errorf("%d noise markers have %d positive and %d negative samples: the catalogue has 16, and each needs both", noise.Rules, noise.Positives, noise.Negatives)
	}
	t.Logf("%d rules, %d positive samples, %d attempts, %d negative samples", stats.Rules, stats.Positives, stats.Attempts, stats.Negatives)
	ways, reached, err := access.Test(fsys, fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ways {
		t.Error(f)
	}
	t.Logf("%d ways to more access, %d positive and %d negative samples", reached.Primitives, reached.Positives, reached.Negatives)
	for kind, load := range map[string]func(fs.FS) error{
		"ledger":      func(f fs.FS) error { _, err := ledger.Load(f); return err },
		"actions":     func(f fs.FS) error { _, err := response.LoadActions(f); return err },
		"wording":     func(f fs.FS) error { _, err := wording.Load(f); return err },
		"questions":   func(f fs.FS) error { _, err := intake.LoadQuestions(f); return err },
		"playbooks":   func(f fs.FS) error { _, err := playbook.Load(f); return err },
		"attribution": func(f fs.FS) error { _, err := attribution.LoadWeights(f); return err },
	} {
		if err := load(fsys); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestContentIsEmbedded: what works from the folder must be in the binary too,
// but for the samples.
func TestContentIsEmbedded(t *testing.T) {
	var n int
	for _, name := range files(t, func(name string) bool { return strings.HasPrefix(name, "content/") }) {
		switch path.Ext(name) {
		case ".yml", ".json":
			if _, err := fs.Stat(content.FS, strings.TrimPrefix(name, "content/")); err != nil {
				t.Errorf("%s is not embedded: see content.go", name)
			}
			n++
		case ".txtar", ".go", ".md":
		default:
			t.Errorf("%s: content is .yml or .json, with samples in .txtar", name)
		}
	}
	t.Logf("%d content files", n)
}

// TestPlansNameKnownActions: an action that a rule proposes and that nobody
// wrote would be missing from the plan at the worst moment.
func TestPlansNameKnownActions(t *testing.T) {
	fsys := os.DirFS("content")
	pack, err := detection.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	actions, err := response.LoadActions(fsys)
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, r := range pack.Rules {
		for _, id := range slices.Concat(r.Preserve, r.Contain, r.Eradicate) {
			if _, ok := actions[id]; !ok {
				t.Errorf("%s proposes %s, which is no action of content/actions", r.ID, id)
			}
			used++
		}
	}
	if used == 0 {
		t.Error("no rule proposes any action")
	}
}
