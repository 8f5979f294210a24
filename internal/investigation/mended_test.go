package investigation

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// A sentence about deploy-bot is none about deploy.
func TestClaimsStandWithThePrincipalThatTheyName(t *testing.T) {
	const ours, other = "arn:aws:iam::111122223333:user/deploy", "arn:aws:iam::111122223333:user/deploy-bot"
	in := &inquiry{}
	in.claims.add(other+" was seen.", claim.Predicate{}, nil, "A")
	id := in.claims.add(ours+" was seen.", claim.Predicate{}, nil, "A")
	quoted := in.claims.add("At noon user `deploy` called.", claim.Predicate{}, nil, "A")
	if got := in.claimsAbout(ours); !slices.Equal(got, []string{id, quoted}) {
		t.Errorf("%v, want %v", got, []string{id, quoted})
	}
}

// Of three sentences the middle one can be the one that does not hold.
func TestAStruckSentenceGoesWhereverItStands(t *testing.T) {
	in := &inquiry{res: &Result{Impact: []Impact{{Text: "One. Two. Three."}, {Text: "Two."}, {Text: "Two. Four."}, {Text: "Five. Two."}}}}
	in.claims.struck = []claim.Struck{{Text: "Two."}}
	in.unmention(map[string]bool{})
	var got []string
	for _, i := range in.res.Impact {
		got = append(got, i.Text)
	}
	if want := []string{"One. Three.", "Five."}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A flow between two parties that are not the intruder is found by an address in between.
func TestOnlyTheIntrudersAddressesAreCalledSo(t *testing.T) {
	tr := traffic{pairs: map[pairKey]*pair{}}
	flow := func(iface, src, dst string, more ...string) {
		r := evidence.Record{"interface-id": iface, "srcaddr": src, "dstaddr": dst, "bytes": "10"}
		if len(more) == 2 {
			r["pkt-srcaddr"], r["pkt-dstaddr"] = more[0], more[1]
		}
		tr.flow(&evidence.Observation{Kind: "flow", ID: "f", Time: morning}, r, []string{"203.0.113.7"})
	}
	flow("eni-1", "10.0.0.5", "203.0.113.7")
	flow("eni-1", "203.0.113.7", "10.0.0.5")
	flow("eni-1", "203.0.113.7", "10.0.0.5", "198.51.100.1", "10.0.0.5")
	flow("eni` sent 5 bytes to 192.0.2.1. `x", "10.0.0.5", "203.0.113.7")
	for k := range tr.pairs {
		if k.address != "203.0.113.7" || k.iface != "eni-1" {
			t.Errorf("%+v is told as the intruder's", k)
		}
	}
	if len(tr.pairs) != 2 {
		t.Errorf("%d ways, want the one there and the one back", len(tr.pairs))
	}
}

// Whoever is asked, and answers, has the scope read once more: what it gathered does not double.
func TestWhatTheScopeGathersIsGatheredAnew(t *testing.T) {
	in := &inquiry{leads: []string{"once"}, cands: []candidate{{}}}
	in.begin()
	if len(in.leads)+len(in.cands) > 0 {
		t.Errorf("%v %v are left of the reading before", in.leads, in.cands)
	}
}

// An event that a rule of its own and one about the credential fit stands in both findings; its line
// in the timeline bears the title of the first, and names that.
func TestALineOfTheTimelineNamesTheFindingWhoseTitleItBears(t *testing.T) {
	made, used := &detection.Rule{ID: "PR-001", Title: "User created"}, &detection.Rule{ID: "IA-001", Title: "Key used elsewhere"}
	e := &evidence.Event{ID: "e1", Name: "CreateUser", Source: "iam.amazonaws.com", Time: morning, Identity: evidence.Identity{AccessKey: "AKIA1"}}
	s := detection.Subject{Event: e, Actor: attribution.Intruder, Credential: "AKIA1"}
	in := &inquiry{at: &attribution.Result{Events: []evidence.Event{*e}, Rows: []attribution.Row{{Event: "e1", Actor: attribution.Intruder, Credential: "AKIA1"}}},
		subjects: []detection.Subject{s}, byID: map[string]*detection.Subject{"e1": &s}, matches: map[string]detection.Match{"e1": {Rule: made, Event: "e1"}},
		o: &Options{}, res: &Result{Findings: []Finding{{ID: "F1", Technique: made.ID, Evidence: cite("e1")}, {ID: "F2", Technique: used.ID, Evidence: cite("e1")}}}}
	for range 2 {
		if got := in.findingOf()["e1"]; got != "F1" {
			t.Errorf("the line names %s", got)
		}
		slices.Reverse(in.res.Findings)
	}
}

// A keyed store of one key under two names, as anonymisers leave it: the intruder's row is kept, even
// where others' rows stand between.
func TestOfOneKeyTheIntrudersRowIsKept(t *testing.T) {
	in := &inquiry{res: &Result{}}
	for i, held := range []string{"owner", "unknown", "owner", "intruder", "shared"} {
		c := lineage.Credential{ID: "K1", HeldBy: held}
		if i%2 == 1 {
			c.ID = "K2"
		}
		in.res.Credentials = append(in.res.Credentials, c)
	}
	in.oneRowEach()
	var got []string
	for _, c := range in.res.Credentials {
		got = append(got, c.ID+" "+c.HeldBy)
	}
	if want := "K2 intruder, K1 shared"; strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// Of more ways than are told, the one by which the data left is.
func TestTheWayByWhichMostWentIsTold(t *testing.T) {
	in := &inquiry{o: &Options{Content: Content{Weights: &attribution.Weights{Volume: attribution.Volume{ShellMiB: 1}}}}, res: &Result{}, moved: traffic{pairs: map[pairKey]*pair{}}}
	for i := range 3 * maxMoves {
		p := &pair{path: "bytes"}
		p.add(&evidence.Observation{Kind: "flow", ID: "f", Time: morning}, "1000")
		in.moved.pairs[pairKey{iface: fmt.Sprintf("eni-%04d", i), address: "203.0.113.7", out: true}] = p
	}
	p := &pair{path: "bytes"}
	p.add(&evidence.Observation{Kind: "flow", ID: "f", Time: morning}, "5000000000")
	in.moved.pairs[pairKey{iface: "eni-zzzz", address: "203.0.113.7", out: true}] = p
	in.trafficImpact()
	if n := len(in.res.Impact); n != maxMoves || in.res.Impact[n-1].Quantity.Value != 5000000000 {
		t.Errorf("%d rows, and the last is %+v", n, in.res.Impact[n-1])
	}
	if len(in.res.Limits) != 1 || !strings.Contains(in.res.Limits[0].Text, " 201 further ways") {
		t.Errorf("what is left out is not said: %+v", in.res.Limits)
	}
}
