package investigation_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

// told is a scene with the sentence of its case.
type told struct {
	*scenetest.Scene
	text string
}

func cases(t testing.TB) (all []told) {
	t.Helper()
	for _, s := range scenetest.Scenes(t, "testdata/*.txt") {
		for _, step := range s.Steps {
			if step.Verb == "case" {
				all = append(all, told{s, s.Long(step.Args)})
			}
		}
	}
	return all
}

// document is a result as data, without what is kept for later stages.
func document(t interface{ Fatal(...any) }, r *investigation.Result) string {
	out, err := json.Marshal([]any{r.Case, r.Verdict, r.Scope, r.Questions, r.Attribution, r.Credentials, r.Principals, r.Findings, r.Claims, r.Struck,
		r.Timeline, r.Resources, r.Persistence, r.Impact, r.Benign, r.Limits, r.Coverage, r.Open, r.OwnerUse})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestOrderAndDuplicationDoNotMatter: the same evidence gives the same report,
// byte for byte.
func TestOrderAndDuplicationDoNotMatter(t *testing.T) {
	all, content := cases(t), content(t)
	rapid.Check(t, func(t *rapid.T) {
		c := all[rapid.IntRange(0, len(all)-1).Draw(t, "scene")]
		if len(c.Events) == 0 {
			return
		}
		o := investigation.Options{Text: c.text, Content: content}
		want, err := investigation.Run(context.Background(), memory.New(c.Events), o)
		if err != nil {
			t.Fatal(err)
		}
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
		got, err := investigation.Run(context.Background(), memory.New(shuffled), o)
		if err != nil {
			t.Fatal(err)
		}
		if g, w := document(t, got), document(t, want); g != w {
			t.Fatalf("%s\ngot\n%s\nwant\n%s", c.Name, g, w)
		}
	})
}

// TestAnythingMayBeAsked: no sentence makes it panic, fail or ask too much.
func TestAnythingMayBeAsked(t *testing.T) {
	all, content := cases(t), content(t)
	rapid.Check(t, func(t *rapid.T) {
		c := all[rapid.IntRange(0, len(all)-1).Draw(t, "scene")]
		o := investigation.Options{Text: rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"", "?", "AKIA", "root", "203.0.113.7", "203.0.113.0/24 did what?", "user ci", "since Monday", "0.0.0.0/0", "arn:aws:iam::111122223333:user/ci", "not ours",
		})).Draw(t, "text"), Content: content}
		if _, err := investigation.Run(context.Background(), memory.New(c.Events), o); err != nil {
			t.Fatal(err)
		}
	})
}

// TestAskingSomebody: what a person answers is used at once; what goes wrong
// with asking is told; nobody is asked twice.
func TestAskingSomebody(t *testing.T) {
	scenes, err := scenetest.Parse(`scene s
given
  AKIA1  user/ci
load
  09:00  AKIA1 from 192.0.2.10 with terraform  DescribeInstances x3
  10:00  AKIA1 from 203.0.113.7 with boto3     CreateUser user/eve
`)
	if err != nil {
		t.Fatal(err)
	}
	s := scenes[0]
	o := investigation.Options{Text: s.Long("The access key AKIA1 has been stolen."), Content: content(t)}
	asked := 0
	o.Ask = func(_ context.Context, list []intake.Question) (map[string]intake.Answer, error) {
		asked++
		if len(list) == 0 || len(list) > 3 {
			t.Errorf("%d questions at once", len(list))
		}
		for _, q := range list {
			if q.Why == "" || q.Default == "" {
				t.Errorf("%s has no reason or no default", q.ID)
			}
			if q.ID == "owner" && !slices.Contains(q.Choices, "192.0.2.0/24 with terraform") {
				t.Errorf("choices of owner: %v", q.Choices)
			}
		}
		return map[string]intake.Answer{"owner": {ID: "owner", Text: "Terraform only, from 192.0.2.0/24"}}, nil
	}
	r := run(t, s.Store(), o)
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	owner := 0
	for _, row := range r.Attribution {
		if row.Actor == "owner" {
			owner++
		}
	}
	if owner != 3 {
		t.Errorf("%d events are the owner's, want 3", owner)
	}
	broken := errors.New("no terminal")
	o.Ask, o.Answers = func(context.Context, []intake.Question) (map[string]intake.Answer, error) { return nil, broken }, nil
	if _, err := investigation.Run(context.Background(), s.Store(), o); !errors.Is(err, broken) {
		t.Errorf("asking failed, and the error is %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := investigation.Run(ctx, s.Store(), o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, and the error is %v", err)
	}
}
