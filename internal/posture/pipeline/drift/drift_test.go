package drift

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

var update = flag.Bool("update", false, "write what this run judges into testdata")

func public(string) trust.Repo { return trust.Repo{} }

var approved = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

type object = map[string]any

// lay merges as RFC 7396 has it.
func lay(base, patch any) any {
	p, ok := patch.(object)
	if !ok {
		return patch
	}
	out := object{}
	if b, ok := base.(object); ok {
		for k, v := range b {
			out[k] = v
		}
	}
	for k, v := range p {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = lay(out[k], v)
		}
	}
	return out
}

func parse(t testing.TB, text string) (v object) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func project(t testing.TB, v any) *model.Project {
	t.Helper()
	p := decode(v, "web")
	if p == nil {
		t.Fatalf("no project in %v", v)
	}
	return p
}

func baseline(t testing.TB, p *model.Project) *Baseline {
	t.Helper()
	b, err := Approve([]*model.Project{p}, approved, "bob")
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "c4n4ry") {
		t.Fatal("a secret is in the baseline")
	}
	if b, err = ReadBaseline(data); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestMutations judges each mutation of an approved project, and its inverse: what
// weakens one way strengthens the other way.
func TestMutations(t *testing.T) {
	const name = "testdata/mutations.txtar"
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	base := parse(t, string(ar.Files[0].Data))
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(string(ar.Files[1].Data)), "\n") {
		title, patch, _ := strings.Cut(line, " | ")
		was, is := project(t, base), project(t, lay(base, parse(t, patch)))
		there := follow(t, baseline(t, was), nil, Options{Repo: public, Now: []*model.Project{is}})
		back := follow(t, baseline(t, is), nil, Options{Repo: public, Now: []*model.Project{was}})
		fmt.Fprintf(&b, "%s\n", title)
		for i, c := range there {
			fmt.Fprintf(&b, "  %s %s: %s (%s -> %s)\n", c.Path, c.Effect, c.Why, c.VerdictBefore, c.VerdictAfter)
			if (c.Effect == Weakens) != (back[i].Effect == Strengthens) && c.Path != "source.location" && c.Path != "source.buildspec" {
				t.Errorf("%s: %s %s, and back %s", title, c.Path, c.Effect, back[i].Effect)
			}
		}
		for _, a := range Alerts(there) {
			fmt.Fprintf(&b, "  alert %s: %s\n", a.Severity, a.Title)
		}
		if data, err := json.Marshal(there); err != nil || strings.Contains(string(data), "c4n4ry") {
			t.Errorf("%s: %v, or a secret came out", title, err)
		}
	}
	if *update {
		ar.Files[2].Data = []byte(b.String())
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got := b.String(); got != string(ar.Files[2].Data) {
		t.Errorf("got\n%s\nwant\n%s", got, ar.Files[2].Data)
	}
}

