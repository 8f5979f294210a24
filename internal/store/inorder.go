package store

import (
	"context"
	"iter"
	"runtime"
)

// inOrder yields what f makes of 0 to n-1, in that order, made by as many goroutines as
// there are processors. It ends with the first error, and when it has ended no f runs.
func inOrder[T any](ctx context.Context, n int, f func(ctx context.Context, i int) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		type made struct {
			of  T
			err error
		}
		ctx, stop := context.WithCancel(ctx)
		var begun []chan made
		begin := func() {
			if i := len(begun); i < n {
				c := make(chan made, 1)
				begun = append(begun, c)
				go func() {
					of, err := f(ctx, i)
					c <- made{of, err}
				}()
			}
		}
		for range runtime.GOMAXPROCS(0) {
			begin()
		}
		next := 0
		defer func() {
			stop()
			for ; next < len(begun); next++ {
				<-begun[next]
			}
		}()
		for next < n {
			m := <-begun[next]
			next++
			if m.err == nil {
				begin()
			}
			if !yield(m.of, m.err) || m.err != nil {
				return
			}
		}
	}
}
