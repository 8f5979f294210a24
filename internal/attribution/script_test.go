package attribution_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

// The scripts say under "case" what is asked:
//
//	stolen KEY…            the case calls these stolen
//	suspect ARN            a principal, by the end of its ARN: user/bob, role/web
//	examine ARN            without holding anything against it
//	address IP|CIDR, event LABEL, instance i-…
//	exposed WHEN, terminated WHEN, terminated_by WHEN
//	away                   somebody is said to travel, or to have a new device
//	denied                 somebody says that it was not theirs
//	owner|test|responder|vendor [ARN] [guests ACCOUNT] [from NET] [with WORD] [after WHEN] [before WHEN] [whole] [told]
//
// and ask:
//
//	actors                 the rows, gathered by actor, credential and network
//	because LABEL          why
//	networks, shared, leads, noowner
func TestScripts(t *testing.T) {
	w := weights(t)
	scenetest.Play(t, "testdata/*.txt", func(t *testing.T, s *scenetest.Scene) func(scenetest.Step) []string {
		var res *attribution.Result
		return func(step scenetest.Step) []string {
			switch step.Verb {
			case "case":
				res = attribute(t, s, s.Events, step.Body, w)
				return nil
			case "ask":
				return ask(t, s, res, step.Args)
			}
			t.Fatalf("%s: expected case or ask", step.Verb)
			return nil
		}
	})
}

func weights(t testing.TB) *attribution.Weights {
	t.Helper()
	w, err := attribution.LoadWeights(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// fatal is what testing.TB and rapid.T share.
type fatal interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// attribute runs on the events, which need be in no order.
func attribute(t fatal, s *scenetest.Scene, events []evidence.Event, said []string, w *attribution.Weights) *attribution.Result {
	ctx, q := context.Background(), memory.New(events)
	c, survey := lineage.NewCollector(), attribution.NewSurvey()
	for e, err := range q.Events(ctx, evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(&e)
		survey.Add(&e)
	}
	g, err := lineage.Link(ctx, q, c)
	if err != nil {
		t.Fatal(err)
	}
	res, err := attribution.Run(ctx, q, g, survey, input(t, s, g, survey, said), w)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func input(t fatal, s *scenetest.Scene, g *lineage.Graph, survey *attribution.Survey, said []string) (in attribution.Input) {
	for _, line := range said {
		verb, rest, _ := strings.Cut(line, " ")
		words := strings.Fields(rest)
		switch verb {
		case "stolen":
			in.Stated, in.Assume = true, true
			for _, k := range words {
				in.Credentials = append(in.Credentials, g.Resolve(s.Long(k))...)
			}
		case "suspect":
			in.Assume = true
			in.Principals = append(in.Principals, persons(survey, words[0])...)
		case "mentioned": // named, and no word of theft with it
			in.Principals = append(in.Principals, persons(survey, words[0])...)
		case "examine":
			in.Examine = append(in.Examine, persons(survey, words[0])...)
		case "address":
			in.IPs = append(in.IPs, words...)
		case "event":
			in.Events = append(in.Events, s.Event(rest))
		case "ours":
			in.Ours = append(in.Ours, words...)
		case "region":
			in.Regions = append(in.Regions, words...)
		case "instance":
			in.Workloads = append(in.Workloads, words...)
		case "away":
			in.Away, in.Abroad = true, words
		case "denied":
			in.Denied = true
		case "exposed":
			in.Exposed, in.Stated = when(t, rest), true
		case "terminated":
			in.Exposed, in.Terminated, in.Stated = when(t, rest), when(t, rest), true
		case "terminated_by":
			in.TerminatedBy = when(t, rest)
		case "owner", "test", "responder", "vendor":
			in.Known = append(in.Known, known(t, survey, verb, words))
		default:
			t.Fatalf("case: %s is nothing that a case says", verb)
		}
	}
	return in
}

func known(t fatal, survey *attribution.Survey, verb string, words []string) attribution.Known {
	k := attribution.Known{Actor: map[string]attribution.Actor{"owner": attribution.Owner, "test": attribution.Owner, "responder": attribution.Responder, "vendor": attribution.Service}[verb], Why: "answer " + verb}
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "from":
			i++
			k.Networks = append(k.Networks, words[i])
		case "guests":
			i++
			k.Guests = append(k.Guests, words[i])
		case "with":
			i++
			k.Agents = append(k.Agents, words[i])
		case "after":
			k.From = when(t, strings.Join(words[i+1:i+3], " "))
			i += 2
		case "before":
			k.To = when(t, strings.Join(words[i+1:i+3], " "))
			i += 2
		case "whole":
			k.Whole = true
		case "told":
			k.Told = true
		default:
			k.Principals = append(k.Principals, persons(survey, words[i])...)
		}
	}
	k.Test = verb == "test"
	k.Full = k.Test && len(k.Principals) > 0 && len(k.Networks) > 0 && !k.From.IsZero()
	return k
}

// persons finds who has an ARN that ends so; itself if nobody has.
func persons(survey *attribution.Survey, end string) (out []string) {
	for _, p := range survey.Principals() {
		if strings.HasSuffix(p.Identity.ARN, end) || strings.HasSuffix(p.Identity.IssuerARN, end) {
			out = append(out, p.Person)
		}
	}
	if out == nil {
		out = []string{end}
	}
	return out
}

func when(t fatal, text string) time.Time {
	at, err := scenetest.When(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func ask(t fatal, s *scenetest.Scene, res *attribution.Result, what string) (out []string) {
	verb, label, _ := strings.Cut(what, " ")
	switch verb {
	case "actors":
		return actors(res)
	case "because":
		for _, r := range res.Rows {
			if r.Event == s.Event(label) {
				out = append(out, string(r.Actor)+": "+r.Because)
			}
		}
	case "networks":
		return slices.Clone(res.Networks)
	case "shared":
		return slices.Clone(res.Shared)
	case "noowner":
		return slices.Clone(res.NoOwner)
	case "leads":
		for _, e := range res.Leads {
			out = append(out, fmt.Sprintf("%s %d %s -> %s", e.Rule, e.Tier, e.Event, e.Child))
		}
	default:
		t.Fatalf("ask %s: nobody can answer", what)
	}
	return out
}

// actors gathers the rows that agree in actor, credential and network.
func actors(res *attribution.Result) (out []string) {
	type group struct {
		line        string
		n           int
		first, last string
	}
	var groups []*group
	for i, r := range res.Rows {
		e := &res.Events[i]
		line := fmt.Sprintf("%s %s %s", r.Actor, r.Credential, e.Network())
		g := slices.IndexFunc(groups, func(g *group) bool { return g.line == line })
		if g < 0 {
			groups = append(groups, &group{line: line, first: e.ID})
			g = len(groups) - 1
		}
		groups[g].n++
		groups[g].last = e.ID
	}
	for _, g := range groups {
		span := g.first
		if g.n > 1 {
			span += " to " + g.last
		}
		out = append(out, fmt.Sprintf("%s: %d, %s", g.line, g.n, span))
	}
	return out
}
