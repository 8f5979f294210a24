package detection

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
)

func TestSeverityFollowsActorAndOutcome(t *testing.T) {
	ok := `"requestParameters":{"userName":"bob"}`
	refused := ok + `,"errorCode":"AccessDenied"`
	for _, tt := range []struct {
		record  string
		actor   attribution.Actor
		want    string
		attempt bool
	}{
		{ok, attribution.Undetermined, "medium", false},
		{ok, attribution.Owner, "medium", false},
		{ok, attribution.Intruder, "high", false},
		{ok, attribution.LikelyIntruder, "high", false},
		{refused, attribution.Intruder, "medium", true},
		{refused, attribution.Undetermined, "low", true},
	} {
		s := subject(t, tt.record)
		s.Actor = tt.actor
		m, _ := eval(t, `params.userName == "bob"`, s, Env{})
		if len(m) != 1 || m[0].Severity != tt.want || m[0].Attempt != tt.attempt {
			t.Errorf("%s by %s: %+v", tt.record, tt.actor, m)
		}
	}
}

func TestRuleAboutFailureIsNoAttempt(t *testing.T) {
	r := &Rule{ID: "XX-001", When: `event.errorCode == "Client.DryRunOperation"`}
	m, _, _ := pack(t, r).Run(t.Context(), []Subject{subject(t, `"errorCode":"Client.DryRunOperation"`)}, Env{})
	if len(m) != 1 || m[0].Attempt || m[0].Severity != "medium" {
		t.Errorf("%+v", m)
	}
}

func TestRequiresAttributed(t *testing.T) {
	p := pack(t, &Rule{ID: "XX-001", RequiresAttributed: true})
	for actor, want := range map[attribution.Actor]int{attribution.Intruder: 1, attribution.LikelyIntruder: 1, attribution.Undetermined: 0, attribution.Owner: 0, attribution.Responder: 0} {
		s := subject(t, `"requestParameters":{}`)
		s.Actor = actor
		if m, _, _ := p.Run(t.Context(), []Subject{s}, Env{}); len(m) != want {
			t.Errorf("%s: %d matches", actor, len(m))
		}
	}
}

func TestMostSpecificRuleNamesTheTechnique(t *testing.T) {
	exact := []EventName{{Source: "iam.amazonaws.com", Names: names{"AttachUserPolicy"}}}
	family := []EventName{{Source: "iam.amazonaws.com", Names: names{"Attach*"}}}
	p := pack(t,
		&Rule{ID: "XX-001"},
		&Rule{ID: "XX-002", Events: family},
		&Rule{ID: "XX-003", Events: exact},
		&Rule{ID: "XX-004", Events: exact, When: `params.userName == "bob" && caller.type == "IAMUser"`},
		&Rule{ID: "XX-005", Events: exact, When: `params.userName == "bob"`},
		&Rule{ID: "XX-006", Events: exact, When: `params.userName == "eve" && caller.type == "IAMUser" && account == "1"`},
	)
	m, _, _ := p.Run(t.Context(), []Subject{subject(t, `"requestParameters":{"userName":"bob"}`)}, Env{})
	if len(m) != 1 || m[0].Rule.ID != "XX-004" || !slices.Equal(m[0].Tags, []string{"XX-001", "XX-002", "XX-003", "XX-005"}) {
		t.Errorf("%+v", m)
	}
}

