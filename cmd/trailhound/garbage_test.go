package main

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestSpareCollections(t *testing.T) {
	for _, set := range []struct {
		percent int
		limit   int64
		during  int64
	}{
		{100, math.MaxInt64, importMemory},
		{50, math.MaxInt64, math.MaxInt64}, // the user's own
		{100, 1 << 40, 1 << 40},
	} {
		percent, limit := debug.SetGCPercent(set.percent), debug.SetMemoryLimit(set.limit)
		restore := spareCollections()
		if got := debug.SetMemoryLimit(-1); got != set.during {
			t.Errorf("GOGC %d, limit %d: the limit is %d while reading, want %d", set.percent, set.limit, got, set.during)
		}
		restore()
		if p, l := debug.SetGCPercent(percent), debug.SetMemoryLimit(limit); p != set.percent || l != set.limit {
			t.Errorf("GOGC %d, limit %d: left at %d and %d", set.percent, set.limit, p, l)
		}
	}
}
