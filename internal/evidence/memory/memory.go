// Package memory is evidence held in memory: a Querier for tests and for
// checking other Queriers against the plainest possible reading of a Query.
package memory

import (
	"context"
	"iter"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Store holds events. Make one with New.
type Store struct {
	events    []evidence.Event
	artifacts []evidence.Artifact
	conflicts []string
}

var _ evidence.Querier = (*Store)(nil)

// New returns a Store of the events, deduplicated and in order.
func New(events []evidence.Event, artifacts ...evidence.Artifact) *Store {
	kept, conflicts := evidence.Dedupe(append([]evidence.Event(nil), events...))
	return &Store{kept, artifacts, conflicts}
}

// Events implements evidence.Querier.
func (s *Store) Events(ctx context.Context, q evidence.Query) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		for i := range s.events {
			if err := ctx.Err(); err != nil {
				yield(evidence.Event{}, err)
				return
			}
			if !q.Match(&s.events[i]) {
				continue
			}
			e := s.events[i]
			if !q.Body {
				e.Body = nil
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Artifacts implements evidence.Querier.
func (s *Store) Artifacts(context.Context) ([]evidence.Artifact, error) { return s.artifacts, nil }

// Conflicts implements evidence.Querier.
func (s *Store) Conflicts(context.Context) ([]string, error) { return s.conflicts, nil }
