package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// exampleReport is a complete report, to be read by somebody who was not there.
const exampleReport = "../../docs/example-report.md"

// TestExampleReport holds the page against what the program says of the same
// made-up incident. Wording elsewhere may move a line without the page being
// wrong, so a tenth of its lines may differ before it must be written anew.
func TestExampleReport(t *testing.T) {
	dir := t.TempDir()
	truth := simulated(t, "self-healing", dir)
	answers, err := json.Marshal(truth.Answers)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "answers.json")
	if err := os.WriteFile(file, answers, 0o600); err != nil {
		t.Fatal(err)
	}
	text := command(t, "", "investigate", "--evidence", filepath.Join(dir, "AWSLogs"), "--answers", file, "--no-input", truth.Sentence)
	page := "# A report, complete\n\nThe incident is made up: `trailhound simulate self-healing`. The text below is what `trailhound investigate` prints for it, " +
		"unchanged.\nThe page is written by `go test ./cmd/trailhound -run TestExampleReport -update`.\n\n```text\n" + text + "```\n"
	if *update {
		if err := os.WriteFile(exampleReport, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(exampleReport)
	if err != nil {
		t.Fatal(err)
	}
	now, missing := strings.Split(page, "\n"), 0
	lines := strings.Split(string(have), "\n")
	for _, l := range lines {
		if !slices.Contains(now, l) {
			missing++
		}
	}
	if missing*10 > len(lines) || len(now)*10 > len(lines)*11 {
		t.Errorf("%d of %d lines of %s are no longer said: run with -update and read the difference", missing, len(lines), exampleReport)
	}
}