func follow(t testing.TB, b *Baseline, q evidence.Querier, o Options) []Change {
	t.Helper()
	out, err := Follow(context.Background(), b, q, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// record is a call of CodeBuild in the log.
func record(t testing.TB, id, at, name, agent, invokedBy string, request, response any) evidence.Event {
	t.Helper()
	data, err := json.Marshal(object{"eventVersion": "1.11", "eventID": id, "eventTime": at, "eventSource": "codebuild.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.9",
		"userAgent": agent, "eventType": "AwsApiCall", "recipientAccountId": "111122223333", "requestParameters": request, "responseElements": response,
		"userIdentity": object{"type": "IAMUser", "principalId": "AIDAEXAMPLEEXAMPLE01", "arn": "arn:aws:iam::111122223333:user/eve", "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLEEXAMPLE01", "userName": "eve", "invokedBy": invokedBy}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := cloudtrail.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestCallsAreFollowed: opened by hand, closed by a stack, opened again, and a
// change of the role that no call explains.
func TestCallsAreFollowed(t *testing.T) {
	ar, err := txtar.ParseFile("testdata/mutations.txtar")
	if err != nil {
		t.Fatal(err)
	}
	base := parse(t, string(ar.Files[0].Data))
	open := []any{[]any{object{"type": "EVENT", "pattern": "PULL_REQUEST_CREATED"}}}
	closed := base["webhook"].(object)["filterGroups"]
	events := []evidence.Event{
		record(t, "e0", "2026-10-31T10:00:00Z", "UpdateWebhook", "aws-cli/2.1", "", object{"projectName": "web", "filterGroups": open}, nil), // before the approval
		record(t, "e1", "2026-11-02T10:00:00Z", "UpdateWebhook", "aws-cli/2.1 Python/3", "", object{"projectName": "web", "filterGroups": open}, object{"webhook": object{"filterGroups": open}}),
		record(t, "e2", "2026-11-02T11:00:00Z", "UpdateWebhook", "cloudformation.amazonaws.com", "cloudformation.amazonaws.com", object{"projectName": "web", "filterGroups": closed}, nil),
		record(t, "e3", "2026-11-02T12:00:00Z", "UpdateWebhook", "APN/1.0 HashiCorp/1.0 Terraform/1.7.4", "", object{"projectName": "web", "filterGroups": open}, nil),
		record(t, "e4", "2026-11-02T13:00:00Z", "UpdateProject", "aws-cli/2.1", "", object{"name": "web", "environment": object{"privilegedMode": true}}, nil),
	}
	now := lay(base, object{"serviceRole": "arn:aws:iam::111122223333:role/admin", "webhook": object{"filterGroups": open}, "environment": object{"privilegedMode": true}})
	changes := follow(t, baseline(t, project(t, base)), memory.New(events), Options{Repo: public, Now: []*model.Project{project(t, now)}})
	var got []string
	for _, c := range changes {
		got = append(got, fmt.Sprintf("%s %s %s by=%s means=%s/%s undone=%v", c.Event, c.Path, c.Effect, model.LastPart(c.By), c.Means, c.Tool, c.Undone))
	}
	want := []string{
		"e1 webhook weakens by=eve means=by_hand/aws-cli-2 undone=true",
		"e2 webhook strengthens by=eve means=infrastructure_as_code/CloudFormation undone=true",
		"e3 webhook weakens by=eve means=infrastructure_as_code/terraform undone=false",
		"e4 environment.privilegedMode weakens by=eve means=by_hand/aws-cli-2 undone=false",
		" serviceRole cannot_tell by= means=unknown/ undone=false",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The webhook that flaps is told of once; the rest of what weakens too.
	if alerts := Alerts(changes); len(alerts) != 3 || alerts[0].Severity != "critical" || alerts[0].Change.By == "" || alerts[2].Change.By != "" {
		t.Errorf("%d alerts: %+v", len(alerts), alerts)
	}
}

func TestWhatWasNotLookedAtIsNotGone(t *testing.T) {
	ar, err := txtar.ParseFile("testdata/mutations.txtar")
	if err != nil {
		t.Fatal(err)
	}
	b := baseline(t, project(t, parse(t, string(ar.Files[0].Data))))
	if c := follow(t, b, nil, Options{Repo: public, Now: []*model.Project{}}); len(c) != 1 || c[0].Path != "project" {
		t.Errorf("a project that is gone: %+v", c)
	}
	unseen := func(account, region string) bool { return region == "eu-west-1" }
	if c := follow(t, b, nil, Options{Repo: public, Now: []*model.Project{}, Unseen: unseen}); len(c) != 0 {
		t.Errorf("a region that was refused: %+v", c)
	}
}

func TestBaselinesOfAnotherFormatAreRefused(t *testing.T) {
	for _, text := range []string{"", "{}", `{"format": "trailhound-pipeline-baseline/2"}`, "[]"} {
		if _, err := ReadBaseline([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	if _, err := Approve([]*model.Project{{Name: model.Of("x"), Webhook: model.Cannot[model.Webhook]("denied")}}, approved, ""); err == nil {
		t.Error("what cannot be told was approved")
	}
}

// FuzzCalls replays calls of every shape: whoever may call CodeBuild writes them.
func FuzzCalls(f *testing.F) {
	f.Add("UpdateWebhook", `{"requestParameters": {"projectName": "web", "filterGroups": [[{"type": "EVENT", "pattern": "PUSH"}], null, 3]}, "responseElements": {"webhook": {"filterGroups": "x"}}}`)
	f.Add("UpdateProject", `{"requestParameters": {"name": "web", "source": [], "environment": null}, "responseElements": {"project": {"source": 1, "environment": 2}}}`)
	f.Add("UpdateProjectVisibility", `{"requestParameters": {"projectArn": "a/web"}}`)
	f.Add("DeleteWebhook", `{"requestParameters": {"projectName": "web"}}`)
	f.Fuzz(func(t *testing.T, name, body string) {
		state := map[string]*Snapshot{"1/r/web": {Account: "1", Region: "r", Name: "web", Facts: map[string]string{}}}
		for range 2 {
			step(state, &evidence.Event{ID: "e", Name: name, Account: "1", Region: "r", Body: []byte(body)}, public)
		}
	})
}
