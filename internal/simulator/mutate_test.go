package simulator

import (
	"slices"
	"strings"
	"testing"
)

// TestMutations: the truth of every mutation holds on its own trail, and the
// same options give the same story.
func TestMutations(t *testing.T) {
	for _, m := range Mutations() {
		for _, name := range []string{"leaked-ci-key", "bucket-ransom", "quiet-week"} {
			t.Run(m+"/"+name, func(t *testing.T) {
				t.Parallel()
				c := live(t, name, 3, small, m)
				if !slices.Equal(c.truth.Mutations, []string{m}) {
					t.Errorf("mutations are %v", c.truth.Mutations)
				}
				for _, ids := range [][]string{c.truth.AttackEventIDs, c.truth.ForwardedEventIDs} {
					for _, id := range ids {
						if _, ok := c.events[id]; !ok {
							t.Errorf("attack event %s is not on the trail", id)
						}
					}
				}
				for _, x := range c.truth.Lineage {
					if _, ok := c.events[x.Event]; !ok {
						t.Errorf("edge %+v is not on the trail", x)
					}
				}
				for _, p := range c.truth.Persistence {
					if len(p.EventIDs) == 0 && !p.Optional {
						t.Errorf("%+v is required, and nothing on the trail shows it", p)
					}
				}
				if c.truth.Counts.Events != len(c.events) {
					t.Errorf("%d events counted, %d delivered", c.truth.Counts.Events, len(c.events))
				}
				lost := strings.HasPrefix(m, "drop-") || m == "thin-baseline" || m == "management-only"
				if lost != (len(c.truth.Gaps) > 0) && m != "drop-assumerole" { // not everybody's intruder assumes a role
					t.Errorf("gaps are %v", c.truth.Gaps)
				}
				checkAddresses(t, c)
				checkMutation(t, m, c)
			})
		}
	}
}

// checkMutation: it did what it says.
func checkMutation(t *testing.T, m string, c corpus) {
	attack := map[string]bool{}
	for _, id := range c.truth.AttackEventIDs {
		attack[id] = true
	}
	places := map[string]bool{}
	for _, e := range c.order {
		switch {
		case m == "drop-assumerole" && e.Source == "sts.amazonaws.com" && strings.HasPrefix(e.Name, "AssumeRole"),
			m == "drop-region" && e.Region == c.truth.Gaps[0].Value,
			m == "drop-day" && e.Time.Format("2006-01-02") == c.truth.Gaps[0].Value:
			t.Fatalf("%s %s is on the trail", e.Name, e.ID)
		}
		if attack[e.ID] {
			places[e.SourceIP] = true
		}
	}
	if len(attack) > 0 && (m == "rotate") && len(places) < 4 {
		t.Errorf("the intruder comes from %v", places)
	}
	if m == "shared" && len(places) > 1 {
		t.Errorf("the intruder comes from %v", places)
	}
}

func TestUnknownMutationIsRefused(t *testing.T) {
	_, err := Write(t.Context(), "quiet-week", Options{Mutate: []string{"melt"}}, func(Record) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "rotate") {
		t.Errorf("got %v, want the list of mutations", err)
	}
}
