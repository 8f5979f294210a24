package lineage_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
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

// TestTheTruthListsTheRules holds the list of edge rules in docs/formats/truth.md against Rules:
// whoever writes labels has no other list.
func TestTheTruthListsTheRules(t *testing.T) {
	data, err := os.ReadFile("../../docs/formats/truth.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(data), "- `rule` is one of ")
	list, _, end := strings.Cut(list, ". What each means")
	if !ok || !end {
		t.Fatal("docs/formats/truth.md has no list of rules")
	}
	var got, want []string
	for _, word := range strings.Split(list, ",") {
		got = append(got, strings.Trim(strings.TrimSpace(word), "`"))
	}
	for _, r := range lineage.Rules {
		want = append(want, r.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("docs/formats/truth.md lists %d rules, there are %d:\n%v\n%v", len(got), len(want), got, want)
	}
}
