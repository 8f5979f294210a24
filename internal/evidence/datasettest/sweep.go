package datasettest

import (
	"os"
	"path/filepath"
	"time"
)

const prefix = "trailhound-datasets-"

// sweep removes what test processes of more than an hour ago left behind: a
// package cannot know when the last test of its process ends.
func sweep() {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range old {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(dir)
		}
	}
}
