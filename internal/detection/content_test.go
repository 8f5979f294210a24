package detection

import (
	"os"
	"testing"
)

// TestContent is `trailhound content test` over the content of the repository.
func TestContent(t *testing.T) {
	failures, stats, err := Test(t.Context(), os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
	if stats.Rules == 0 || stats.Negatives < stats.Rules {
		t.Errorf("stats = %+v: every rule has a look-alike", stats)
	}
	t.Logf("%+v", stats)
}
