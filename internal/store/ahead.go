package store

import (
	"context"
	"runtime"

	"github.com/trailhound/trailhound/internal/evidence"
)

// ahead reads the events of one file on a goroutine of its own, some ahead of whoever
// takes them: unpacking pages is most of a long query, and files follow one another.
type ahead struct {
	chunks chan []evidence.Event // closed at the end
	err    error                 // why it ended; set before chunks is closed
	stop   context.CancelFunc
	now    []evidence.Event // not taken yet
}

const (
	aheadChunk  = 256
	aheadChunks = 4 // so at most some 1,500 events wait, a kilobyte each but for bodies
)

func (s *Store) ahead(ctx context.Context, f fileEntry, req *request) *ahead {
	ctx, stop := context.WithCancel(ctx)
	a := &ahead{chunks: make(chan []evidence.Event, aheadChunks), stop: stop}
	go func() {
		defer close(a.chunks)
		sc, err := s.scan(ctx, f, req)
		if err != nil {
			a.err = err
			return
		}
		defer sc.close()
		room := 16 // most lookups find few, and an event is a kilobyte
		for ok := true; ok; {
			chunk := make([]evidence.Event, 0, room)
			for len(chunk) < room {
				chunk = chunk[:len(chunk)+1]
				if ok, a.err = sc.read(&chunk[len(chunk)-1]); !ok || a.err != nil {
					chunk, ok = chunk[:len(chunk)-1], false
					break
				}
			}
			room = min(4*room, aheadChunk)
			select {
			case a.chunks <- chunk:
			case <-ctx.Done():
				a.err = ctx.Err()
				return
			}
		}
	}()
	return a
}

func (a *ahead) read(e *evidence.Event) (bool, error) {
	for len(a.now) == 0 {
		chunk, more := <-a.chunks
		if !more {
			return false, a.err
		}
		a.now = chunk
	}
	*e = a.now[0]
	a.now = a.now[1:]
	return true, nil
}

// close returns when the file is closed.
func (a *ahead) close() {
	a.stop()
	for range a.chunks {
	}
}

// readAhead has the next files of a merge read while the one in hand is, as many as there
// are processors, so that none of these waits for the file in hand to end. It begins at the
// second file, since who wants but a few of all events gets them from the first; who looks
// for some wants all of them.
func (m *merge) readAhead() {
	processors := runtime.GOMAXPROCS(0)
	if m.begun++; m.begun < 2 && !m.lookup || processors == 1 {
		return
	}
	for _, s := range m.waiting[:min(len(m.waiting), processors)] {
		if s.start == nil {
			return
		}
		if s.read == nil {
			s.read, s.done = s.start()
		}
	}
}
