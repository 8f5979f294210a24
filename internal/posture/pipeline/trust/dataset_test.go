package trust

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/rx"
)

// TestLabelledFilters holds the analysis against the expectations of another
// tool's unit tests: FAIL there is a pattern that is not anchored. One of its
// labels is disputed by the data set itself and left out here: an empty pattern.
func TestLabelledFilters(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(datasettest.Dir(t), "codebuild-webhook-cases", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("SKIPPED, NOT PASSED: no labelled filters among the data sets")
	}
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var set struct {
			Cases []struct {
				Test    string
				Webhook struct {
					FilterGroups [][]struct {
						Type, Pattern string
						Exclude       bool `json:"excludeMatchedPattern"`
					} `json:"filterGroups"`
				}
				Expected string
			}
		}
		if err := json.Unmarshal(data, &set); err != nil {
			t.Fatal(err)
		}
		for _, c := range set.Cases {
			if c.Expected == "" {
				continue
			}
			unanchored, disputed := false, false
			for _, g := range c.Webhook.FilterGroups {
				for _, f := range g {
					if f.Type != model.Actor && f.Type != model.HeadRef && f.Type != model.BaseRef {
						continue
					}
					disputed = disputed || f.Pattern == ""
					ok, witness, err := rx.Anchored(f.Pattern, f.Type != model.Actor)
					if err != nil {
						t.Errorf("%s: %q: %v", c.Test, f.Pattern, err)
					}
					t.Logf("%s: %q anchored %v, witness %q", c.Test, f.Pattern, ok, witness)
					unanchored = unanchored || !ok
				}
			}
			if disputed {
				continue
			}
			n++
			if unanchored != (c.Expected == "FAIL") {
				t.Errorf("%s: unanchored %v, labelled %s", c.Test, unanchored, c.Expected)
			}
		}
	}
	if n == 0 {
		t.Error("no case was compared")
	}
}
