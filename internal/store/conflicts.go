package store

import (
	"context"
	"hash/maphash"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// maxKnownConflicts bounds the list in the manifest. A store with more was fed
// something strange and computes the list when it is asked for.
const maxKnownConflicts = 10_000

// Conflicts implements evidence.Querier. The list of a settled store stands in
// its manifest; otherwise the ids are read, and nothing else of the events.
func (s *Store) Conflicts(ctx context.Context) ([]string, error) {
	s.reading.Add(1)
	defer s.reading.Add(-1)
	man, before := s.knownState()
	if before.conflicts != nil {
		return slices.Clone(before.conflicts), nil
	}
	if man.Conflicts != nil {
		return slices.Clone(*man.Conflicts), nil
	}
	found, err := s.findConflicts(ctx, man)
	if err != nil {
		return nil, err
	}
	s.learn(man, func(k *known) { k.conflicts = found })
	return slices.Clone(found), nil
}

// findConflicts finds the ids that occur more than once without holding them
// all: first the hashes that do, a share of them at a time, then the ids that
// have such a hash.
func (s *Store) findConflicts(ctx context.Context, man *manifest) ([]string, error) {
	seed := maphash.MakeSeed()
	total := int64(0)
	for _, f := range slices.Concat(man.Events, man.Runs) {
		total += f.Rows
	}
	passes := uint64(total/s.limits.hashes) + 1
	suspects := map[uint64]bool{}
	for pass := range passes {
		var hashes []uint64
		err := s.eachID(ctx, man, func(id string) {
			if h := maphash.String(seed, id); h%passes == pass {
				hashes = append(hashes, h)
			}
		})
		if err != nil {
			return nil, err
		}
		slices.Sort(hashes)
		for i := 1; i < len(hashes); i++ {
			if hashes[i] == hashes[i-1] {
				suspects[hashes[i]] = true
			}
		}
	}
	found := []string{}
	if len(suspects) == 0 {
		return found, nil
	}
	times := map[string]int{}
	err := s.eachID(ctx, man, func(id string) {
		if suspects[maphash.String(seed, id)] {
			if times[id]++; times[id] == 2 {
				found = append(found, id)
			}
		}
	})
	slices.Sort(found)
	return found, err
}

// eachID calls f with the id of every event.
func (s *Store) eachID(ctx context.Context, man *manifest, f func(id string)) error {
	if !man.settled() { // repetitions must be dropped first
		for e, err := range s.eventsOf(ctx, man, evidence.Query{Bare: true}) {
			if err != nil {
				return err
			}
			f(e.ID)
		}
		return nil
	}
	req := &request{from: minMicros, to: maxMicros, idOnly: true}
	for _, part := range man.Events {
		sc, err := s.scan(ctx, part, req)
		if err != nil {
			return err
		}
		var e evidence.Event
		for {
			ok, err := sc.read(&e)
			if err != nil {
				sc.close()
				return errorOf(ctx, err)
			}
			if !ok {
				break
			}
			f(e.ID)
		}
		sc.close()
	}
	return nil
}
