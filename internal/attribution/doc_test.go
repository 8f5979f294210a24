package attribution_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

var row = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([+-]?\\d+) \\| (.+?) \\| (.+?) \\| (.+?) \\| (.+?) \\|$")

// TestTheReferenceListsTheSignals holds docs/reference/attribution.md against
// the weights: a number that moved was measured again, or the page says so.
func TestTheReferenceListsTheSignals(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/attribution.md")
	if err != nil {
		t.Fatal(err)
	}
	w := weights(t)
	told := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		told[m[1]] = m[2]
	}
	for signal, points := range w.Points {
		if want := fmt.Sprint(points); told[signal] != want {
			t.Errorf("%s counts %s, the page says %q", signal, want, told[signal])
		}
	}
	if len(told) != len(w.Points) {
		t.Errorf("the page has %d signals, the weights %d", len(told), len(w.Points))
	}
}
