package read

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// files writes name and text pairs into a folder and reads it.
func files(t *testing.T, pairs ...string) *Result {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, pairs[i]), []byte(pairs[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Files(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func one(t *testing.T, r *Result) *model.Project {
	t.Helper()
	if len(r.Inventory.Projects) != 1 {
		t.Fatalf("%d projects, gaps %+v", len(r.Inventory.Projects), r.Inventory.Gaps)
	}
	return r.Inventory.Projects[0]
}

const template = `AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Branch: {Type: String, Default: main}
  Actors: {Type: String}
Mappings:
  Images: {eu-west-1: {standard: 'aws/codebuild/standard:7.0'}}
Conditions:
  OnMain: !Equals [!Ref Branch, main]
  Elsewhere: !Equals [!Ref Actors, x]
Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Metadata: {aws:cdk:path: Stack/Build/Resource}
    Properties:
      Name: !Sub '${Branch}-build'
      ServiceRole: !GetAtt Role.Arn
      Source: {Type: GITHUB, Location: https://github.com/acme/app, BuildSpec: "version: 0.2\n"}
      Environment:
        PrivilegedMode: !If [OnMain, 'true', 'false']
        Image: !FindInMap [Images, eu-west-1, standard]
        EnvironmentVariables:
          - {Name: A, Value: !If [Elsewhere, 1, 2]}
      Triggers:
        Webhook: true
        FilterGroups:
          - - {Type: EVENT, Pattern: !Join [', ', [PUSH, PULL_REQUEST_CREATED]]}
            - {Type: ACTOR_ACCOUNT_ID, Pattern: !Ref Actors}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']
  Never:
    Type: AWS::CodeBuild::Project
    Condition: Not
    Properties: {Name: x}
`

func TestTemplate(t *testing.T) {
	text := strings.Replace(template, "Conditions:\n", "Conditions:\n  Not: !Not [!Condition OnMain]\n", 1)
	r := files(t, "t.yml", text)
	p := one(t, r)
	if p.Name.V != "main-build" || p.Address != "Build" || p.At.Path != "Stack/Build/Resource" {
		t.Errorf("name %q, address %q, at %v", p.Name.V, p.Address, p.At)
	}
	if !p.Env.Privileged.V || p.Env.Image.V != "aws/codebuild/standard:7.0" {
		t.Errorf("environment %+v", p.Env)
	}
	if v := p.Env.Variables.V[0].Value; !v.Unknown() || !strings.Contains(v.Why, "Elsewhere") {
		t.Errorf("a variable of an undecided condition is %v (%s)", v.State, v.Why)
	}
	f := p.Webhook.V.Groups.V[0].Filters.V
	if f[0].Pattern.V != "PUSH, PULL_REQUEST_CREATED" || !f[1].Pattern.Unknown() || !strings.Contains(f[1].Pattern.Why, "Actors") {
		t.Errorf("filters %+v", f)
	}
	if v := trust.Evaluate(p, trust.Repo{}); v.Verdict == trust.Anyone || f[1].At.Line == 0 {
		t.Errorf("verdict %s at line %d", v.Verdict, f[1].At.Line)
	}
	if len(r.Inventory.Roles) != 1 || len(r.Inventory.Roles[0].Policies.V) != 1 || r.Inventory.Roles[0].ARN.V != p.Role.V {
		t.Errorf("role %+v of %s", r.Inventory.Roles[0], p.Role.V)
	}
}

// TestMoreRestrictiveParameterStaysUnknown holds that what a deployment decides is
// never taken for safe.
func TestUnknownWebhook(t *testing.T) {
	p := one(t, files(t, "t.yml", "Parameters: {On: {Type: String}}\nResources: {P: {Type: 'AWS::CodeBuild::Project', Properties: {Triggers: {Webhook: !Ref On}}}}\n"))
	if v := trust.Evaluate(p, trust.Repo{}); v.Verdict != trust.Unknown {
		t.Errorf("%s, want UNKNOWN", v.Verdict)
	}
}

const config = `
variable "actors" { default = ["1", "22"] }
variable "branch" { type = string }
locals { pattern = "^(${join("|", var.actors)})$" }
data "aws_iam_policy_document" "build" {
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_role" "build" {
  name               = "build"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "build" {
  role   = aws_iam_role.build.id
  policy = data.aws_iam_policy_document.build.json
}
resource "aws_codebuild_project" "app" {
  name         = "app"
  service_role = aws_iam_role.build.arn
  source {
    type     = "GITHUB"
    location = "https://github.com/acme/app"
  }
  environment {
    image           = "aws/codebuild/standard:7.0"
    privileged_mode = true
    environment_variable {
      name  = "BRANCH"
      value = var.branch
    }
  }
}
resource "aws_codebuild_webhook" "app" {
  project_name = aws_codebuild_project.app.name
  filter_group {
    filter {
      type    = "EVENT"
      pattern = "PULL_REQUEST_CREATED"
    }
    filter {
      type    = "ACTOR_ACCOUNT_ID"
      pattern = local.pattern
    }
  }
}
`

func TestTerraform(t *testing.T) {
	r := files(t, "main.tf", config)
	p := one(t, r)
	res := trust.Evaluate(p, trust.Repo{})
	if res.Verdict != trust.IDs || !slices.Equal(res.Ways[0].Actors.Listed, []string{"1", "22"}) {
		t.Errorf("%s %+v", res.Verdict, res.Ways)
	}
	if !p.Env.Privileged.V || p.Env.Variables.V[0].Value.State != model.Unknown {
		t.Errorf("environment %+v", p.Env)
	}
	role := r.Inventory.Roles[0]
	if role.ARN.V != p.Role.V || len(role.Policies.V) != 1 || role.Policies.V[0].Body.Get("Statement").Items[0].Get("Action").Strings().V[0] != "*" {
		t.Errorf("role %+v of %q", role, p.Role.V)
	}
	dynamic := strings.Replace(config, "  filter_group {\n    filter {\n      type    = \"EVENT\"", "  dynamic \"filter_group\" {\n    for_each = var.branch\n    content {}\n  }\n  x {\n    filter {\n      type    = \"EVENT\"", 1)
	if res := trust.Evaluate(one(t, files(t, "main.tf", dynamic)), trust.Repo{}); res.Verdict != trust.Unknown {
		t.Errorf("a dynamic block gives %s, want UNKNOWN", res.Verdict)
	}
}

const plan = `{"format_version":"1.2","resource_changes":[
{"address":"aws_codebuild_project.app","mode":"managed","type":"aws_codebuild_project","change":{"actions":["create"],
 "after":{"name":"app","source":[{"type":"GITHUB","location":"https://github.com/acme/app"}],"environment":[{"image":"x","privileged_mode":false}],"vpc_config":[]},
 "after_unknown":{"arn":true,"service_role":true,"source":[{}]}}},
{"address":"aws_codebuild_webhook.app","mode":"managed","type":"aws_codebuild_webhook","change":{"actions":["create"],
 "after":{"project_name":"app","filter_group":[{"filter":[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED","exclude_matched_pattern":false},{"type":"ACTOR_ACCOUNT_ID"}]}]},
 "after_unknown":{"payload_url":true,"filter_group":[{"filter":[{},{"pattern":true}]}],"pull_request_build_policy":true}}},
{"address":"aws_codebuild_project.old","mode":"managed","type":"aws_codebuild_project","change":{"actions":["delete"],"after":null}}]}`

func TestPlan(t *testing.T) {
	p := one(t, files(t, "plan.json", plan))
	if p.Form != model.Plan || !p.Role.Unknown() || !p.VPC.Absent() || p.Source.Provider() != "GITHUB" {
		t.Errorf("%+v", p)
	}
	f := p.Webhook.V.Groups.V[0].Filters.V
	if !f[1].Pattern.Unknown() || !p.Webhook.V.Policy.Absent() {
		t.Errorf("the actor's pattern is %v, the policy %v", f[1].Pattern.State, p.Webhook.V.Policy.State)
	}
}

// TestHostile wants every hostile input named as a gap, or read, in bounded work.
// TestAnswersAreReadInOneOrder: of an answer with several members, and of a secret with
// several tokens, what comes of it stands in the same order each time.
func TestAnswersAreReadInOneOrder(t *testing.T) {
	iam := `{"UserDetailList":[{"UserName":"u","Arn":"arn:aws:iam::111122223333:user/u"}],"RoleDetailList":[{"RoleName":"r","Arn":"arn:aws:iam::111122223333:role/r"}]}`
	held := `{"ARN":"arn:aws:secretsmanager:us-east-1:111122223333:secret:s-AbCdEf","Name":"s","SecretString":"{\"b\":\"ghp_x\",\"a\":\"gho_x\",\"c\":\"ghs_x\"}"}`
	for range 20 {
		if r := files(t, "iam.json", iam).Inventory.Roles; len(r) != 2 || r[0].Name.V != "r" || r[1].Name.V != "u" {
			t.Fatalf("roles %v, %v", r[0].Name.V, r[1].Name.V)
		}
		if k := files(t, "s.json", held).Inventory.Tokens; len(k) != 3 || k[0].Kind.V != "oauth" || k[1].Kind.V != "classic" || k[2].Kind.V != "app" {
			t.Fatalf("%d tokens, the first %s", len(k), k[0].Kind.V)
		}
	}
}

// TestRotationBeforeItsSecret: a schedule stands where its name sorts, above or below
// the secret, and means a secret of its own template.
func TestRotationBeforeItsSecret(t *testing.T) {
	const secret = "  S: {Type: AWS::SecretsManager::Secret, Properties: {Name: s}}\n"
	for _, id := range []string{"A", "Z"} {
		text := cfn(secret + "  " + id + ": {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref S}}\n")
		if s := files(t, "t.yml", text).Inventory.Secrets; len(s) != 1 || !s[0].Rotation.Or(false) {
			t.Errorf("a schedule %s: %+v", id, s[0].Rotation)
		}
	}
}

func TestHostile(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("AWSTemplateFormatVersion: x\na0: &a0 [x, x]\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	bomb.WriteString("Resources: {P: {Type: 'AWS::CodeBuild::Project', Properties: {Tags: *a39}}}\n")
	sub := "x"
	for range 200 {
		sub = "!Sub ['${a}${a}', {a: " + sub + "}]"
	}
	for name, in := range map[string][2]string{
		"alias bomb":         {"t.yml", bomb.String()},
		"self":               {"t.yml", "AWSTemplateFormatVersion: x\nResources: &r {P: *r}\n"},
		"deep JSON":          {"t.json", `{"projects":` + strings.Repeat("[", 100000)},
		"deep YAML":          {"t.yml", "AWS::: " + strings.Repeat("[", 100000)},
		"deep HCL":           {"t.tf", "aws_iam_x = " + strings.Repeat("[", 100000)},
		"nested Sub":         {"t.yml", "AWSTemplateFormatVersion: x\nResources: {P: {Type: 'AWS::CodeBuild::Project', Properties: {Name: " + sub + "}}}\n"},
		"endless condition":  {"t.yml", "Conditions: {A: !Not [!Condition A]}\nResources: {P: {Type: 'AWS::CodeBuild::Project', Condition: A, Properties: {Name: !If [A, x, y]}}}\n"},
		"locals in a circle": {"t.tf", "locals { a = local.b\n b = local.a }\nresource \"aws_codebuild_project\" \"p\" { name = local.a }\n"},
		"locals that double": {"t.tf", doubling() + "resource \"aws_codebuild_project\" \"p\" { name = local.a40 }\n"},
		"document in itself": {"t.tf", "data \"aws_iam_policy_document\" \"x\" {\n statement {\n resources = [data.aws_iam_policy_document.x.json]\n }\n}\n" +
			"resource \"aws_codebuild_project\" \"p\" { name = data.aws_iam_policy_document.x.json }\n"},
		"cut JSON":            {"t.json", `{"projects":[{"name":"a"`},
		"wrong types":         {"t.json", `{"projects":[1,{"name":{},"webhook":"x","source":[],"environment":{"environmentVariables":{"a":1}}}],"builds":"x","RoleDetailList":[{"RolePolicyList":5}]}`},
		"template of strings": {"t.yml", "AWSTemplateFormatVersion: x\nResources: {P: {Type: 'AWS::CodeBuild::Project', Properties: {Triggers: [], Source: x, Environment: 1}}}\n"},
		"10 MB pattern":       {"t.json", `{"projects":[{"name":"a","source":{"type":"GITHUB"},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"},{"type":"ACTOR_ACCOUNT_ID","pattern":"` + strings.Repeat("(a|", 3<<20) + `"}]]}}]}`},
	} {
		r := files(t, in[0], in[1])
		for _, p := range r.Inventory.Projects {
			if v := trust.Evaluate(p, trust.Repo{}); v.Verdict == trust.IDs || v.Verdict == trust.Approved {
				t.Errorf("%s: %s", name, v.Verdict)
			}
		}
		if len(r.Inventory.Projects) == 0 && len(r.Inventory.Gaps) == 0 && name != "wrong types" {
			t.Errorf("%s: neither read nor named", name)
		}
	}
}

func doubling() string {
	var b strings.Builder
	b.WriteString("locals {\n a0 = \"x\"\n")
	for i := 1; i <= 40; i++ {
		fmt.Fprintf(&b, " a%d = \"${local.a%d}${local.a%d}\"\n", i, i-1, i-1)
	}
	return b.String() + "}\n"
}

func TestSettings(t *testing.T) {
	r := files(t, "pipelines.yaml", "repositories:\n  - {repo: github.com/acme/*, visibility: private, forks: forbidden}\n  - {repo: acme/site, trust: oss}\n",
		"repo.json", `{"full_name":"Acme/open","private":false,"visibility":"public","allow_forking":true}`)
	for location, want := range map[string]trust.Verdict{
		"https://github.com/acme/app": trust.Writers, "https://github.com/Acme/App.git": trust.Writers, "git@github.com:acme/app.git": trust.Writers,
		"https://github.com/acme/open": trust.Anyone, "https://github.com/other/app": trust.Anyone,
	} {
		if repo, _ := r.Settings.For(location, nil); repo.Ungated() != want {
			t.Errorf("%s: %+v is %s, want %s", location, repo, repo.Ungated(), want)
		}
	}
	if r := files(t, "pipelines.yaml", "repositories:\n  - {repo: x, visibility: secret}\n"); len(r.Inventory.Gaps) != 1 {
		t.Errorf("a word that does not exist was taken: %+v", r.Inventory.Gaps)
	}
}

// TestRealAnswers reads what the AWS command line's own documentation shows.
func TestRealAnswers(t *testing.T) {
	dir := filepath.Join(datasettest.Dir(t), "awscli-examples", "json", "codebuild")
	r, err := Files(t.Context(), []string{filepath.Join(dir, "batch-get-projects_0.json"), filepath.Join(dir, "list-source-credentials_0.json"), filepath.Join(dir, "batch-get-builds_0.json")})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Inventory.Projects) == 0 || len(r.Inventory.Credentials) == 0 || len(r.Inventory.Builds) == 0 || len(r.Inventory.Gaps) > 0 {
		t.Errorf("%d projects, %d credentials, %d builds, gaps %+v", len(r.Inventory.Projects), len(r.Inventory.Credentials), len(r.Inventory.Builds), r.Inventory.Gaps)
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add([]byte(template))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reader{inv: &model.Inventory{}, settings: &Settings{}}
		if n, err := parseYAML("t.yml", data); err == nil && isTemplate(n) {
			r.template(n)
		}
		if docs, err := parseJSON("t.json", data); err == nil {
			for _, d := range docs {
				if d.Is() {
					(&reader{inv: &model.Inventory{Baseline: map[string]string{}, Forks: map[string]string{}}, settings: &Settings{}}).document(d, "t.json")
				}
			}
		}
	})
}

func FuzzTerraform(f *testing.F) {
	f.Add([]byte(config))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reader{inv: &model.Inventory{}, settings: &Settings{}, modules: map[string][]source{".": {{"main.tf", data}}}}
		r.terraform()
	})
}
