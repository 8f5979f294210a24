package main

import (
	"math"
	"runtime/debug"
)

// importMemory is where an import begins to collect garbage more often; what it
// holds at once is far less, however much it reads.
const importMemory = 225 << 20

// spareCollections has garbage collected half as often as Go does by default, and
// more often again near importMemory: reading evidence leaves much garbage and
// little that lives. What the user set by GOGC or GOMEMLIMIT stays. restore undoes it.
func spareCollections() (restore func()) {
	// There is no way to read the setting but to change it.
	percent := debug.SetGCPercent(200)
	limit := debug.SetMemoryLimit(importMemory)
	restore = func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
	// Go's own defaults: nobody set anything.
	if percent != 100 || limit != math.MaxInt64 {
		restore()
		return func() {}
	}
	return restore
}
