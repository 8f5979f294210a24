package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/live"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live/fake"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
	"github.com/trailhound/trailhound/internal/source/awsapi"
)

func client(s *fake.Server, attempts int) awsapi.API {
	return awsapi.New(config(s, attempts), time.Now)
}

func openPulls() fake.Object {
	return fake.Object{"filterGroups": []any{[]any{fake.Object{"type": "EVENT", "pattern": "PULL_REQUEST_CREATED"}}}}
}

// TestThreeRegionsOneDenied: 250 projects over three regions, every fifth call
// throttled, one region refused. All of the rest is read, and the refused region
// is named as what cannot be told.
func TestThreeRegionsOneDenied(t *testing.T) {
	s := fake.New(t)
	regions := map[string]int{"eu-west-1": 120, "us-east-1": 129, "ap-south-1": 1}
	for region, n := range regions {
		for i := range n {
			with := fake.Object{}
			if i%2 == 0 {
				with["webhook"] = openPulls()
			}
			s.Project(region, fmt.Sprintf("p%03d", i), with)
		}
		s.Credential(region, fake.Object{"arn": "arn:aws:codebuild:" + region + ":111122223333:token/github", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"})
	}
	s.Faults.Throttle = 5
	s.Faults.Denied = map[string]bool{"ap-south-1": true}
	inv, err := live.Read(t.Context(), client(s, 8), live.Options{Regions: []string{"eu-west-1", "us-east-1", "ap-south-1"}, Account: fake.Account})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Projects) != 249 || len(inv.Credentials) != 2 {
		t.Errorf("%d projects, %d credentials", len(inv.Projects), len(inv.Credentials))
	}
	if len(inv.Gaps) != 1 || inv.Gaps[0].Region != "ap-south-1" || !inv.Gaps[0].Denied || inv.Gaps[0].What != "projects" || inv.Gaps[0].Account != fake.Account {
		t.Errorf("gaps: %+v", inv.Gaps)
	}
	open := 0
	for _, p := range inv.Projects {
		if trust.Evaluate(p, trust.Repo{}).Verdict == trust.Anyone {
			open++
		}
	}
	if open != 60+65 {
		t.Errorf("%d are open to anyone", open)
	}
	if n := s.Calls("BatchGetProjects"); n < 4 {
		t.Errorf("%d batches for 249 names", n)
	}
}

// TestCounts reads around the limits of a page and a batch.
func TestCounts(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 250} {
		s := fake.New(t)
		for i := range n {
			s.Project("eu-west-1", fmt.Sprintf("p%03d", i), nil)
		}
		inv, err := live.Read(t.Context(), client(s, 1), live.Options{Regions: []string{"eu-west-1"}})
		if err != nil || len(inv.Projects) != n || len(inv.Gaps) != 0 {
			t.Errorf("%d: %v, %d projects, gaps %v", n, err, len(inv.Projects), inv.Gaps)
		}
		if got := s.Calls("BatchGetProjects"); got != (n+99)/100 {
			t.Errorf("%d: %d batches", n, got)
		}
	}
}

func TestBuildsAndWhatIsNotFound(t *testing.T) {
	s := fake.New(t)
	s.Project("eu-west-1", "web", fake.Object{"webhook": openPulls()})
	for i := range 7 {
		s.Build("eu-west-1", fmt.Sprintf("web:%d", i), fake.Object{"initiator": "GitHub-Hookshot/1", "sourceVersion": fmt.Sprintf("pr/%d", i)})
	}
	inv, err := live.Read(t.Context(), client(s, 1), live.Options{Regions: []string{"eu-west-1"}, Projects: []string{"web", "gone"}, Builds: 3})
	if err != nil || len(inv.Projects) != 1 || len(inv.Builds) != 3 {
		t.Fatalf("%v, %d projects, %d builds", err, len(inv.Projects), len(inv.Builds))
	}
	gone := 0
	for _, g := range inv.Gaps {
		if strings.Contains(g.What, "gone") && g.Region == "eu-west-1" {
			gone++
		}
	}
	if gone == 0 {
		t.Errorf("nobody says that a project is gone: %+v", inv.Gaps)
	}
}

