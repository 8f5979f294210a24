package all

import (
	"sync"

	"github.com/trailhound/trailhound/internal/evidence"
)

// slab is the memory of one batch: its events, and their records. It serves one batch
// after the other, if receivers give it back: nothing is collected then, and what is
// written next is in the processor's cache still. Texts are not part of it: whoever
// holds on to one must not see it change.
type slab struct {
	events  []evidence.Event
	records []byte // handed out up to its length; more than that is allocated by itself
	home    *slabs
}

// slabRecords is room for the records of a usual batch, which have 1.6 kB each.
const slabRecords = 640 << 10

// slabs are those of one Read that nobody uses. No sync.Pool: that loses what it holds to
// every second collection, and an import that gathers events near its limit of memory
// collects so often that it would allocate most slabs anew.
type slabs struct {
	mu   sync.Mutex
	idle []*slab // no more than were in use at a time; gone with the Read and its batches
}

func (h *slabs) get() *slab {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last := len(h.idle) - 1; last >= 0 {
		s := h.idle[last]
		h.idle = h.idle[:last]
		return s
	}
	return &slab{events: make([]evidence.Event, 0, batchEvents), records: make([]byte, 0, slabRecords), home: h}
}

func (h *slabs) put(s *slab) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.idle = append(h.idle, s)
}

// keep gives a copy of a record that lives as long as the batch.
func (s *slab) keep(record []byte) []byte {
	at := len(s.records)
	if cap(s.records)-at < len(record) {
		return append(make([]byte, 0, len(record)), record...)
	}
	s.records = append(s.records, record...)
	return s.records[at:len(s.records):len(s.records)]
}

// fitted moves the events of a batch that is far from full to memory of their size:
// small files would hold on to a slab each.
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
	clear(s.events)
	s.events, s.records = s.events[:0], s.records[:0]
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
