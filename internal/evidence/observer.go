package evidence

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
)

// ObservationQuery selects observations. The fields are joined by AND, the
// values within one field by OR; an empty field does not restrict.
type ObservationQuery struct {
	Kinds    []string
	IDs      []string
	Keys     []string // any of Observation.Keys
	Accounts []string
	// From and To select what overlaps the half-open interval; zero is open. What
	// does not say its moment is always selected, since it may have been then.
	From, To time.Time
}

// Observer reads observations. It never yields two of the same content, and
// yields them in the order of CompareObservations.
type Observer interface {
	Observations(ctx context.Context, q ObservationQuery) iter.Seq2[Observation, error]
}

// Match says whether q selects o. It is the definition that every Observer's
// own, faster way of answering must agree with.
func (q *ObservationQuery) Match(o *Observation) bool {
	in := func(list []string, v ...string) bool {
		return len(list) == 0 || slices.ContainsFunc(v, func(s string) bool { return slices.Contains(list, s) })
	}
	return in(q.Kinds, o.Kind) && in(q.IDs, o.ID) && in(q.Keys, o.Keys...) && in(q.Accounts, o.Account) && q.overlaps(o)
}

func (q *ObservationQuery) overlaps(o *Observation) bool {
	if o.Time.IsZero() {
		return true
	}
	end := o.Time
	if o.Until.After(end) {
		end = o.Until
	}
	return (q.From.IsZero() || !end.Before(q.From)) && (q.To.IsZero() || o.Time.Before(q.To))
}

// DedupeObservations removes observations whose content another one tells, and
// sorts what it returns. Of equal ones the least by reference stays, so that the
// order of arrival leaves no trace.
func DedupeObservations(list []Observation) []Observation {
	slices.SortFunc(list, func(a, b Observation) int { return MergeObservations(&a, &b) })
	return slices.CompactFunc(list, func(a, b Observation) bool { return CompareObservations(&a, &b) == 0 })
}

// MergeObservations is the order in which they are merged: equal ones stand side
// by side, the one to keep first.
func MergeObservations(a, b *Observation) int {
	if c := CompareObservations(a, b); c != 0 {
		return c
	}
	if c := strings.Compare(a.Ref.Artifact, b.Ref.Artifact); c != 0 {
		return c
	}
	return int(a.Ref.Index - b.Ref.Index)
}