// TestSecretsStayInside: what stands in the projects of the account as plain text
// is in no printed form of the inventory.
func TestSecretsStayInside(t *testing.T) {
	s := fake.New(t)
	const canary = "c4n4ry-ghp-0123456789"
	s.Project("eu-west-1", "web", fake.Object{"webhook": fake.Object{"secret": canary},
		"environment": fake.Object{"environmentVariables": []any{fake.Object{"name": "TOKEN", "value": canary}}},
		"source":      fake.Object{"type": "GITHUB", "location": "https://x:" + canary + "@github.com/acme/web"}})
	inv, err := live.Read(t.Context(), client(s, 1), live.Options{Regions: []string{"eu-west-1"}})
	if err != nil || len(inv.Projects) != 1 {
		t.Fatal(err)
	}
	data, err := json.Marshal(inv.Projects)
	if err != nil {
		t.Fatal(err)
	}
	if out := string(data) + fmt.Sprintf("%+v %#v", inv.Projects[0], *inv.Projects[0]); strings.Contains(out, canary) {
		t.Error("a secret came out")
	}
	if v := inv.Projects[0].Env.Variables.V; len(v) != 1 || v[0].Value.V.Reveal() != canary {
		t.Error("the secret never came in, so the test says nothing")
	}
}

func TestInterruptsEnd(t *testing.T) {
	s := fake.New(t)
	s.Project("eu-west-1", "web", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := live.Read(ctx, client(s, 1), live.Options{Regions: []string{"eu-west-1"}}); err == nil {
		t.Error("no error")
	}
}

// TestRealCommandLineAgrees drives the fake with AWS's own command line, which
// knows the API's members and enums and refuses answers that have others.
func TestRealCommandLineAgrees(t *testing.T) {
	cli, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: the AWS command line is not on the PATH")
	}
	s := fake.New(t)
	run := func(args ...string) (string, error) {
		c := exec.Command(cli, append([]string{"--endpoint-url", s.URL, "--region", "eu-west-1", "--output", "json", "codebuild"}, args...)...)
		c.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIDFAKE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_CONFIG_FILE="+t.TempDir()+"/none", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	must := func(args ...string) (v map[string]any) {
		t.Helper()
		out, err := run(args...)
		if err != nil {
			t.Fatalf("aws codebuild %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		if err := json.Unmarshal([]byte(out), &v); err != nil && strings.TrimSpace(out) != "" {
			t.Fatal(err, out)
		}
		return v
	}
	must("create-project", "--name", "web", "--source", "type=GITHUB,location=https://github.com/acme/web.git", "--artifacts", "type=NO_ARTIFACTS",
		"--environment", "type=LINUX_CONTAINER,image=aws/codebuild/standard:7.0,computeType=BUILD_GENERAL1_SMALL", "--service-role", "arn:aws:iam::111122223333:role/web")
	must("create-webhook", "--project-name", "web", "--filter-groups", `[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"}]]`)
	must("update-webhook", "--project-name", "web", "--filter-groups", `[[{"type":"EVENT","pattern":"PUSH"},{"type":"HEAD_REF","pattern":"^refs/heads/main$"}]]`,
		"--pull-request-build-policy", "requiresCommentApproval=FORK_PULL_REQUESTS,approverRoles=GITHUB_WRITE")
	if got := must("list-projects"); fmt.Sprint(got["projects"]) != "[web]" {
		t.Error(got)
	}
	got := must("batch-get-projects", "--names", "web", "gone")
	if fmt.Sprint(got["projectsNotFound"]) != "[gone]" {
		t.Error(got)
	}
	must("list-source-credentials")
	// What the command line wrote is what we read.
	inv, err := live.Read(t.Context(), client(s, 1), live.Options{Regions: []string{"eu-west-1"}})
	if err != nil || len(inv.Projects) != 1 {
		t.Fatal(err)
	}
	w := inv.Projects[0].Webhook.V
	if f := w.Groups.V[0].Filters.V; len(f) != 2 || f[1].Type.V != model.HeadRef || w.Policy.V.Requires.V != "FORK_PULL_REQUESTS" {
		t.Errorf("%+v", w)
	}
	// An enum that the command line leaves to the service is refused by the fake as by the service.
	if out, err := run("update-webhook", "--project-name", "web", "--filter-groups", `[[{"type":"GITHUB_ACTOR_ACCOUNT_ID","pattern":"1"}]]`); err == nil || !strings.Contains(out, "InvalidInputException") {
		t.Errorf("%v\n%s", err, out)
	}
	must("delete-webhook", "--project-name", "web")
	if n := len(s.Trail()); n != 4 {
		t.Errorf("%d records of the writes", n)
	}
}
