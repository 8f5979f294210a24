package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/playbook"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// TestWhatClosesACase runs cases of three kinds to the end: the flow is that of
// the kind, its criteria say what the incident left open, and no harmless
// explanation clears an intruder.
func TestWhatClosesACase(t *testing.T) {
	for _, c := range []struct {
		incident, kind string
		criteria       map[string]string
		decisions      map[string]string
		refuted        string
	}{
		{"leaked-ci-key", "leaked_access_key",
			map[string]string{"entry": "met", "exposure": "met", "way_back": "not_met", "children": "not_met", "quiet": "not_met"},
			map[string]string{"tokens": "yes", "other_identities": "yes", "iam_writes": "yes", "secrets_read": "yes"}, "aws_itself"},
		{"trail-stopped", "logging_tampered",
			map[string]string{"logging_on": "met", "exposure": "cannot_tell", "quiet": "not_met"},
			map[string]string{"by_intruder": "yes", "logging_attacked": "yes", "iam_writes": "no", "contained": "no"}, "aws_itself"},
		{"quiet-week", "leaked_access_key",
			map[string]string{"anchors": "met", "doubt": "met", "owner_confirms": "not_met"},
			map[string]string{"outside_use": "no"}, ""},
	} {
		t.Run(c.incident, func(t *testing.T) {
			t.Parallel()
			sim := t.TempDir()
			truth := simulated(t, c.incident, sim)
			out := command(t, "", "investigate", "--no-input", "--format", "json", "--evidence", filepath.Join(sim, "AWSLogs"), truth.Sentence)
			r, err := reportjson.Read(strings.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if r.Playbook.Kind != c.kind {
				t.Errorf("the playbook is %s, want %s", r.Playbook.Kind, c.kind)
			}
			got := map[string]string{}
			for _, x := range r.Playbook.Criteria {
				got[x.ID] = x.Status
			}
			for id, want := range c.criteria {
				if got[id] != want {
					t.Errorf("criterion %s is %q, want %q", id, got[id], want)
				}
			}
			decided := map[string]playbook.Decision{}
			for _, x := range r.Playbook.Decisions {
				decided[x.ID] = x
			}
			for id, want := range c.decisions {
				// A point that is missing altogether answers nothing, and is no answer that is right.
				if x, ok := decided[id]; !ok || x.Answer != want {
					t.Errorf("decision %s is %q (%s), want %q", id, x.Answer, x.Because, want)
				}
			}
			if c.refuted == "" && len(r.Hypotheses) > 0 {
				t.Errorf("%d hypotheses explain what nobody is blamed for", len(r.Hypotheses))
			}
			for _, h := range r.Hypotheses {
				if h.Verdict == "supported" || h.ID == c.refuted && h.Verdict != "refuted" {
					t.Errorf("%s is %s: for %v, against %v", h.ID, h.Verdict, h.For, h.Against)
				}
			}
		})
	}
}
