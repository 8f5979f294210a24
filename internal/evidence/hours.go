package evidence

import (
	"context"
	"time"
)

// Hour is how many events an hour has.
type Hour struct {
	From   time.Time `json:"hour"`   // its first second, UTC
	Events int       `json:"events"` // at least 1
}

// Hours counts the events that query selects by the hour, in order. Hours without
// any are left out: whether that is silence or a gap is for coverage to say.
func Hours(ctx context.Context, q Querier, query Query) ([]Hour, error) {
	query.Body, query.Brief, query.Bare = false, true, true
	var out []Hour
	for e, err := range q.Events(ctx, query) { // by time, so an hour is complete when the next begins
		if err != nil {
			return nil, err
		}
		from := e.Time.UTC().Truncate(time.Hour)
		if n := len(out); n > 0 && out[n-1].From.Equal(from) {
			out[n-1].Events++
			continue
		}
		out = append(out, Hour{From: from, Events: 1})
	}
	return out, nil
}
