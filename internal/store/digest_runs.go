package store

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// digestRuns yields the digests of a state that is not settled. Since that reads every
// event and merges them, it is also where their repetitions get counted.
func (s *Store) digestRuns(ctx context.Context, man *manifest, derive func(iter.Seq2[evidence.Event, error]) ([]byte, error), yield func([]byte, error) bool) {
	parts, err := s.cut(man)
	if err != nil {
		yield(nil, err)
		return
	}
	var mu sync.Mutex
	repeated := map[string]int64{}
	digest := func(ctx context.Context, i int) ([]byte, error) {
		drops := map[string]int64{}
		data, err := derive(s.eventsTold(ctx, man, parts[i], countDrop(drops)))
		mu.Lock()
		defer mu.Unlock()
		for id, n := range drops {
			repeated[id] += n
		}
		return data, err
	}
	yielded := 0
	for data, err := range inOrder(ctx, len(parts), digest) {
		if !yield(data, errorOf(ctx, err)) || err != nil {
			return
		}
		yielded++
	}
	if yielded == len(parts) {
		s.learn(man, func(k *known) { k.repeated = repeated })
	}
}

// cut divides the time that a state spans into queries of whole days, each of some
// 64,000 rows or more, by what its files say of their row groups. There is at least one.
func (s *Store) cut(man *manifest) ([]evidence.Query, error) {
	type group struct {
		from time.Time
		rows int64
	}
	var groups []group
	for _, f := range slices.Concat(man.Events, man.Runs) {
		file, err := s.files.acquire(s.abs(f.Path), f)
		if err != nil {
			return nil, err
		}
		for _, rg := range file.pf.RowGroups() {
			from := f.From
			if least, _, ok := newRowGroup(rg, file, file.cols).bounds(file.cols.time); ok {
				from = micros(least.Int64())
			}
			groups = append(groups, group{from, rg.NumRows()})
		}
		file.release()
	}
	slices.SortFunc(groups, func(a, b group) int { return a.from.Compare(b.from) })
	parts := []evidence.Query{{}}
	var rows int64
	for i, g := range groups {
		day := g.from.UTC().Truncate(24 * time.Hour)
		if i > 0 && rows >= s.limits.digestRows && dayOf(groups[i-1].from) != dayOf(day) {
			parts[len(parts)-1].To = day
			parts = append(parts, evidence.Query{From: day})
			rows = 0
		}
		rows += g.rows
	}
	return parts, nil
}
