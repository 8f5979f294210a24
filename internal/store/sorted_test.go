package store

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestSortedIsAMergesOrder holds sorting by numbers to comparing events, with many in one
// second, and with times that are too far apart for it.
func TestSortedIsAMergesOrder(t *testing.T) {
	for name, most := range map[string]int64{"close": 50, "days": 7 * 86400, "far": 1 << 50, "none": 0} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(5, 6))
			var batches []batch
			for k := range 6 {
				var events []evidence.Event
				for i := range r.IntN(300) {
					if most == 0 {
						break
					}
					e := plainEvent(k*300 + i%290) // some are there twice
					e.Time = time.Unix(1_700_000_000+r.Int64N(2*most)-most, 0).UTC()
					events = append(events, e)
				}
				batches = append(batches, batch{Events: events})
			}
			var want []timed
			for k, b := range batches {
				for i := range b.Events {
					want = append(want, timed{b.Events[i].Time.Unix(), &b.Events[i], k})
				}
			}
			slices.SortStableFunc(want, func(a, b timed) int {
				return cmp.Or(cmp.Compare(a.at, b.at), order(a.event, b.event))
			})
			got := sorted(batches)
			if len(got) != len(want) {
				t.Fatalf("%d events, want %d", len(got), len(want))
			}
			for i := range got {
				if got[i].at != want[i].at || order(got[i].event, want[i].event) != 0 || got[i].batch != want[i].batch {
					t.Fatalf("event %d is %v at %d, want %v at %d", i, got[i].event.ID, got[i].at, want[i].event.ID, want[i].at)
				}
			}
		})
	}
}
