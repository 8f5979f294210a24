package store

import (
	"context"

	"github.com/trailhound/trailhound/internal/evidence"
)

// known is what was found out about a state by reading its events, and need not be
// found out again. What is nil was not asked for yet. Nobody writes to what it holds.
type known struct {
	conflicts []string         // ids with two contents, sorted
	repeated  map[string]int64 // by artifact: events of unsettled files that repeat others
}

func (s *Store) knownState() (*manifest, known) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.man, s.known
}

// learn adds to what is known of a state, unless that is the state no more.
func (s *Store) learn(man *manifest, add func(*known)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.man == man {
		add(&s.known)
	}
}

// countRepeated reads every event of a state that is not settled.
func (s *Store) countRepeated(ctx context.Context, man *manifest) (map[string]int64, error) {
	repeated := map[string]int64{}
	for _, err := range s.eventsTold(ctx, man, evidence.Query{}, countDrop(repeated)) {
		if err != nil {
			return nil, err
		}
	}
	s.learn(man, func(k *known) { k.repeated = repeated })
	return repeated, nil
}
