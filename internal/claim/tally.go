package claim

import (
	"math/big"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// tally is what one pass over the evidence finds out about one selection, for
// all the claims that share it.
type tally struct {
	selection
	sum *field          // nil unless the amounts are wanted
	per map[string]bool // nouns whose different values must be counted

	count       int64 // different event ids
	failures    int64
	byActor     map[string]int64 // where an attribution is known
	first, last time.Time
	total       *big.Rat
	seen        map[string]bool                // ids with conflicting copies, which count once
	distinct    map[string]map[string]struct{} // noun to its values
}

// maxDistinct bounds what is remembered for a noun; beyond it the number is
// not known, and a sentence that states it does not hold.
const maxDistinct = 200_000

// add counts one event. An event id counts once, although two contents of it may
// both be selected; only ids known to conflict are remembered, since the store
// yields every other id once.
func (t *tally) add(s *subject, conflicting map[string]bool) {
	if conflicting[s.e.ID] {
		if t.seen[s.e.ID] {
			return
		}
		if t.seen == nil {
			t.seen = map[string]bool{}
		}
		t.seen[s.e.ID] = true
	}
	t.count++
	if s.e.Outcome() == evidence.Failure {
		t.failures++
	}
	if s.actor != "" {
		if t.byActor == nil {
			t.byActor = map[string]int64{}
		}
		t.byActor[s.actor]++
	}
	if t.first.IsZero() || s.e.Time.Before(t.first) {
		t.first = s.e.Time
	}
	if s.e.Time.After(t.last) {
		t.last = s.e.Time
	}
	if t.sum != nil {
		if t.total == nil {
			t.total = new(big.Rat)
		}
		// A record without the amount adds nothing; one where it is no number neither.
		for _, v := range t.sum.values(s) {
			if n, ok := number(v); ok {
				t.total.Add(t.total, n)
			}
		}
	}
	for noun := range t.per {
		t.distinct = remember(t.distinct, noun, s)
	}
}

// remember notes the event's values of a noun. One more than maxDistinct is kept,
// by which a number that is not known is told from one that is.
func remember(d map[string]map[string]struct{}, noun string, s *subject) map[string]map[string]struct{} {
	if d == nil {
		d = map[string]map[string]struct{}{}
	}
	set := d[noun]
	if set == nil {
		set = map[string]struct{}{}
		d[noun] = set
	}
	for _, v := range nouns[noun].values(s) {
		if v != "" && len(set) <= maxDistinct {
			set[v] = struct{}{}
		}
	}
	return d
}
