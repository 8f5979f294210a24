package check

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f for every index below n, on all processors. What f gives must
// go by its index, so that nothing depends on which comes first.
func parallel(n int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}
