package cloudtrail

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestHasSuffixFold holds the look at bytes to that at letters, among them two that fold to
// small ASCII ones.
func TestHasSuffixFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"arn", "ARN", "Prefix", "name", "NAME", "iD", "re", "queſt", "quest", "K", "-", "\xff", "x", "R", "@", "["})
		var text []byte
		for range rapid.IntRange(0, 5).Draw(t, "pieces") {
			text = append(text, piece.Draw(t, "piece")...)
		}
		for _, end := range []string{"arn", "name", "id", "requestid", "request-id", "arnprefix"} {
			want := len(text) >= len(end) && bytes.EqualFold(text[len(text)-len(end):], []byte(end))
			if got := hasSuffixFold(text, end); got != want {
				t.Fatalf("%q ends in %s: %v, want %v", text, end, got, want)
			}
		}
	})
}
