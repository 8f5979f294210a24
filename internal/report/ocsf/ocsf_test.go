package ocsf

import (
	"testing"

	"github.com/trailhound/trailhound/internal/report/exchange/exchangetest"
)

func TestGolden(t *testing.T) { exchangetest.Golden(t, Write, ".json") }

func TestUnchanged(t *testing.T) { exchangetest.Unchanged(t, Write) }

func TestHostile(t *testing.T) {
	exchangetest.Hostile(t, Write, false, func(t exchangetest.Failer, doc map[string]any) {
		if doc["type_uid"] != 100*doc["class_uid"].(float64)+doc["activity_id"].(float64) {
			t.Fatalf("type_uid %v", doc["type_uid"])
		}
		for _, k := range []string{"severity_id", "confidence_id", "verdict_id", "priority_id"} {
			if v := doc[k].(float64); v < 0 || v > 10 {
				t.Fatalf("%s %v", k, v)
			}
		}
		if len(doc["finding_info_list"].([]any)) == 0 {
			t.Fatalf("no finding_info_list")
		}
	})
}

// TestOutside holds the event against the published schema, with constraints, and refuses
// attributes that the schema does not know.
func TestOutside(t *testing.T) {
	exchangetest.Outside(t, Write, ".json", "python3", "testdata/check.py")
}
