package store

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// source is one sorted stream of events that has yet to be merged.
type source struct {
	from time.Time                // no event of it is earlier
	open func() (*scanner, error) // called when the merge gets there
	head evidence.Event           // its next event
	read func(*evidence.Event) (bool, error)
	done func()
}

// order is the order of a merge: that of evidence.Compare, then the whole before
// the lossy, then by reference. Of equal events the first one stands for all,
// so which one that is never depends on the order of arrival.
func order(a, b *evidence.Event) int {
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
	for len(m.waiting) > 0 && (len(m.open) == 0 || !m.waiting[0].from.After(m.open[0].head.Time)) {
		s := m.waiting[0]
		m.waiting = m.waiting[1:]
		if s.read == nil {
			sc, err := s.open()
			if err != nil {
				return nil, err
			}
			s.read, s.done = sc.read, sc.close
		}
		ok, err := s.read(&s.head)
		if err != nil {
			s.done()
			return nil, err
		}
		if ok {
			heap.Push(&m.open, s)
		} else {
			s.done()
		}
	}
	if len(m.open) == 0 {
		return nil, nil
	}
	return &m.open[0].head, nil
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
	m.open, m.waiting, m.current = nil, nil, nil
}

type sources []*source

func (h sources) Len() int           { return len(h) }
func (h sources) Less(i, j int) bool { return order(&h[i].head, &h[j].head) < 0 }
func (h sources) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *sources) Push(x any)        { *h = append(*h, x.(*source)) }
func (h *sources) Pop() any {
	old := *h
	s := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return s
}
