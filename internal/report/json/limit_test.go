package json

import (
	"strings"
	"testing"
)

func TestReadIsBounded(t *testing.T) {
	defer func(n int64) { maxSize = n }(maxSize)
	maxSize = 1 << 20
	if _, err := Read(strings.NewReader(strings.Repeat(" ", 1<<20+1))); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("error %v", err)
	}
}
