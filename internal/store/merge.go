package store

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// source is one sorted stream of events that has yet to be merged.
type source struct {
	from time.Time                // no event of it is earlier
	open func() (*scanner, error) // called when the merge gets there
	head evidence.Event           // its next event
	body func() ([]byte, error)   // the record of head; nil if head has it
	err  error                    // why body failed
	read func(*evidence.Event) (bool, error)
	done func()

	start func() (read func(*evidence.Event) (bool, error), done func()) // begins to read before its turn; may be nil
}

// order is the order of a merge: that of evidence.Compare, then the whole before
// the lossy, then by reference. Of equal events the first one stands for all,
// so which one that is never depends on the order of arrival. Events have their
// records, and get their fingerprints when only those can tell them apart.
func order(a, b *evidence.Event) int {
	if tied(a, b) {
		identify(a)
		identify(b)
	}
	return orderKnown(a, b)
}

// tied says whether fingerprints decide the order of two events.
func tied(a, b *evidence.Event) bool { return a.ID == b.ID && a.Time.Equal(b.Time) }

func identify(e *evidence.Event) {
	if e.Fingerprint == "" {
		e.Fingerprint = cloudtrail.Fingerprint(e.Body)
	}
}

func orderKnown(a, b *evidence.Event) int {
	if c := evidence.Compare(a, b); c != 0 {
		return c
	}
	if a.Lossy != b.Lossy {
		if a.Lossy {
			return 1
		}
		return -1
	}
	return cmp.Or(strings.Compare(a.Ref.Artifact, b.Ref.Artifact), cmp.Compare(a.Ref.Index, b.Ref.Index))
}

// merge yields the events of many sources in order. A source is opened only
// when its time has come, so files that follow one another are open one at a
// time, and it is closed when it ends.
type merge struct {
	waiting []*source // not opened, by from
	open    sources   // heap by head
	current *source   // whose head was handed out last
	begun   int       // sources whose turn has come
	lookup  bool      // of events that columns tell
}

func (m *merge) add(s *source) {
	i, _ := slices.BinarySearchFunc(m.waiting, s, func(a, b *source) int { return a.from.Compare(b.from) })
	m.waiting = slices.Insert(m.waiting, i, s)
}

// peek returns the next event without taking it, nil at the end. It stays
// valid until next is called.
func (m *merge) peek() (*evidence.Event, error) {
	if s := m.current; s != nil {
		m.current = nil
		ok, err := s.read(&s.head)
		if err != nil {
			m.current = s // so that close finds it
			return nil, err
		}
		if ok {
			heap.Push(&m.open, s)
		} else {
			s.done()
		}
	}
	if err := m.opened(); err != nil {
		return nil, err
	}
	if len(m.open) == 0 {
		return nil, nil
	}
	return &m.open[0].head, m.open[0].err
}

// opened opens every source that may hold the next event.
func (m *merge) opened() error {
	for len(m.waiting) > 0 && (len(m.open) == 0 || !m.waiting[0].from.After(m.open[0].head.Time)) {
		s := m.waiting[0]
		m.waiting = m.waiting[1:]
		m.readAhead()
		if s.read == nil {
			sc, err := s.open()
			if err != nil {
				return err
			}
			s.read, s.done = sc.read, sc.close
			if !sc.req.body {
				s.body = sc.body
			}
		}
		ok, err := s.read(&s.head)
		if err != nil {
			s.done()
			return err
		}
		if ok {
			heap.Push(&m.open, s)
		} else {
			s.done()
		}
	}
	return nil
}

// next takes the event that peek showed.
func (m *merge) next() { m.current = heap.Pop(&m.open).(*source) }

func (m *merge) close() {
	if m.current != nil {
		m.current.done()
	}
	for _, s := range m.open {
		s.done()
	}
	for _, s := range m.waiting {
		if s.start != nil && s.done != nil {
			s.done()
		}
	}
	m.open, m.waiting, m.current = nil, nil, nil
}

// identify gives the source's event its fingerprint, reading its record if it was
// not asked for: forms of one event are rare.
func (s *source) identify() {
	if s.head.Fingerprint != "" || s.err != nil {
		return
	}
	record := s.head.Body
	if s.body != nil {
		record, s.err = s.body()
	}
	s.head.Fingerprint = cloudtrail.Fingerprint(record)
}

type sources []*source

func (h sources) Len() int { return len(h) }
func (h sources) Less(i, j int) bool {
	if tied(&h[i].head, &h[j].head) {
		h[i].identify()
		h[j].identify()
	}
	return orderKnown(&h[i].head, &h[j].head) < 0
}
func (h sources) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *sources) Push(x any)   { *h = append(*h, x.(*source)) }
func (h *sources) Pop() any {
	old := *h
	s := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return s
}
