package lineage_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

func scenes(t testing.TB) []*scenetest.Scene { return scenetest.Scenes(t, "testdata/*.txt") }

// dump is everything a graph says, in one text.
func dump(g *lineage.Graph) string {
	var b strings.Builder
	for _, id := range g.IDs() {
		n := g.Node(id)
		b.WriteString(describe(n) + " " + n.LastOK + " " + strings.Join(n.Networks, ",") + " " + strings.Join(n.Agents, ",") + "\n")
		for _, e := range n.In {
			b.WriteString("  in " + edge(e) + " " + e.Network + " " + e.Agent + "\n")
		}
		for _, e := range g.Out(id) {
			b.WriteString("  out " + edge(e) + " " + e.Child + "\n")
		}
		for _, s := range n.States {
			b.WriteString("  state " + s.At.String() + s.Event + s.To + "\n")
		}
	}
	return b.String() + strings.Join(g.Collapsed(), ",")
}

// TestOrderAndDuplicationDoNotMatter shuffles and doubles the events of any
// two scenes together.
func TestOrderAndDuplicationDoNotMatter(t *testing.T) {
	all := scenes(t)
	rapid.Check(t, func(t *rapid.T) {
		// Numbers are drawn rather than events: rapid prints what it drew.
		one, two := all[rapid.IntRange(0, len(all)-1).Draw(t, "scene")], all[rapid.IntRange(0, len(all)-1).Draw(t, "other scene")]
		events, _ := evidence.Dedupe(append(slices.Clone(one.Events), two.Events...))
		want := dump(link(t, events))
		mixed := slices.Clone(events)
		for range rapid.IntRange(0, 5).Draw(t, "doubled") {
			mixed = append(mixed, events[rapid.IntRange(0, len(events)-1).Draw(t, "which")])
		}
		order := rapid.Permutation(indexes(len(mixed))).Draw(t, "order")
		shuffled := make([]evidence.Event, len(mixed))
		for i, n := range order {
			shuffled[i] = mixed[n]
		}
		if got := dump(link(t, shuffled)); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestEveryRuleIsProducedSomewhere: a rule that no script brings about is a
// promise of the documentation that nobody checks.
func TestEveryRuleIsProducedSomewhere(t *testing.T) {
	made := map[string]bool{"presigned_url": true} // no edge: TestPresigned
	for _, s := range scenes(t) {
		g := link(t, s.Events)
		for _, id := range g.IDs() {
			for _, e := range g.Node(id).In {
				made[e.Rule] = true
				r, ok := lineage.RuleByID(e.Rule)
				if !ok {
					t.Errorf("%s: rule %s is not in Rules", s.Name, e.Rule)
				}
				if e.Tier > r.Tier {
					t.Errorf("%s: %s makes an edge of tier %d, Rules promise at most %d", s.Name, r.ID, e.Tier, r.Tier)
				}
			}
		}
	}
	for _, r := range lineage.Rules {
		if !made[r.ID] {
			t.Errorf("no scene of testdata brings about %s", r.ID)
		}
	}
}

// TestGraphsHoldTogether: edges run between what exists, both ways.
func TestGraphsHoldTogether(t *testing.T) {
	for _, s := range scenes(t) {
		g := link(t, s.Events)
		for _, id := range g.IDs() {
			for _, e := range g.Node(id).In {
				if e.Child != id {
					t.Errorf("%s: an edge into %s is of %s", s.Name, id, e.Child)
				}
				if e.Parent == "" {
					continue
				}
				p := g.Node(e.Parent)
				if p == nil || !slices.Contains(g.Out(e.Parent), e) {
					t.Errorf("%s: %s does not know its child %s", s.Name, e.Parent, id)
				}
				if ids, ok := g.Linked(e.Child, e.Parent, e.Rule); !ok || !slices.Contains(ids, e.Event) {
					t.Errorf("%s: Linked does not find %s", s.Name, edge(e))
				}
				if _, ok := g.Linked(e.Parent, e.Child, "no_such_rule"); ok {
					t.Errorf("%s: Linked finds a rule that is none", s.Name)
				}
			}
			for i, e := range g.Ancestry(id) {
				if i > 0 && e.At.After(g.Ancestry(id)[i-1].At) {
					t.Errorf("%s: the ancestry of %s goes forward in time", s.Name, id)
				}
			}
		}
	}
}
