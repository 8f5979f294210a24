package trailhound

import (
	"slices"
	"strings"
	"testing"
)

// maxLines is where a file stops being one thing.
const maxLines = 600

// TestFilesAreSmall reports the median, which should stay near 120.
func TestFilesAreSmall(t *testing.T) {
	var sizes []int
	for _, name := range files(t, product) {
		n := strings.Count(text(t, name), "\n")
		sizes = append(sizes, n)
		if n > maxLines {
			t.Errorf("%s has %d lines, more than %d: divide it", name, n, maxLines)
		}
	}
	slices.Sort(sizes)
	t.Logf("%d files, median %d lines, largest %d", len(sizes), sizes[len(sizes)/2], sizes[len(sizes)-1])
}
