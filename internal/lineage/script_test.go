package lineage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

// The scripts ask:
//
//	lineage KEY        the chain from its root down, best edge each
//	edges KEY          every edge into it, best first
//	node KEY           what is known of it
//	issued EVENT       what an event gave out or handed over
//	state KEY WHEN     active, disabled, …, and the calls that decide it
//	unexplained, collapsed
const usage = "lineage, edges, node, issued, state, unexplained or collapsed"

func TestScripts(t *testing.T) {
	scenetest.Play(t, "testdata/*.txt", func(t *testing.T, s *scenetest.Scene) func(scenetest.Step) []string {
		g := link(t, s.Events)
		return func(step scenetest.Step) []string {
			if step.Verb != "ask" {
				t.Fatalf("%s: lineage knows only ask", step.Verb)
			}
			return ask(t, s, g, step.Args)
		}
	})
}

// fatal is what testing.TB and rapid.T share.
type fatal interface{ Fatal(...any) }

// link builds the graph the way an investigation does: one pass in the order of
// a Querier, then the issuing records.
func link(t fatal, events []evidence.Event) *lineage.Graph {
	c, q := lineage.NewCollector(), memory.New(events)
	for e, err := range q.Events(context.Background(), evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(&e)
	}
	g, err := lineage.Link(context.Background(), q, c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func ask(t testing.TB, s *scenetest.Scene, g *lineage.Graph, what string) (out []string) {
	t.Helper()
	verb, args, _ := strings.Cut(what, " ")
	key, when, _ := strings.Cut(args, " ")
	key = s.Long(key)
	switch verb {
	case "lineage":
		for _, id := range g.Resolve(key) {
			out = append(out, chain(g, id)...)
		}
	case "edges":
		for _, id := range g.Resolve(key) {
			for _, e := range g.Node(id).In {
				out = append(out, edge(e))
			}
		}
	case "node":
		for _, id := range g.Resolve(key) {
			out = append(out, describe(g.Node(id)))
		}
	case "issued":
		for _, e := range g.IssuedBy(s.Event(args)) {
			out = append(out, fmt.Sprintf("%s %s %d", e.Child, e.Rule, e.Tier))
		}
	case "state":
		at, err := scenetest.When(when)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range g.Resolve(key) {
			state, events := g.Node(id).StateAt(at)
			out = append(out, strings.TrimSpace(state+" "+strings.Join(events, " ")))
		}
	case "unexplained":
		out = g.Unexplained()
	case "collapsed":
		out = g.Collapsed()
	default:
		t.Fatalf("ask %s: ask %s", what, usage)
	}
	return out
}

// chain tells the way from the root down to a credential.
func chain(g *lineage.Graph, id string) []string {
	up := g.Ancestry(id)
	name := func(id string) string { return id + " " + short(g.Node(id).Principal) }
	if len(up) == 0 {
		return []string{name(id)}
	}
	var out []string
	for _, e := range up {
		out = append(out, fmt.Sprintf("> %s: %s %d %s", name(e.Child), e.Rule, e.Tier, e.Event))
	}
	if root := up[len(up)-1]; root.Parent != "" {
		out = append(out, name(root.Parent))
	} else {
		out = append(out, strings.TrimSpace("outside "+root.Holder))
	}
	slices.Reverse(out)
	return out
}

func edge(e lineage.Edge) string {
	from := e.Parent
	if from == "" {
		from = strings.TrimSpace("outside " + e.Holder)
	}
	return fmt.Sprintf("%s %d %s from %s", e.Rule, e.Tier, e.Event, from)
}

func describe(n *lineage.Node) string {
	out := fmt.Sprintf("%s %s %s, %d uses", n.ID, n.Kind, short(n.Principal), n.Uses)
	if n.Forwarded > 0 {
		out += fmt.Sprintf(" (%d forwarded)", n.Forwarded)
	}
	if n.Workload != "" {
		out += ", of " + short(n.Workload)
	}
	if n.Linked {
		out += ", service-linked"
	}
	if !n.Expires.IsZero() {
		out += ", expires " + n.Expires.Format(time.RFC3339)
	}
	return out
}

// short leaves the account out of an ARN.
func short(arn string) string {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 {
		return arn
	}
	return f[5]
}
