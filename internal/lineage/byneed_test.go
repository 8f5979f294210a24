package lineage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/lineage"
)

// byNeed builds the graph the way an investigation does: an outline from one
// pass, and the rest when it is asked about.
func byNeed(t fatal, events []evidence.Event) *lineage.Graph {
	o, q := lineage.NewOutline(), memory.New(events)
	for e, err := range q.Events(context.Background(), evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		o.Add(&e)
	}
	return lineage.ByNeed(context.Background(), q, o)
}

// says is all that a graph says of one credential.
func says(g *lineage.Graph, id string) string {
	n := g.Node(id)
	if n == nil {
		return id + " is not known\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %v %v %s\n", describe(n), n.LastOK, n.Networks, n.Agents, n.Workload)
	for _, e := range n.In {
		fmt.Fprintf(&b, "  in %s %s %s %s\n", edge(e), e.Network, e.Agent, e.By)
	}
	for _, e := range g.Out(id) {
		fmt.Fprintf(&b, "  out %s %s\n", edge(e), e.Child)
	}
	for _, s := range n.States {
		fmt.Fprintf(&b, "  state %s %s %s\n", s.At, s.Event, s.To)
	}
	for _, other := range g.OfPrincipal(n.UniqueID) {
		if o := g.Node(other); o.Uses > 0 && n.Uses > 0 && o.Person == n.Person {
			fmt.Fprintf(&b, "  beside %s\n", other)
		}
	}
	for _, e := range g.Ancestry(id) {
		fmt.Fprintf(&b, "  from %s\n", edge(e))
	}
	return b.String()
}

// sameAnswers holds a graph by need against the whole one, asked in any order.
func sameAnswers(t interface {
	fatal
	Errorf(string, ...any)
}, name string, events []evidence.Event, order func([]string) []string) {
	whole, need := link(t, events), byNeed(t, events)
	for _, id := range order(slices.Clone(whole.IDs())) {
		if got, want := says(need, id), says(whole, id); got != want {
			t.Errorf("%s: by need\n%sfrom the whole\n%s", name, got, want)
		}
		if got, want := need.Resolve(id), whole.Resolve(id); !slices.Equal(got, want) {
			t.Errorf("%s: %s resolves to %v by need, %v in the whole", name, id, got, want)
		}
	}
	for i := range events {
		e := &events[i]
		if need.CredentialOf(e) != whole.CredentialOf(e) {
			t.Errorf("%s: event %s is of %s by need, %s in the whole", name, e.ID, need.CredentialOf(e), whole.CredentialOf(e))
		}
		need.Read(e.Identity.Person()) // whoever asks what a call gave has read its caller
		if got, want := need.IssuedBy(e.ID), whole.IssuedBy(e.ID); !slices.Equal(got, want) {
			t.Errorf("%s: event %s gave %v by need, %v in the whole", name, e.ID, got, want)
		}
	}
	if got, want := need.Collapsed(), whole.Collapsed(); !slices.Equal(got, want) {
		t.Errorf("%s: collapsed are %v by need, %v in the whole", name, got, want)
	}
	if err := need.Err(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestByNeedSaysTheSame(t *testing.T) {
	for _, s := range scenes(t) {
		sameAnswers(t, s.Name, s.Events, func(ids []string) []string { return ids })
	}
}

// otherKeys gives a scene keys and event ids of its own: AWS never gives out one
// twice, and which person a key belongs to is asked of direct calls only.
func otherKeys(e evidence.Event) evidence.Event {
	other := strings.NewReplacer("ASIAQ", "ASIAR", "AKIAQ", "AKIAR", "-0001-4000-8000-", "-0002-4000-8000-")
	e.ID, e.Fingerprint = other.Replace(e.ID), ""
	e.Body, e.Identity.AccessKey = []byte(other.Replace(string(e.Body))), other.Replace(e.Identity.AccessKey)
	e.Resources = slices.Clone(e.Resources)
	for i, r := range e.Resources {
		e.Resources[i] = other.Replace(r)
	}
	return e
}

// TestByNeedInAnyOrder joins any two scenes and asks in any order.
func TestByNeedInAnyOrder(t *testing.T) {
	all := scenes(t)
	rapid.Check(t, func(t *rapid.T) {
		one, two := all[rapid.IntRange(0, len(all)-1).Draw(t, "scene")], all[rapid.IntRange(0, len(all)-1).Draw(t, "other scene")]
		events := slices.Clone(one.Events)
		if one != two {
			for _, e := range two.Events {
				events = append(events, otherKeys(e))
			}
		}
		events, _ = evidence.Dedupe(events)
		sameAnswers(t, one.Name+" and "+two.Name, events, func(ids []string) []string {
			out := make([]string, len(ids))
			for i, n := range rapid.Permutation(indexes(len(ids))).Draw(t, "order") {
				out[i] = ids[n]
			}
			return out
		})
	})
}
