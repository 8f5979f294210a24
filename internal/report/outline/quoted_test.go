package outline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/report/outline"
)

func TestQuoted(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want []string
	}{
		{"", []string{""}},
		{"plain", []string{"plain"}},
		{"user `bob` left", []string{"user ", "bob", " left"}},
		{"`a` and `b`", []string{"", "a", " and ", "b", ""}},
		{"user `bob left", []string{"user `bob left"}}, // of evidence: nothing is code
		{"`", []string{"`"}},
	} {
		if d := cmp.Diff(tc.want, outline.Quoted(tc.in)); d != "" {
			t.Errorf("%q: %s", tc.in, d)
		}
	}
}

// TestQuotedLosesNothing: the parts are the sentence, and there is a plain one last.
func TestQuotedLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("ab` "))).Draw(t, "s")
		parts := outline.Quoted(s)
		if len(parts)%2 != 1 || strings.Join(parts, "`") != s {
			t.Fatalf("%q became %q", s, parts)
		}
	})
}
