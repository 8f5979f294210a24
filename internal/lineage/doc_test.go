package lineage_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/trailhound/trailhound/internal/lineage"
)

var row = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\d) \\| (yes|no) \\| (.+?) \\|(.*)\\|$")

// TestTheReferenceListsTheRules holds docs/reference/lineage.md against Rules,
// in order.
func TestTheReferenceListsTheRules(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/lineage.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := row.FindAllStringSubmatch(string(text), -1)
	if len(rows) != len(lineage.Rules) {
		t.Fatalf("the table has %d rows, there are %d rules", len(rows), len(lineage.Rules))
	}
	for i, r := range lineage.Rules {
		held := "no"
		if r.Held {
			held = "yes"
		}
		if got, want := fmt.Sprint(rows[i][1:4]), fmt.Sprint([]string{r.ID, fmt.Sprint(r.Tier), held}); got != want {
			t.Errorf("row %d says %s, the rule %s", i+1, got, want)
		}
	}
}
