package oracle

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// TestInvictusAgrees rebuilds policies from the write events of a real trail and
// holds them against what AWS decided of each of its calls. Every disagreement
// is printed.
func TestInvictusAgrees(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(datasettest.Dir(t), "invictus-aws_dataset", "CloudTrail", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	var events []evidence.Event
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Records []json.RawMessage }
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		for _, r := range doc.Records {
			e, err := cloudtrail.Decode(r)
			if err != nil {
				t.Fatal(err)
			}
			events = append(events, e)
		}
	}
	fsys := os.DirFS("../../../content")
	managed, err := access.LoadManaged(fsys)
	if err != nil {
		t.Fatal(err)
	}
	table, err := generate.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	q := memory.New(events)
	h, err := access.Collect(context.Background(), q, managed)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Check(context.Background(), q, h, table)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d calls: %d agree (%d allowed, %d refused), of %d it cannot be told, %d disagree", r.Events, r.Agree, r.Allowed, r.Refused, r.CannotTell, len(r.Disagreements))
	for _, c := range r.Why {
		t.Logf("%5d %s", c.Events, c.Reason)
	}
	for _, d := range r.Disagreements {
		t.Errorf("%+v", d)
	}
	if r.Agree == 0 {
		t.Error("nothing was decided: the oracle is silent")
	}
}
