package aws

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live/fake"
)

const canary = "c4n4ry-ghp-0123456789"

// service is the real client of a fake service with one project that is full of secrets.
func service(t *testing.T) (*fake.Server, *Client) {
	s := fake.New(t)
	s.Project("eu-west-1", "web", fake.Object{
		"webhook": fake.Object{"secret": canary, "payloadUrl": "https://codebuild.eu-west-1.amazonaws.com/webhooks?t=" + canary,
			"filterGroups": []any{[]any{fake.Object{"type": "EVENT", "pattern": "PULL_REQUEST_CREATED,PUSH"}, fake.Object{"type": "FILE_PATH", "pattern": "^src/"}}}},
		"environment": fake.Object{"environmentVariables": []any{fake.Object{"name": "TOKEN", "value": canary}}}})
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &s.URL, RetryMaxAttempts: 3, HTTPClient: http.DefaultClient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDFAKE", SecretAccessKey: canary}, nil
		})}
	return s, NewClient(cfg, time.Now)
}

func planned(t *testing.T, c *Client, o ladder.Options) *ladder.Plan {
	t.Helper()
	p, err := c.Project(t.Context(), "eu-west-1", "web")
	if err != nil {
		t.Fatal(err)
	}
	plan := ladder.Make(p, o)
	if plan.Refused != "" {
		t.Fatal(plan.Refused)
	}
	return &plan
}

// TestOverTheWire climbs the ladder at a strict service and comes down again; no
// secret of the project gets into the journal.
func TestOverTheWire(t *testing.T) {
	s, c := service(t)
	path := filepath.Join(t.TempDir(), "journal")
	e := &Engine{Account: c, Journal: journal(t, path)}
	before := s.Webhook("eu-west-1", "web")
	var done []Change
	for _, o := range []ladder.Options{{}, {}, {Target: ladder.Target{Rung: ladder.Gate, Approval: true}}} {
		p := planned(t, c, o)
		got, err := e.Apply(t.Context(), p, p.ID)
		if err != nil || got.Step != Verified {
			t.Fatalf("%v %s %s", err, got.Step, got.Note)
		}
		done = append(done, got)
	}
	if len(s.Trail()) != 3 {
		t.Errorf("%d writes", len(s.Trail()))
	}
	// Only the last change can be taken back: the others are built upon.
	var moved *Moved
	if _, err := e.Rollback(t.Context(), done[0].Entry.Change, done[0].Entry.Change); !errors.As(err, &moved) {
		t.Errorf("a rollback out of turn: %v", err)
	}
	for i := range done {
		id := done[len(done)-1-i].Entry.Change
		if got, err := e.Rollback(t.Context(), id, id); err != nil || got.Step != RolledBack {
			t.Fatalf("%v %s %s", err, got.Step, got.Note)
		}
	}
	after := s.Webhook("eu-west-1", "web")
	if got, want := after["filterGroups"], before["filterGroups"]; !equalJSON(t, got, want) || after["secret"] != canary {
		t.Errorf("%v is not %v", after, before)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), canary) {
		t.Error("the journal holds a secret")
	}
}

func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, y := ladder.Encode(a), ladder.Encode(b)
	return string(x) == string(y)
}

// TestAnswersThatGetLost: the service did it and the answer never came. The call
// may be repeated, and the change is verified.
func TestAnswersThatGetLost(t *testing.T) {
	s, c := service(t)
	s.Faults.Lost = map[string]int{"UpdateWebhook": 10} // more than we try
	e := &Engine{Account: c, Journal: journal(t, filepath.Join(t.TempDir(), "journal"))}
	p := planned(t, c, ladder.Options{})
	got, err := e.Apply(t.Context(), p, p.ID)
	if err != nil || got.Step != Verified || !strings.Contains(got.Note, "the call failed") {
		t.Errorf("%v %s %s", err, got.Step, got.Note)
	}
}

// TestSomebodyElse edits between the plan and the application, and right after
// our own edit.
func TestSomebodyElse(t *testing.T) {
	s, c := service(t)
	e := &Engine{Account: c, Journal: journal(t, filepath.Join(t.TempDir(), "journal"))}
	theirs := fake.Object{"filterGroups": []any{[]any{fake.Object{"type": "EVENT", "pattern": "RELEASED"}}}}
	p := planned(t, c, ladder.Options{})
	s.Edit("eu-west-1", "web", func(p fake.Object) { p["webhook"] = theirs })
	var moved *Moved
	if _, err := e.Apply(t.Context(), p, p.ID); !errors.As(err, &moved) || s.Calls("UpdateWebhook") != 0 {
		t.Errorf("before: %v, %d updates", err, s.Calls("UpdateWebhook"))
	}

	s, c = service(t)
	e = &Engine{Account: c, Journal: journal(t, filepath.Join(t.TempDir(), "journal"))}
	p = planned(t, c, ladder.Options{})
	s.Faults.After = func(op string) {
		if op == "UpdateWebhook" {
			s.Faults.After = nil
			s.EditLocked("eu-west-1", "web", func(p fake.Object) { p["webhook"] = theirs })
		}
	}
	got, err := e.Apply(t.Context(), p, p.ID)
	// What is read back is not what was asked for, so the step is taken back; what was found is in the journal.
	if err != nil || got.Step != RolledBack {
		t.Errorf("after: %v %s", err, got.Step)
	}
	found := false
	for _, en := range e.Journal.Entries() {
		found = found || en.Step == RollingBack && en.Live != nil && en.Live.FilterGroups[0][0].Pattern == "RELEASED"
	}
	if !found {
		t.Error("the journal does not say what was found")
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s, c := service(t)
	if _, err := c.Webhook(t.Context(), "eu-west-1", "gone"); !errors.Is(err, ErrNoWebhook) {
		t.Error(err)
	}
	s.Project("eu-west-1", "bare", nil)
	if _, err := c.Webhook(t.Context(), "eu-west-1", "bare"); !errors.Is(err, ErrNoWebhook) {
		t.Error(err)
	}
	s.Faults.Denied = map[string]bool{"eu-west-1": true}
	e := &Engine{Account: c, Journal: journal(t, filepath.Join(t.TempDir(), "journal"))}
	p := plan(t, openPulls())
	if _, err := e.Apply(t.Context(), p, p.ID); err == nil || len(e.Journal.Entries()) != 0 {
		t.Errorf("%v, %d entries", err, len(e.Journal.Entries()))
	}
}

func TestOnlyTheListedCallsAreMade(t *testing.T) {
	s, c := service(t)
	if err := c.call(t.Context(), "eu-west-1", "codebuild:DeleteProject", map[string]any{"name": "web"}); err == nil || s.Calls("DeleteProject") != 0 {
		t.Error("a call that is not listed was made")
	}
	if len(Operations()) != 1 {
		t.Errorf("this test and docs/howto/harden-a-pipeline.md list one operation, the program %d", len(Operations()))
	}
}

func TestStacksAreLeftAlone(t *testing.T) {
	s, c := service(t)
	p := planned(t, c, ladder.Options{})
	s.Edit("eu-west-1", "web", func(p fake.Object) {
		p["tags"] = []any{fake.Object{"key": "aws:cloudformation:stack-name", "value": "ci"}}
	})
	e := &Engine{Account: c, Journal: journal(t, filepath.Join(t.TempDir(), "journal"))}
	if _, err := e.Apply(t.Context(), p, p.ID); !errors.Is(err, ErrManaged) || s.Calls("UpdateWebhook") != 0 {
		t.Errorf("%v", err)
	}
}
