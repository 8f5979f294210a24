package ladder

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

var update = flag.Bool("update", false, "write the plans of this run into testdata")

// project is a webhook of a GitHub project.
func project(s State) *model.Project {
	return &model.Project{Form: model.API, Name: model.Of("web"), ARN: model.Of("arn:aws:codebuild:eu-west-1:111122223333:project/web"), Region: "eu-west-1",
		Account: "111122223333", Source: model.Source{Type: model.Of("GITHUB")}, Webhook: model.Of(s.Webhook(model.Webhook{}))}
}

// TestPlans draws the plan of each testdata/*.txtar: webhook.json is the webhook
// as the API gives it, targets one target a line, plans what must come out.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		part := map[string]*txtar.File{}
		for i := range ar.Files {
			part[ar.Files[i].Name] = &ar.Files[i]
		}
		var s State
		if err := json.Unmarshal(part["webhook.json"].Data, &s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var b strings.Builder
		for _, line := range strings.Split(strings.TrimSpace(string(part["targets"].Data)), "\n") {
			fmt.Fprintf(&b, "%s\n", line)
			say(&b, Make(project(s), target(t, line)))
		}
		if *update {
			part["plans"].Data = []byte(b.String())
			if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got := b.String(); got != string(part["plans"].Data) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, part["plans"].Data)
		}
	}
}

func target(t *testing.T, line string) (o Options) {
	for _, w := range strings.Fields(line) {
		k, v, _ := strings.Cut(w, "=")
		switch k {
		case "rung":
			fmt.Sscan(v, &o.Target.Rung)
		case "branches":
			o.Target.Branches = strings.Split(v, ",")
		case "ids":
			o.Target.Contributors = strings.Split(v, ",")
		case "approval":
			o.Target.Approval = true
		case "force":
			o.Force = true
		case "private":
			o.Repo = trust.Repo{Visibility: "private", Forks: "forbidden"}
		default:
			t.Fatalf("what is %q?", w)
		}
	}
	return o
}

func say(b *strings.Builder, p Plan) {
	if p.Refused != "" {
		fmt.Fprintf(b, "  refused: %s\n", p.Refused)
		return
	}
	fmt.Fprintf(b, "  %s -> %s\n  %s (%s) -> %s (%s)\n", p.RungBefore, p.RungAfter, p.Who.Before, p.Who.Why, p.Who.After, p.Who.WhyNow)
	for _, n := range p.Notes {
		fmt.Fprintf(b, "  note: %s\n", n)
	}
	fmt.Fprintf(b, "  do:   %s\n  undo: %s\n", p.Edit.CLI, p.Inverse.CLI)
}

func random(t *rapid.T) State {
	filter := rapid.Custom(func(t *rapid.T) Filter {
		kind := rapid.SampledFrom([]string{"HEAD_REF", "BASE_REF", "ACTOR_ACCOUNT_ID", "FILE_PATH", "COMMIT_MESSAGE"}).Draw(t, "type")
		return Filter{kind, rapid.SampledFrom([]string{"^refs/heads/main$", "main", "^(1|2)$", "12", "a|b", "^x", "it's $1"}).Draw(t, "pattern"), rapid.Bool().Draw(t, "exclude")}
	})
	group := rapid.Custom(func(t *rapid.T) []Filter {
		g := rapid.SliceOfN(filter, 0, 3).Draw(t, "filters")
		if rapid.IntRange(0, 9).Draw(t, "event") > 0 {
			events := rapid.SliceOfNDistinct(rapid.SampledFrom(model.Events[:8]), 1, 4, rapid.ID).Draw(t, "events")
			g = append([]Filter{{"EVENT", strings.Join(events, ", "), rapid.IntRange(0, 4).Draw(t, "not") == 0}}, g...)
		}
		return g
	})
	s := State{FilterGroups: rapid.SliceOfN(group, 0, 4).Draw(t, "groups")}
	if rapid.Bool().Draw(t, "policy") {
		s.Policy = &Policy{rapid.SampledFrom([]string{Disabled, AllPulls, Forks}).Draw(t, "requires"), rapid.SliceOfDistinct(rapid.SampledFrom(trust.Roles()[:3]), rapid.ID).Draw(t, "roles")}
	}
	return s
}

