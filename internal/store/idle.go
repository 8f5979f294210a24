package store

import "sync"

// idle holds what nobody uses until somebody does. A sync.Pool loses all of that to every
// second collection, and an import collects often: it works near its limit of memory.
type idle[T any] struct {
	mu   sync.Mutex
	list []T
}

// get is the zero T if there is none.
func (i *idle[T]) get() (x T) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if last := len(i.list) - 1; last >= 0 {
		x = i.list[last]
		var none T
		i.list[last], i.list = none, i.list[:last]
	}
	return x
}

func (i *idle[T]) put(x T) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.list = append(i.list, x)
}

// writerMemory is the memory that writers of events are done with and the next ones
// begin with. It lives as long as an import.
type writerMemory struct {
	columns idle[*eventColumns]
	packed  idle[[]byte] // compressed bodies, on their way into a page
	// Of records apart, since they are much larger. Pages of dictionaries stay with
	// their columns, which differ most.
	pages  [2]idle[*packedPage]
	bodies [2]idle[[]byte]
}

// side is where what is of records is kept, and all else.
func side(large bool) int {
	if large {
		return 1
	}
	return 0
}
