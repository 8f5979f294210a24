package all

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/trailhound/trailhound/internal/evidence"
)

// slab is the memory of the events of one batch. It serves one batch after the other, if
// receivers give it back: nothing is collected then, and what is written next is in the
// processor's cache still. Texts of columns are not part of it: whoever holds on to one
// must not see it change.
type slab struct {
	events []evidence.Event
	texts  []*text // that records of events lie in
	home   *stock[*slab]
}

// text is memory that content is read into. Records stay there and are not copied, which
// spares a tenth of the streaming pass, so it serves again when nobody needs any of them.
type text struct {
	bytes []byte
	users atomic.Int32 // slabs, and who reads into it
	home  *stock[*text]
}

// textBytes is room for the records of most of a batch, which have 1.6 kB each, behind what
// gunzip wants to see of the text before.
const textBytes = 384 << 10

// stock is what of one Read nobody uses. No sync.Pool: that loses what it holds to
// every second collection, and an import that gathers events near its limit of memory
// collects so often that it would allocate most batches anew.
type stock[T any] struct {
	mu   sync.Mutex
	idle []T // no more than were in use at a time; gone with the Read and its batches
}

// take gives what is idle, if there is any.
func (s *stock[T]) take() (x T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.idle) - 1
	if last < 0 {
		return x, false
	}
	x, s.idle = s.idle[last], s.idle[:last]
	return x, true
}

func (s *stock[T]) put(x T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, x)
}

// slab is an empty one.
func (r *run) slab() *slab {
	if s, ok := r.slabs.take(); ok {
		return s
	}
	return &slab{events: make([]evidence.Event, 0, batchEvents), home: &r.slabs}
}

// text is one that the caller reads into until it drops it.
func (r *run) text() *text {
	t, ok := r.texts.take()
	if !ok {
		t = &text{bytes: make([]byte, textBytes), home: &r.texts}
	}
	t.users.Store(1)
	return t
}

// holds says whether a record lies in the text, as a slice of its bytes.
func (t *text) holds(record []byte) bool {
	if t == nil || len(record) == 0 {
		return false
	}
	at := cap(t.bytes) - cap(record)
	return at >= 0 && at+len(record) <= len(t.bytes) && &t.bytes[at] == &record[0]
}

// drop is for one user that needs it no more.
func (t *text) drop() {
	if t.users.Add(-1) == 0 {
		t.home.put(t)
	}
}

// hold has t stay as it is for as long as the events do.
func (s *slab) hold(t *text) {
	if !slices.Contains(s.texts, t) { // two or three
		t.users.Add(1)
		s.texts = append(s.texts, t)
	}
}

// fitted moves the events of a batch that is far from full to memory of their size:
// small files would hold on to a slab and a text each.
func (s *slab) fitted() []evidence.Event {
	size := 0
	for i := range s.events {
		size += len(s.events[i].Body)
	}
	events, records := append(make([]evidence.Event, 0, len(s.events)), s.events...), make([]byte, 0, size)
	for i := range events {
		if events[i].Body == nil {
			continue
		}
		at := len(records)
		records = append(records, events[i].Body...)
		events[i].Body = records[at:len(records):len(records)]
	}
	s.free()
	return events
}

func (s *slab) free() {
	for _, t := range s.texts {
		t.drop()
	}
	clear(s.events)
	clear(s.texts)
	s.events, s.texts = s.events[:0], s.texts[:0]
	s.home.put(s)
}

// Release gives back the memory of Events and of their records, none of which may be
// looked at any more. It may be called once, or not at all.
func (b *Batch) Release() {
	s := b.slab
	if s == nil {
		return
	}
	b.slab, b.Events = nil, nil
	s.free()
}
