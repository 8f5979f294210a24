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
	observed  []evidence.Observation
}

var (
	_ evidence.Querier  = (*Store)(nil)
	_ evidence.Observer = (*Store)(nil)
)

// New returns a Store of the events, deduplicated and in order.
func New(events []evidence.Event, artifacts ...evidence.Artifact) *Store {
	kept, conflicts := evidence.Dedupe(append([]evidence.Event(nil), events...))
	return &Store{events: kept, artifacts: artifacts, conflicts: conflicts}
}

// Observe adds observations, which Complete has made ready, and returns the
// Store. It is for before the first question.
func (s *Store) Observe(list ...evidence.Observation) *Store {
	s.observed = evidence.DedupeObservations(append(s.observed, list...))
	return s
}

// Observations implements evidence.Observer.
func (s *Store) Observations(ctx context.Context, q evidence.ObservationQuery) iter.Seq2[evidence.Observation, error] {
	return func(yield func(evidence.Observation, error) bool) {
		for i := range s.observed {
			if err := ctx.Err(); err != nil {
				yield(evidence.Observation{}, err)
				return
			}
			if q.Match(&s.observed[i]) && !yield(s.observed[i], nil) {
				return
			}
		}
	}
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
