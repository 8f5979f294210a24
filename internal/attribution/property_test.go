package attribution_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

// told is a scene with a case.
type told struct {
	*scenetest.Scene
	said []string
}

func cases(t testing.TB) (all []told) {
	t.Helper()
	for _, s := range scenetest.Scenes(t, "testdata/*.txt") {
		for _, step := range s.Steps {
			if step.Verb == "case" {
				all = append(all, told{s, step.Body})
			}
		}
	}
	return all
}

// dump is everything that a result says.
func dump(r *attribution.Result) string {
	var b strings.Builder
	for _, row := range r.Rows {
		fmt.Fprintln(&b, row)
	}
	for _, c := range r.Clusters {
		fmt.Fprintln(&b, c.Session, c.Network, c.Agent, c.First, c.Last, c.Rotating, c.Actor, c.Why, c.Score, c.Lines, c.Events())
	}
	fmt.Fprintln(&b, r.Networks, r.Shared, r.NoOwner, r.Leads)
	return b.String()
}

// TestOrderAndDuplicationDoNotMatter: of the files, not of the rules.
func TestOrderAndDuplicationDoNotMatter(t *testing.T) {
	all, w := cases(t), weights(t)
	rapid.Check(t, func(t *rapid.T) {
		c := all[rapid.IntRange(0, len(all)-1).Draw(t, "scene")]
		want := dump(attribute(t, c.Scene, c.Events, c.said, w))
		mixed := slices.Clone(c.Events)
		for range rapid.IntRange(0, 5).Draw(t, "doubled") {
			mixed = append(mixed, mixed[rapid.IntRange(0, len(mixed)-1).Draw(t, "which")])
		}
		order := make([]int, len(mixed))
		for i := range order {
			order[i] = i
		}
		shuffled := make([]evidence.Event, 0, len(mixed))
		for _, n := range rapid.Permutation(order).Draw(t, "order") {
			shuffled = append(shuffled, mixed[n])
		}
		if got := dump(attribute(t, c.Scene, shuffled, c.said, w)); got != want {
			t.Fatalf("%s\ngot\n%s\nwant\n%s", c.Name, got, want)
		}
	})
}

// TestTheSameTwice catches what leans on the order of a map.
func TestTheSameTwice(t *testing.T) {
	w := weights(t)
	for _, c := range cases(t) {
		want := dump(attribute(t, c.Scene, c.Events, c.said, w))
		for range 8 {
			if got := dump(attribute(t, c.Scene, c.Events, c.said, w)); got != want {
				t.Fatalf("%s\ngot\n%s\nwant\n%s", c.Name, got, want)
			}
		}
	}
}

// TestRowsAreWhole: one row an event, of events that exist, each with a reason
// and an actor of the list; and a credential touched is touched whole.
func TestRowsAreWhole(t *testing.T) {
	w := weights(t)
	for _, c := range cases(t) {
		r := attribute(t, c.Scene, c.Events, c.said, w)
		touched, rows := map[string]bool{}, map[string]bool{}
		for i, row := range r.Rows {
			if rows[row.Event] || row.Event != r.Events[i].ID {
				t.Errorf("%s: %s stands twice or under another's event", c.Name, c.Label(row.Event))
			}
			rows[row.Event] = true
			touched[row.Credential] = true
			switch row.Actor {
			case attribution.Intruder, attribution.LikelyIntruder, attribution.Undetermined, attribution.Owner, attribution.Service, attribution.Responder:
			default:
				t.Errorf("%s: %s is attributed to %q", c.Name, c.Label(row.Event), row.Actor)
			}
			if row.Because == "" || r.Actor(row.Event) == "" {
				t.Errorf("%s: %s has no reason", c.Name, c.Label(row.Event))
			}
		}
		for _, e := range c.Events {
			if k := e.Identity.AccessKey; k != "" && touched[k] && !rows[e.ID] {
				t.Errorf("%s: %s has no row, others of its credential have", c.Name, c.Label(e.ID))
			}
		}
	}
}

// TestEverySignalCounts: a weight that no script feels could be set to anything.
func TestEverySignalCounts(t *testing.T) {
	w, felt := weights(t), map[string]bool{}
	for _, c := range cases(t) {
		for _, cl := range attribute(t, c.Scene, c.Events, c.said, w).Clusters {
			for _, l := range cl.Lines {
				felt[l.Signal] = true
				// An excuse stops at its floor, and so may count for less.
				if want := w.Points[l.Signal]; l.Points != want && (!slices.Contains([]string{"usual_work", "known_hand", "known_owner", "took_over", "known_guest", "away"}, l.Signal) || l.Points < want || l.Points >= 0) {
					t.Errorf("%s: %s scored %d", c.Name, l.Signal, l.Points)
				}
			}
		}
	}
	for signal := range w.Points {
		if !felt[signal] {
			t.Errorf("no scene of testdata makes %s count", signal)
		}
	}
}
