package store

import (
	"context"
	"iter"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Events implements evidence.Querier. Files of other days are not opened, row
// groups that cannot hold a wanted value are not read, and of the others only
// the columns of the conditions, and then the rest for the rows that are left.
func (s *Store) Events(ctx context.Context, q evidence.Query) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		s.reading.Add(1)
		defer s.reading.Add(-1)
		s.eventsOf(ctx, s.state(), q)(yield)
	}
}

func (s *Store) eventsOf(ctx context.Context, man *manifest, q evidence.Query) iter.Seq2[evidence.Event, error] {
	return s.eventsTold(ctx, man, q, func(*evidence.Event) {})
}

// eventsTold tells also of the events that are dropped since another repeats them.
func (s *Store) eventsTold(ctx context.Context, man *manifest, q evidence.Query, drop func(*evidence.Event)) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		m, possible := s.plan(ctx, man, &q)
		if !possible {
			return
		}
		defer m.close()
		stopped := false
		d := &distinct{
			drop: drop,
			keep: func(e *evidence.Event) error {
				// The definition has the last word, whatever the columns said.
				if !stopped && q.Match(e) {
					stopped = !yield(*e, nil)
				}
				return nil
			},
		}
		for !stopped {
			e, err := m.peek()
			if err != nil {
				_ = d.flush() // what came before is whole
				if !stopped {
					yield(evidence.Event{}, errorOf(ctx, err))
				}
				return
			}
			if e == nil {
				_ = d.flush() // keep never fails here
				return
			}
			m.next()
			_ = d.add(e)
		}
	}
}

// errorOf prefers the caller's own reason for an end.
func errorOf(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// plan gathers the files that can hold an answer.
func (s *Store) plan(ctx context.Context, man *manifest, q *evidence.Query) (*merge, bool) {
	req, possible := newRequest(q, man.mixed())
	if !possible {
		return nil, false
	}
	m := &merge{lookup: len(req.conds) > 0}
	skip := otherAccounts(man, q.Accounts)
	for _, f := range slices.Concat(man.Events, man.Runs) {
		if f.To.UnixMicro() < req.from || f.From.UnixMicro() >= req.to || skip(&f) {
			continue
		}
		src := s.source(ctx, f, &req)
		// Of what is settled nobody asks for a fingerprint that is not there, for
		// which the file would have to stand at the event in hand.
		if len(man.Runs) == 0 {
			src.start = func() (func(*evidence.Event) (bool, error), func()) {
				a := s.ahead(ctx, f, &req)
				return a.read, a.close
			}
		}
		m.add(src)
	}
	return m, true
}

func (s *Store) source(ctx context.Context, f fileEntry, req *request) *source {
	return &source{from: f.From, open: func() (*scanner, error) { return s.scan(ctx, f, req) }}
}

// otherAccounts tells the files that hold nothing of the accounts that are asked for: those of
// another account, and the shared partition of a day on which each of these has its own.
func otherAccounts(man *manifest, accounts []string) func(*fileEntry) bool {
	// While a lossy form may have to give way to a whole one, all forms must be read: they may
	// differ in their account.
	if len(accounts) == 0 || man.mixed() {
		return func(*fileEntry) bool { return false }
	}
	wanted := map[string]bool{}
	for _, id := range accounts {
		if id != "" { // Query.Match never matches an empty value
			wanted[id] = true
		}
	}
	own := map[string]map[string]bool{} // by day: those that are wanted and have a partition of their own
	for _, f := range man.Events {
		if day, account := partitionIn(f.Path); wanted[account] {
			if own[day] == nil {
				own[day] = map[string]bool{}
			}
			own[day][account] = true
		}
	}
	return func(f *fileEntry) bool {
		if f.Account != "" {
			return !wanted[f.Account]
		}
		day, account := partitionIn(f.Path)
		return account == shared && len(own[day]) == len(wanted)
	}
}
