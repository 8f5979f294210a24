package evidence

import (
	"slices"
	"testing"
)

func TestListed(t *testing.T) {
	list := func(v ...any) []any { return v }
	for name, c := range map[string]struct {
		types, names any
		want         []string
	}{
		"one":                       {"AWS::IAM::User", "eve", []string{"eve"}},
		"side by side":              {"AWS::IAM::AccessKey, AWS::IAM::User", list("AKIA1", "eve"), []string{"eve"}},
		"two of one type":           {list("AWS::IAM::User", "AWS::IAM::User"), list("eve", "adam"), []string{"eve", "adam"}},
		"which is which is unknown": {"AWS::IAM::AccessKey, AWS::IAM::User", "eve", nil},
		"another type":              {"AWS::IAM::Role", "eve", nil},
		"nothing":                   {nil, nil, nil},
	} {
		r := Record{"exportColumns": map[string]any{"Resource type": c.types, "Resource name": c.names}}
		if got := r.Listed("AWS::IAM::User"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := (Record{"requestParameters": map[string]any{"Resource name": "eve"}}).Listed("AWS::IAM::User"); got != nil {
		t.Errorf("a record of CloudTrail's own lists %q", got)
	}
}

// A table may have a column twice, and whoever makes one may give them different values.
func TestListedOfTwoColumnsIsOne(t *testing.T) {
	for range 50 {
		r := Record{"exportColumns": map[string]any{"Resource type": "AWS::IAM::User", "Resource name": "eve", "resource-name": "mallory"}}
		if got := r.Listed("AWS::IAM::User"); !slices.Equal(got, []string{"mallory"}) {
			t.Fatalf("%q", got)
		}
	}
}
