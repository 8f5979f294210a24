package store

import (
	"container/heap"
	"context"
	"errors"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/trailhound/trailhound/internal/evidence"
)

// observationWriter writes one file of observations into the staging folder.
// They must come in the order of evidence.CompareObservations.
type observationWriter struct{ rowWriter[observationRow] }

func (s *Store) newObservationWriter(sh rowShape) (*observationWriter, error) {
	opts := []parquet.WriterOption{
		parquet.CreatedBy("trailhound", "1", "evidence"),
		parquet.KeyValueMetadata("trailhound.observations", "2"),
		parquet.Compression(sh.codec), parquet.DefaultEncoding(&parquet.Plain),
		parquet.PageBufferSize(sh.page), parquet.DataPageStatistics(false),
		parquet.SkipPageBounds("body"), parquet.SkipPageBounds("fingerprint"),
	}
	if sh.blooms {
		var filters []parquet.BloomFilterColumn
		for _, path := range observationBlooms {
			filters = append(filters, parquet.SplitBlockFilter(10, path...))
		}
		opts = append(opts, parquet.BloomFilters(filters...))
	}
	w, err := newRowWriter[observationRow](s, sh, opts)
	if err != nil {
		return nil, err
	}
	return &observationWriter{w}, nil
}

func (w *observationWriter) add(o *evidence.Observation) error {
	w.entry.span(o)
	w.rows = append(w.rows, toObservationRow(o))
	return w.took(observationWeight(o))
}

// observationWeight is about what an observation takes in memory.
func observationWeight(o *evidence.Observation) int64 {
	n := int64(len(o.Body)+len(o.ID)) + 512
	for _, k := range o.Keys {
		n += int64(len(k)) + 16
	}
	return n
}

// observationMerge yields the observations of many files in order, each once:
// of equal ones the least by reference, so that nothing depends on which file
// came first.
type observationMerge struct {
	open observationSources
	last *observationSource // whose head was handed out
	kept evidence.Observation
	any  bool
	drop func(*evidence.Observation) // may be nil
}

type observationSource struct {
	head  evidence.Observation
	read  func(*evidence.Observation) (bool, error)
	close func()
}

func (s *Store) mergeObservations(ctx context.Context, files []fileEntry, q *evidence.ObservationQuery) (*observationMerge, error) {
	m := &observationMerge{}
	for _, f := range files {
		if err := m.addFile(ctx, s, f, q); err != nil {
			m.close()
			return nil, err
		}
	}
	return m, nil
}

func (m *observationMerge) addFile(ctx context.Context, s *Store, f fileEntry, q *evidence.ObservationQuery) error {
	r, err := s.readObservations(ctx, f, q)
	if err != nil {
		return err
	}
	return m.add(&observationSource{read: r.read, close: r.close})
}

// addMemory adds sorted observations.
func (m *observationMerge) addMemory(list []evidence.Observation) error {
	return m.add(&observationSource{close: func() {}, read: func(o *evidence.Observation) (bool, error) {
		if len(list) == 0 {
			return false, nil
		}
		*o, list = list[0], list[1:]
		return true, nil
	}})
}

func (m *observationMerge) add(src *observationSource) error {
	ok, err := src.read(&src.head)
	if err != nil || !ok {
		src.close()
		return err
	}
	heap.Push(&m.open, src)
	return nil
}

// peek shows the next observation, repetitions and all; nil at the end.
func (m *observationMerge) peek() (*evidence.Observation, error) {
	if src := m.last; src != nil {
		m.last = nil
		if err := m.add(src); err != nil {
			return nil, err
		}
	}
	if len(m.open) == 0 {
		return nil, nil
	}
	return &m.open[0].head, nil
}

// next takes the next distinct observation; nil at the end.
func (m *observationMerge) next() (*evidence.Observation, error) {
	for {
		o, err := m.peek()
		if o == nil || err != nil {
			return nil, err
		}
		if o := m.step(); o != nil {
			return o, nil
		}
	}
}

// step takes the observation that peek showed; nil if it repeats the one before.
func (m *observationMerge) step() *evidence.Observation {
	m.last = m.take()
	o := &m.last.head
	if m.any && evidence.CompareObservations(&m.kept, o) == 0 {
		if m.drop != nil && m.kept.Ref != o.Ref { // else the same record, read twice
			m.drop(o)
		}
		return nil
	}
	m.kept, m.any = *o, true
	return &m.kept
}

func (m *observationMerge) take() *observationSource { return heap.Pop(&m.open).(*observationSource) }

func (m *observationMerge) close() {
	for _, src := range m.open {
		src.close()
	}
	if m.last != nil {
		m.last.close()
	}
	m.open, m.last = nil, nil
}

type observationSources []*observationSource

func (h observationSources) Len() int { return len(h) }
func (h observationSources) Less(i, j int) bool {
	return evidence.MergeObservations(&h[i].head, &h[j].head) < 0
}
func (h observationSources) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *observationSources) Push(x any)   { *h = append(*h, x.(*observationSource)) }
func (h *observationSources) Pop() any {
	old := *h
	s := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return s
}

// spillObservations writes observations as a sorted run into staging.
func (c *committer) spillObservations(run *spilled, list []evidence.Observation) error {
	slices.SortFunc(list, func(a, b evidence.Observation) int { return evidence.MergeObservations(&a, &b) })
	w, err := c.s.newObservationWriter(rowRunShape)
	if err != nil {
		return err
	}
	for i := range list {
		if err := errors.Join(c.ctx.Err(), w.add(&list[i])); err != nil {
			w.abandon()
			return err
		}
	}
	run.staged, err = w.finish()
	return err
}
