package datasettest

import (
	"os"
	"testing"
)

func TestDirHoldsOneFolderPerDataSet(t *testing.T) {
	entries, err := os.ReadDir(Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 20 {
		t.Errorf("%d folders, want at least 20", len(entries))
	}
	for _, e := range entries {
		if !e.IsDir() {
			t.Errorf("%s is not a folder", e.Name())
		}
	}
}
