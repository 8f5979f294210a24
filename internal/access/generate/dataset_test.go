package generate_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// TestRealPrincipals draws the policy of every role and user of real logs: each
// must allow all that it kept and nothing that was refused.
func TestRealPrincipals(t *testing.T) {
	for _, set := range [][]string{{"invictus-aws_dataset", "CloudTrail", "*.json"}, {"davidarpasi-lab", "*.json"}, {"davidarpasi-lab", "*", "*.json"}} {
		files, err := filepath.Glob(filepath.Join(append([]string{datasettest.Dir(t)}, set...)...))
		if err != nil {
			t.Fatal(err)
		}
		var events []evidence.Event
		principals := map[string]bool{}
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var doc struct{ Records []json.RawMessage }
			if json.Unmarshal(raw, &doc) != nil {
				continue
			}
			for _, r := range doc.Records {
				e, err := cloudtrail.Decode(r)
				if err != nil {
					continue
				}
				events = append(events, e)
				switch e.Identity.Type {
				case "AssumedRole":
					principals[e.Identity.IssuerARN] = true
				case "IAMUser":
					principals[e.Identity.ARN] = true
				}
			}
		}
		store := memory.New(events)
		table := table(t)
		delete(principals, "")
		for p := range principals {
			res, err := table.Run(context.Background(), store, generate.Options{Principal: p}, nil)
			if err != nil {
				t.Errorf("%s: %v", p, err)
				continue
			}
			t.Logf("%s: %d events, %d kept, %d refused, %d conflicts, %d characters", p, res.Events, res.Replay.Kept, res.Replay.Denied, len(res.Replay.Conflicts), res.Size)
			if !res.Replay.Holds() || res.Replay.Allowed != res.Replay.Kept {
				t.Errorf("%s: the replay does not hold: missing %v, open %v", p, res.Replay.Missing, res.Replay.Open)
			}
		}
	}
}