// TestPlansCloseAndNeverOpen: of any webhook, a step to rung 1 or 2 leaves nobody
// without write access, drawn again has nothing left to do, says nothing new of
// who it lets in, and is accepted by the service.
func TestPlansCloseAndNeverOpen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := random(t)
		rung := Rung(rapid.IntRange(1, 2).Draw(t, "rung"))
		p := Make(project(s), Options{Target: Target{Rung: rung}, Force: true})
		if p.Refused != "" {
			if !p.After.Equal(p.Before) || p.ID != "" {
				t.Fatalf("a refused plan has a step: %+v", p)
			}
			return
		}
		if p.Who.After > trust.Writers {
			t.Fatalf("rung %d leaves %s: %s\n%+v", rung, p.Who.After, p.Who.WhyNow, p.After)
		}
		if err := Check(p.After, "GITHUB"); err != nil {
			t.Fatal(err)
		}
		if p.After.Equal(p.Before) || !p.Genuine() {
			t.Fatalf("a step that is none, or is not its own: %+v", p)
		}
		again := Make(project(p.After), Options{Target: Target{Rung: rung}, Force: true})
		if again.Refused == "" {
			t.Fatalf("rung %d is not reached in one step: %+v", rung, again.After)
		}
	})
}

// TestStatesComeBack: a state written into the model and read again is itself,
// and its hash knows no order.
func TestStatesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := random(t)
		w := s.Webhook(model.Webhook{})
		got, err := Read(&w)
		if err != nil || got.Hash() != s.Hash() {
			t.Fatalf("%v: %+v is not %+v", err, got, s)
		}
		shuffled := s.Clone()
		slices.Reverse(shuffled.FilterGroups)
		for _, g := range shuffled.FilterGroups {
			slices.Reverse(g)
		}
		if shuffled.Hash() != s.Hash() {
			t.Fatal("the hash knows the order")
		}
		if len(s.FilterGroups) > 0 {
			shuffled.FilterGroups[0] = append(shuffled.FilterGroups[0], Filter{"TAG_NAME", "new", false})
			if shuffled.Hash() == s.Hash() {
				t.Fatal("the hash does not know a new filter")
			}
		}
	})
}

func TestWhatCannotBeToldIsNotPlanned(t *testing.T) {
	known := State{FilterGroups: [][]Filter{{{"EVENT", "PULL_REQUEST_CREATED", false}}}}
	for name, change := range map[string]func(*model.Project){
		"webhook": func(p *model.Project) { p.Webhook = model.Cannot[model.Webhook]("denied") },
		"groups":  func(p *model.Project) { p.Webhook.V.Groups = model.Cannot[[]model.Group]("denied") },
		"pattern": func(p *model.Project) { p.Webhook.V.Groups.V[0].Filters.V[0].Pattern = model.Cannot[string]("denied") },
		"policy":  func(p *model.Project) { p.Webhook.V.Policy = model.Cannot[model.Policy]("denied") },
		"name":    func(p *model.Project) { p.Name = model.Cannot[string]("denied") },
		"none":    func(p *model.Project) { p.Webhook = model.Value[model.Webhook]{} },
	} {
		p := project(known)
		change(p)
		if plan := Make(p, Options{}); plan.Refused == "" {
			t.Errorf("%s: %+v", name, plan)
		}
	}
}

func TestTemplatesAndStacksAreManaged(t *testing.T) {
	s := State{FilterGroups: [][]Filter{{{"EVENT", "PULL_REQUEST_CREATED", false}}}}
	p := project(s)
	p.Tags = model.Of(map[string]string{"aws:cloudformation:stack-name": "ci"})
	if plan := Make(p, Options{}); !strings.Contains(plan.Managed, "ci") || plan.Edit.CloudFormation == "" {
		t.Errorf("%+v", plan)
	}
	p = project(s)
	p.Form, p.At = model.Terraform, model.Location{File: "ci.tf", Line: 3}
	p.Webhook.V.Policy = model.Of(model.Policy{Requires: model.Of(Disabled)})
	if plan := Make(p, Options{}); plan.Managed != "the template ci.tf:3" || plan.Edit.Terraform == "" {
		t.Errorf("%+v", plan)
	}
}
