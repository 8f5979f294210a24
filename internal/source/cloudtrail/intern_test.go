package cloudtrail

import (
	"fmt"
	"testing"
)

// TestRecentTextsDoNotCrowd: texts that differ in their last byte alone, as addresses do, have places of their own, and
// two that differ where no hash looks have room side by side.
func TestRecentTextsDoNotCrowd(t *testing.T) {
	r := &reader{texts: map[string]string{}}
	for i := range 200 {
		r.intern(fmt.Appendf(nil, "198.51.100.%d", i))
	}
	kept := 0
	for _, pair := range r.recent {
		for _, text := range pair {
			if text != "" {
				kept++
			}
		}
	}
	if kept < 180 {
		t.Errorf("%d of 200 addresses are remembered", kept)
	}
	for _, text := range []string{"kms.amazonaws.com", "ssm.amazonaws.com"} {
		r.intern([]byte(text))
	}
	clear(r.texts)
	for _, text := range []string{"kms.amazonaws.com", "ssm.amazonaws.com", "kms.amazonaws.com"} {
		if got := r.intern([]byte(text)); got != text {
			t.Errorf("%q for %q", got, text)
		}
	}
	if len(r.texts) > 0 {
		t.Error("two texts of one hash push each other out")
	}
}
