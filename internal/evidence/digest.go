package evidence

import (
	"context"
	"iter"
)

// Digester is a Querier that remembers what was derived from its events. What
// an investigation must know of the whole evidence (who was where, which day is
// covered) is small and never changes once the events of a day are settled, so
// it need not be read from every event again.
type Digester interface {
	Querier
	// Digests yields what derive makes of each slice of the evidence. The slices
	// hold every event once and follow one another in time. What derive made
	// before under the same kind is taken for what it would make now, so a kind
	// must change with derive. Digests that are lost or damaged are made anew. derive
	// is called for several slices at a time.
	Digests(ctx context.Context, kind string, derive func(iter.Seq2[Event, error]) ([]byte, error)) iter.Seq2[[]byte, error]
}
