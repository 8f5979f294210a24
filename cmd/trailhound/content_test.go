package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestContentFolderThatAddsNothing refuses a folder of which no verb reads anything.
func TestContentFolderThatAddsNothing(t *testing.T) {
	for kind, refused := range map[string]bool{"intake": true, "detections": false} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, kind), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := contentFolder(dir); (err != nil) != refused {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
