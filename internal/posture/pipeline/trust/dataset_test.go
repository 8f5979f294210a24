package trust

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/rx"
)

// labelled is a webhook with what another tool's unit tests expect of it.
type labelled struct {
	Test    string
	Webhook struct {
		FilterGroups [][]struct {
			Type, Pattern string
			Exclude       bool `json:"excludeMatchedPattern"`
		} `json:"filterGroups"`
	}
	Expected *string
}

// hook is the webhook as it would be read.
func (l *labelled) hook() model.Webhook {
	w := hook()
	for _, g := range l.Webhook.FilterGroups {
		var fs []model.Filter
		for _, f := range g {
			fs = append(fs, model.Filter{Type: model.Of(f.Type), Pattern: model.Of(f.Pattern), Exclude: model.Of(f.Exclude)})
		}
		w.Groups.V = append(w.Groups.V, model.Group{Filters: model.Of(fs)})
	}
	return w
}

// TestLabelledFilters holds the analysis against the expectations of another
// tool's unit tests: FAIL there is a pattern of an account or a ref that is not
// anchored. All labels are compared, and every witness is held against the
// pattern with the regexp package.
//
// An empty pattern is labelled PASS, and that label is disputed. It is decided by
// AWS's documentation of WebhookFilter: "a regular expression pattern", and of its
// own example, HEAD_REF with ^refs/heads/, that it "triggers a build when the head
// reference is a branch with a reference name refs/heads/branch-name". A pattern
// thus is looked for in the value and need not spell it, and the empty one is
// found in every value: whoever acts, passes. It does not count as anchored here.
func TestLabelledFilters(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(datasettest.Dir(t), "codebuild-webhook-cases", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("SKIPPED, NOT PASSED: no labelled filters among the data sets")
	}
	compared := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var set struct{ Cases []labelled }
		if err := json.Unmarshal(data, &set); err != nil {
			t.Fatal(err)
		}
		for _, c := range set.Cases {
			compareLabel(t, &c)
			if c.Expected != nil {
				compared++
			}
		}
	}
	if compared == 0 {
		t.Error("no case was compared")
	}
	t.Logf("%d labels compared", compared)
}

func compareLabel(t *testing.T, c *labelled) {
	t.Helper()
	unanchored, empty, actors := false, false, false
	for _, g := range c.Webhook.FilterGroups {
		for _, f := range g {
			if f.Type != model.Actor && f.Type != model.HeadRef && f.Type != model.BaseRef {
				continue
			}
			ok, witness, err := rx.Anchored(f.Pattern, f.Type != model.Actor)
			if err != nil {
				t.Errorf("%s: %q: %v", c.Test, f.Pattern, err)
				continue
			}
			t.Logf("%s: %q anchored %v, witness %q", c.Test, f.Pattern, ok, witness)
			if !ok && (!regexp.MustCompile(f.Pattern).MatchString(witness) || regexp.MustCompile(`\A(?:`+f.Pattern+`)\z`).MatchString(witness)) {
				t.Errorf("%s: %q is found in no part of the witness %q, or spells it", c.Test, f.Pattern, witness)
			}
			unanchored, empty = unanchored || !ok, empty || f.Pattern == ""
			actors = actors || !ok && f.Type == model.Actor && !f.Exclude
		}
	}
	// The verdict goes by the same patterns: a list that leaks lets strangers in.
	if r := Evaluate(project(c.hook()), public); actors && (r.Verdict != Anyone || r.Witness == "") {
		t.Errorf("%s: an actor pattern leaks, and the verdict is %s by %q", c.Test, r.Verdict, r.Witness)
	} else if r.Verdict == Anyone {
		bruteForce(t, c.Test, c.hook(), r)
	}
	if c.Expected == nil { // no project, so no verdict of theirs
		return
	}
	if want := *c.Expected == "FAIL" || empty; unanchored != want {
		t.Errorf("%s: unanchored %v, labelled %s", c.Test, unanchored, *c.Expected)
	}
}

// TestEmptyPatternLetsEverybodyPass needs no data set: see TestLabelledFilters for
// why it is so.
func TestEmptyPatternLetsEverybodyPass(t *testing.T) {
	w := hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID="})
	r := Evaluate(project(w), public)
	if r.Verdict != Anyone || r.Witness != "1" {
		t.Errorf("%s by %q, want ANYONE by 1", r.Verdict, r.Witness)
	}
	bruteForce(t, "empty", w, r)
	none := hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID!"})
	if r := Evaluate(project(none), public); r.Verdict != None {
		t.Errorf("excluding whoever the empty pattern finds leaves %s, want NONE", r.Verdict)
	}
}
