package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

func TestNormalize(t *testing.T) {
	r := &report.Report{Claims: []claim.Claim{{Predicate: claim.Predicate{
		Value:  []any(nil),
		Equals: map[string]any{"a": []any(nil), "b": map[string]any{"c": []string(nil)}},
	}}}}
	r.Normalize()
	p := r.Claims[0].Predicate
	if r.Schema != report.Schema || r.Timeline == nil || r.Scope.Seeds == nil || r.Claims[0].Evidence == nil {
		t.Errorf("lists are still nil: %+v", r)
	}
	if p.Value.([]any) == nil || p.Equals["a"].([]any) == nil || p.Equals["b"].(map[string]any)["c"].([]string) == nil {
		t.Errorf("lists inside values are still nil: %+v", p)
	}
}

func TestNormalizeIsIdempotentAndLeavesNoNullList(t *testing.T) {
	// These are null by contract.
	allowed := strings.NewReplacer(`"issued_by":null`, "", `"interval":null`, "", `"quantity":null`, "", `"model":null`, "")
	rapid.Check(t, func(t *rapid.T) {
		r := reporttest.Draw(t)
		r.Normalize()
		once, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if s := allowed.Replace(string(once)); strings.Contains(s, ":null") {
			at := strings.Index(s, ":null")
			t.Fatalf("null at …%s", s[max(0, at-60):at+5])
		}
		r.Normalize()
		twice, _ := json.Marshal(r)
		if d := cmp.Diff(string(once), string(twice)); d != "" {
			t.Fatal(d)
		}
	})
}
