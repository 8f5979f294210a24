package pipeline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

var now = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// audit writes name and text pairs into a folder and audits it.
func audit(t testing.TB, pairs ...string) *pipeline.Report {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, pairs[i]), []byte(pairs[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := read.Files(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	return judge(t, in)
}

func judge(t testing.TB, in *read.Result) *pipeline.Report {
	t.Helper()
	pack, err := check.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Audit(pipeline.Input{Inventory: in.Inventory, Settings: in.Settings, Pack: pack, Engine: "trailhound test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// guide are the patterns that the hardening guide prints: two bad ones, then its
// three steps.
const guide = `{"projects":[
{"name":"bad-pull-requests","source":{"type":"GITHUB","location":"https://github.com/acme/a"},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PULL_REQUEST_REOPENED"}]]}},
{"name":"bad-no-filter","source":{"type":"GITHUB","location":"https://github.com/acme/a"},"webhook":{"filterGroups":[]}},
{"name":"good-push","source":{"type":"GITHUB","location":"https://github.com/acme/a"},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PUSH"}]]}},
{"name":"good-branch","source":{"type":"GITHUB","location":"https://github.com/acme/a"},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PUSH"},{"type":"HEAD_REF","pattern":"^refs/heads/(main|develop|release/.*)$"}]]}},
{"name":"good-contributors","source":{"type":"GITHUB","location":"https://github.com/acme/a"},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PULL_REQUEST_REOPENED"},{"type":"ACTOR_ACCOUNT_ID","pattern":"^(12345678|87654321|11223344)$"}]]}}]}`

func TestGuide(t *testing.T) {
	r := audit(t, "projects.json", guide)
	rungs := map[string]string{"good-push": "1:", "good-branch": "2:", "good-contributors": "3:"}
	for _, p := range r.Projects {
		webhook := slices.ContainsFunc(p.Findings, func(f pipeline.Finding) bool {
			return strings.HasPrefix(f.Check, "PG-WH-") && f.Severity != "informational"
		})
		if bad := strings.HasPrefix(p.Name, "bad"); bad != webhook || bad != (p.Verdict.String() == "ANYONE") {
			t.Errorf("%s: verdict %s, webhook findings %v: %+v", p.Name, p.Verdict, webhook, p.Findings)
		}
		if !strings.HasPrefix(p.Rung, rungs[p.Name]) {
			t.Errorf("%s stands on %q, want %q", p.Name, p.Rung, rungs[p.Name])
		}
	}
}

// TestDefectsOfTheGuide holds that what it misprints is caught, with an edit where
// one is possible.
func TestDefectsOfTheGuide(t *testing.T) {
	r := audit(t, "request.json", `{
"name":"app","serviceRole":"arn:aws:iam::111122223333:role/release",
"source":{"type":"GITHUB","location":"https://github.com/acme/a",
 "sourceCredentialsOverride":{"serverType":"GITHUB","authType":"PERSONAL_ACCESS_TOKEN","token":"{{resolve:secretsmanager:x}}"},
 "auth":{"type":"SECRETS_MANAGER","resource":"{{resolve:secretsmanager:x}}"}},
"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"},
 {"type":"GITHUB_ACTOR_ACCOUNT_ID","pattern":"^(1)$"}]],
 "pullRequestBuildPolicy":{"requiresCommentApproval":"ALL_PULL_REQUESTS","approverRoles":["GITHUB_MAINTAINER"]}}}`,
		"roles.json", `{"RoleDetailList":[{"RoleName":"release","Arn":"arn:aws:iam::111122223333:role/release","RolePolicyList":[{"PolicyName":"p","PolicyDocument":{"Statement":[{"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:PutImage"],"Resource":"*"}]}}]}]}`)
	edits := map[string]string{}
	var fired []string
	for _, f := range r.Projects[0].Findings {
		fired = append(fired, f.Check)
		for _, e := range f.Fix.Edits {
			edits[e.From] = fmt.Sprintf("%s at line %d", e.To, e.Line)
		}
	}
	for _, want := range []string{"PG-IA-01", "PG-IA-05", "PG-IA-06", "PG-RO-09"} {
		if !slices.Contains(fired, want) {
			t.Errorf("%s does not fire: %v", want, fired)
		}
	}
	for from, to := range map[string]string{"GITHUB_ACTOR_ACCOUNT_ID": "ACTOR_ACCOUNT_ID at line 7", "GITHUB_MAINTAINER": "GITHUB_MAINTAIN at line 8", "sourceCredentialsOverride": " at line 4"} {
		if edits[from] != to {
			t.Errorf("%s becomes %q, want %q", from, edits[from], to)
		}
	}
}

func TestAttackPath(t *testing.T) {
	r := audit(t, "p.json", `{"projects":[{"name":"app","arn":"arn:aws:codebuild:eu-west-1:111122223333:project/app","source":{"type":"GITHUB","location":"https://github.com/acme/a"},
"environment":{"privilegedMode":true},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"}]]}}],
"sourceCredentialsInfos":[{"arn":"arn:aws:codebuild:eu-west-1:111122223333:token/github","serverType":"GITHUB","authType":"PERSONAL_ACCESS_TOKEN"}]}`,
		"pipelines.yaml", "tokens:\n  - {for: 'arn:aws:codebuild:eu-west-1:111122223333:token/github', kind: classic, scopes: [repo, 'admin:org'], evidence: headers}\n")
	if len(r.Paths) != 1 || r.Paths[0].Severity != "critical" {
		t.Fatalf("paths %+v", r.Paths)
	}
	text := strings.Join(r.Paths[0].Steps, " → ")
	for _, want := range []string{"anyone", "privileged build of app", "token", "admin:org"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}

// TestDeniedRegion holds that a region that could not be looked at is UNKNOWN and
// named, and that the rest is there.
func TestDeniedRegion(t *testing.T) {
	in, err := read.Files(t.Context(), []string{t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	in.Inventory.Projects = []*model.Project{{Name: model.Of("a"), Region: "eu-west-1"}}
	in.Inventory.Gaps = []model.Gap{{Account: "111122223333", Region: "us-east-1", What: "projects", Why: "access denied", Denied: true}}
	r := judge(t, in)
	if r.Complete || len(r.Projects) != 1 || len(r.Unknown) != 1 || r.Unknown[0].Verdict.String() != "UNKNOWN" || r.Unknown[0].Region != "us-east-1" {
		t.Errorf("complete %v, unknown %+v", r.Complete, r.Unknown)
	}
}

// TestOneNameInTwoRegions holds that a finding stays with the project it is about,
// and is not told of its namesake.
func TestOneNameInTwoRegions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "projects.json")
	const projects = `{"projects":[
{"name":"app","arn":"arn:aws:codebuild:eu-west-1:111122223333:project/app","webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"}]]}},
{"name":"app","arn":"arn:aws:codebuild:us-east-1:111122223333:project/app","webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PUSH"}]]}}]}`
	if err := os.WriteFile(file, []byte(projects), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := read.Files(t.Context(), []string{file})
	if err != nil {
		t.Fatal(err)
	}
	has := func(p pipeline.Project, check string) bool {
		return slices.ContainsFunc(p.Findings, func(f pipeline.Finding) bool { return f.Check == check })
	}
	r := judge(t, in)
	if len(r.Projects) != 2 || !has(r.Projects[0], "PG-WH-01") || has(r.Projects[1], "PG-WH-01") {
		t.Errorf("%+v", r.Projects)
	}
}

// TestOrderNeverMatters audits the same projects in two files and either order.
func TestOrderNeverMatters(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
	if os.WriteFile(a, []byte(guide), 0o600) != nil || os.WriteFile(b, []byte(strings.ReplaceAll(guide, `"name":"`, `"name":"x-`)), 0o600) != nil {
		t.Fatal("write")
	}
	var out []string
	for _, paths := range [][]string{{a, b}, {b, a}, {dir}} {
		in, err := read.Files(t.Context(), paths)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(judge(t, in))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(data))
	}
	if out[0] != out[1] || out[0] != out[2] {
		t.Error("the report depends on the order of the inputs")
	}
}

// BenchmarkTenThousand audits 10,000 projects from one file: the promise is at
// most five seconds.
func BenchmarkTenThousand(b *testing.B) {
	var list strings.Builder
	list.WriteString(`{"projects":[`)
	for i := range 10000 {
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, `{"name":"p%d","arn":"arn:aws:codebuild:eu-west-1:111122223333:project/p%d","source":{"type":"GITHUB","location":"https://github.com/acme/r%d","buildspec":"version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"},"environment":{"image":"aws/codebuild/standard:7.0","privilegedMode":%v,"environmentVariables":[{"name":"A","value":"b","type":"PLAINTEXT"}]},"serviceRole":"arn:aws:iam::111122223333:role/r%d","webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"},{"type":"ACTOR_ACCOUNT_ID","pattern":"^(%d|%d)$"}],[{"type":"EVENT","pattern":"PUSH"},{"type":"HEAD_REF","pattern":"^refs/heads/v%d$"}]]}}`, i, i, i, i%2 == 0, i, 1000000+i, 2000000+i, i)
	}
	list.WriteString(`]}`)
	for b.Loop() {
		r := audit(b, "p.json", list.String())
		if len(r.Projects) != 10000 {
			b.Fatal(len(r.Projects))
		}
	}
}
