package evidence

import (
	"context"
	"errors"
	"time"
)

// ErrNoEvent is a question about an event that the evidence does not have.
var ErrNoEvent = errors.New("no event of that id is in the evidence")

// Around gives the event of an id, with up to n events that query selects in front of
// it and n behind it, all in order. Events of its id are part of the result whether
// query selects them or not. The span that is read grows until there are enough, so
// a store is read near the event only.
func Around(ctx context.Context, q Querier, query Query, id string, n int) ([]Event, error) {
	var middle []Event
	for e, err := range q.Events(ctx, Query{IDs: []string{id}, Body: query.Body}) {
		if err != nil {
			return nil, err
		}
		middle = append(middle, e)
	}
	if len(middle) == 0 {
		return nil, ErrNoEvent
	}
	first, last := &middle[0], &middle[len(middle)-1]
	before, err := side(ctx, q, query, n, func(e *Event) bool { return e.ID != id && Compare(e, first) < 0 }, func(span time.Duration, query *Query) bool {
		from := first.Time.Add(-span)
		whole := span == 0 || !query.From.IsZero() && !from.After(query.From)
		if !whole {
			query.From = from
		}
		if to := first.Time.Add(time.Second); query.To.IsZero() || query.To.After(to) {
			query.To = to
		}
		return whole
	}, true)
	if err != nil {
		return nil, err
	}
	after, err := side(ctx, q, query, n, func(e *Event) bool { return e.ID != id && Compare(e, last) > 0 }, func(span time.Duration, query *Query) bool {
		to := last.Time.Add(span)
		whole := span == 0 || !query.To.IsZero() && !to.Before(query.To)
		if !whole {
			query.To = to
		}
		if query.From.IsZero() || query.From.Before(last.Time) {
			query.From = last.Time
		}
		return whole
	}, false)
	if err != nil {
		return nil, err
	}
	return append(append(before, middle...), after...), nil
}

// spans are how far Around looks, one after the other; 0 is to the end.
var spans = []time.Duration{time.Minute, 10 * time.Minute, 2 * time.Hour, 24 * time.Hour, 0}

// side gathers the n events nearest on one side. within narrows a query to a span and
// says whether that is all there is; ofSide says which events count.
func side(ctx context.Context, q Querier, query Query, n int, ofSide func(*Event) bool, within func(time.Duration, *Query) bool, keepLast bool) ([]Event, error) {
	for _, span := range spans {
		narrowed := query
		whole := within(span, &narrowed)
		var got []Event
		for e, err := range q.Events(ctx, narrowed) {
			if err != nil {
				return nil, err
			}
			if !ofSide(&e) {
				continue
			}
			got = append(got, e)
			if keepLast && len(got) >= 2*n+1024 { // only the nearest count: hold no more than that
				got = append(got[:0], got[len(got)-n:]...)
			}
			if !keepLast && len(got) == n {
				return got, nil
			}
		}
		if len(got) > n {
			got = got[len(got)-n:]
		}
		if len(got) == n || whole {
			return got, nil
		}
	}
	return nil, nil
}
