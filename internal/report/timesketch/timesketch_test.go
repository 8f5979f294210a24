package timesketch

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange/exchangetest"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

func TestGolden(t *testing.T) { exchangetest.Golden(t, Write, ".jsonl") }

func TestUnchanged(t *testing.T) { exchangetest.Unchanged(t, Write) }

func TestHostile(t *testing.T) {
	exchangetest.Hostile(t, Write, true, func(t exchangetest.Failer, doc map[string]any) {
		for _, k := range []string{"message", "datetime", "timestamp_desc"} { // what the importer demands
			if s, _ := doc[k].(string); s == "" {
				t.Fatalf("no %s in %v", k, doc)
			}
		}
		at, err := time.Parse(time.RFC3339Nano, doc["datetime"].(string))
		if err != nil || at.UnixMicro() != int64(doc["timestamp"].(float64)) && at.Year() < 2200 {
			t.Fatalf("datetime %v and timestamp %v: %v", doc["datetime"], doc["timestamp"], err)
		}
	})
}

func TestOneLineForEachEntry(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	var buf bytes.Buffer
	if err := Write(&buf, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(buf.String(), "\n"), "\n")
	if len(lines) != len(r.Timeline)+1 {
		t.Fatalf("%d lines for %d entries and the verdict", len(lines), len(r.Timeline))
	}
	for i, e := range r.Timeline {
		var got row
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		if got.Event != e.Event || got.Message != e.Text || got.Actor != e.Actor || !strings.HasPrefix(got.Datetime, strings.TrimSuffix(e.At, "Z")) {
			t.Errorf("line %d: %+v of %+v", i+1, got, e)
		}
	}
}

func TestBrokenTimeIsKept(t *testing.T) {
	var buf bytes.Buffer
	if err := Write(&buf, &report.Report{Timeline: []investigation.Entry{{At: "soon", Text: "x"}}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(buf.String(), `"datetime":"1970-01-01T00:00:00.000000+00:00"`) || !strings.Contains(buf.String(), `"timestamp_desc":"Time unknown"`) {
		t.Error(buf.String())
	}
}

// TestOutside reads the lines as the importer of Timesketch does.
func TestOutside(t *testing.T) {
	exchangetest.Outside(t, Write, ".jsonl", "python3", "testdata/check.py")
}
