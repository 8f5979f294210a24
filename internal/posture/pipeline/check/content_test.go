package check

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEveryCheckFiresOnItsBadSampleAlone holds the built-in catalogue against its
// samples.
func TestEveryCheckFiresOnItsBadSampleAlone(t *testing.T) {
	root, err := filepath.Abs("../../../../content")
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := Test(t.Context(), os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Error(w)
	}
}
