package navigator

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange/exchangetest"
)

func TestGolden(t *testing.T) { exchangetest.Golden(t, Write, ".json") }

func TestUnchanged(t *testing.T) { exchangetest.Unchanged(t, Write) }

func TestHostile(t *testing.T) {
	exchangetest.Hostile(t, Write, false, func(t exchangetest.Failer, doc map[string]any) {
		if name, _ := doc["name"].(string); name == "" {
			t.Fatalf("no name")
		}
		for _, x := range doc["techniques"].([]any) {
			s := x.(map[string]any)["score"].(float64)
			if s < 0 || s > 100 {
				t.Fatalf("score %v", s)
			}
		}
	})
}

// TestAttemptIsNoSuccess is the point of the layer: one square for what worked, another colour
// for what did not, and the worse of two findings decides.
func TestAttemptIsNoSuccess(t *testing.T) {
	attack := func(id, tactic string) []investigation.Attack {
		return []investigation.Attack{{Technique: id, Tactic: tactic}}
	}
	var buf bytes.Buffer
	err := Write(&buf, &report.Report{Findings: []investigation.Finding{
		{ID: "F1", Severity: "critical", Outcome: "attempted", Attack: attack("T1562.008", "defense-evasion")},
		{ID: "F2", Severity: "critical", Outcome: "attempted", Attack: attack("T1136.003", "persistence")},
		{ID: "F3", Severity: "medium", Outcome: "mixed", Attack: attack("T1136.003", "persistence")},
		{ID: "F4", Severity: "low", Outcome: "succeeded", Attack: attack("T1136.003", "no such tactic")},
		{ID: "F5", Severity: "low", Outcome: "succeeded", Attack: attack("not an id", "persistence")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var l layer
	if err := json.Unmarshal(buf.Bytes(), &l); err != nil {
		t.Fatal(err)
	}
	type want struct {
		id, tactic, color, outcome string
		score                      int
	}
	for i, w := range []want{
		{"T1136.003", "", shades["low"], "succeeded", 40},
		{"T1136.003", "persistence", shades["medium"], "mixed", 60},
		{"T1562.008", "defense-evasion", attempted, "attempted", 10},
	} {
		if i >= len(l.Techniques) {
			t.Fatalf("%d squares", len(l.Techniques))
		}
		x := l.Techniques[i]
		if got := (want{x.ID, x.Tactic, x.Color, x.Metadata[0].Value, x.Score}); got != w {
			t.Errorf("got %v, want %v", got, w)
		}
	}
	if len(l.Techniques) != 3 || !strings.Contains(l.Description, "1 mark without an ATT&CK id left out") {
		t.Errorf("%d squares; %s", len(l.Techniques), l.Description)
	}
}

// TestOutside asks MITRE's own library, strictly.
func TestOutside(t *testing.T) {
	exchangetest.Outside(t, Write, ".json", "python3", "testdata/check.py")
}
