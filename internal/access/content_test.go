package access

import (
	"os"
	"testing"
)

func TestContent(t *testing.T) {
	fsys := os.DirFS("../../content")
	failures, stats, err := Test(fsys, fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
	t.Logf("%d primitives, %d positive and %d negative samples", stats.Primitives, stats.Positives, stats.Negatives)
	if stats.Primitives == 0 || stats.Positives < stats.Primitives || stats.Negatives < stats.Primitives {
		t.Errorf("%+v: every primitive wants both", stats)
	}
}