// Of several rules that only differ in what a refusal hides, the one that claims
// least is named; a rule that could be read stands before all of them.
func TestUndecidedRulesClaimTheLeast(t *testing.T) {
	exact := []EventName{{Source: "iam.amazonaws.com", Names: names{"AttachUserPolicy"}}}
	plainRule := &Rule{ID: "XX-001", Events: exact, NeedsSuccess: true, When: `params.a == "x"`}
	precise := &Rule{ID: "XX-002", Events: exact, NeedsSuccess: true, When: `params.a == "x" && params.b == "y"`}
	read := &Rule{ID: "XX-003", Events: exact, NeedsSuccess: true}
	refused := subject(t, `"requestParameters":null,"errorCode":"AccessDenied"`)
	m, _, _ := pack(t, plainRule, precise).Run(t.Context(), []Subject{refused}, Env{})
	if len(m) != 1 || m[0].Rule.ID != "XX-001" || !m[0].Undecided || !slices.Equal(m[0].Tags, []string{"XX-002"}) {
		t.Errorf("%+v", m)
	}
	m, _, _ = pack(t, plainRule, precise, read).Run(t.Context(), []Subject{refused}, Env{})
	if len(m) != 1 || m[0].Rule.ID != "XX-003" || m[0].Undecided || len(m[0].Tags) != 0 {
		t.Errorf("%+v", m)
	}
}

// everything is all samples of the content as one case.
func everything(t testing.TB) (*Pack, []Subject) {
	t.Helper()
	fsys := os.DirFS("../../content")
	p, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var out []Subject
	for _, r := range p.Rules {
		samples, err := readSamples(fsys, r.Path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			out = append(out, s.subjects...)
		}
	}
	return p, out
}

func TestResultDoesNotDependOnOrder(t *testing.T) {
	p, subjects := everything(t)
	for i := range subjects {
		subjects[i].Actor = []attribution.Actor{attribution.Intruder, attribution.Owner, attribution.Undetermined}[i%3]
	}
	want, wantReport, err := p.Run(t.Context(), subjects, Env{})
	if err != nil || len(want) < 200 || len(wantReport.NotCovered) == 0 {
		t.Fatalf("%d matches, %d gaps, %v", len(want), len(wantReport.NotCovered), err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		random.Shuffle(len(subjects), func(i, j int) { subjects[i], subjects[j] = subjects[j], subjects[i] })
		got, report, err := p.Run(t.Context(), subjects, Env{})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(report, wantReport) {
			t.Fatal("another order of the subjects gives another result")
		}
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	p, subjects := everything(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.Run(ctx, subjects, Env{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestIndexAgreesWithMatches(t *testing.T) {
	p, subjects := everything(t)
	for _, s := range subjects {
		got := map[*Rule]int{}
		p.rulesFor(s.Event.Source, s.Event.Name, func(r *Rule, named int) {
			if got[r] != 0 {
				t.Fatalf("%s is tried twice on %s", r.ID, s.Event.Name)
			}
			got[r] = named
		})
		for _, r := range p.Rules {
			if want := r.matches(s.Event.Source, s.Event.Name); got[r] != want {
				t.Errorf("%s on %s %s: %d, want %d", r.ID, s.Event.Source, s.Event.Name, got[r], want)
			}
		}
	}
}

// Whatever a record holds, rules neither panic nor wait; what they cannot
// evaluate is reported.
func FuzzRun(f *testing.F) {
	p, subjects := everything(f)
	for _, s := range subjects[:40] {
		f.Add(s.Event.Source, s.Event.Name, string(s.Event.Body))
	}
	f.Add("iam.amazonaws.com", "PutUserPolicy", `{"requestParameters":{"policyDocument":{"Statement":[{"Effect":"Allow","Principal":[[]],"Condition":{"a":{"b":[{}]}}}]}}}`)
	f.Fuzz(func(t *testing.T, source, name, body string) {
		s := call(1, 0, name, "k")
		s.Event.Source, s.Event.Body, s.Actor = source, []byte(body), attribution.Intruder
		rec, err := s.Event.Parse()
		if err != nil {
			t.Skip()
		}
		s.Record = rec
		again := s
		e := *s.Event
		e.ID, e.ErrorCode, e.ErrorMessage = "e002", "AccessDenied", body
		again.Event = &e
		if _, _, err := p.Run(t.Context(), []Subject{s, again}, Env{Accounts: []string{ours}}); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkRun(b *testing.B) {
	p, subjects := everything(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := p.Run(b.Context(), subjects, Env{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(subjects)), "µs/event")
}
