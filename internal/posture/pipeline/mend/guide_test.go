package mend_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/mend"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// printed are the published examples with their defects: a request with a member
// and names that the API does not have, a reference that only CloudFormation
// resolves, a list of accounts without anchors, and a release role that cannot push.
var printed = map[string]string{
	"request.json": `{
 "name": "app",
 "arn": "arn:aws:codebuild:eu-west-1:111122223333:project/app",
 "serviceRole": "arn:aws:iam::111122223333:role/release",
 "source": {
  "type": "GITHUB",
  "location": "https://github.com/acme/a",
  "sourceCredentialsOverride": {
   "serverType": "GITHUB",
   "authType": "PERSONAL_ACCESS_TOKEN",
   "token": "{{resolve:secretsmanager:codebuild/github}}"
  }
 },
 "webhook": {
  "filterGroups": [[
   {"type": "EVENT", "pattern": "PULL_REQUEST_CREATED"},
   {"type": "GITHUB_ACTOR_ACCOUNT_ID", "pattern": "12345678|87654321"}
  ]],
  "pullRequestBuildPolicy": {"requiresCommentApproval": "ALL_PULL_REQUESTS", "approverRoles": ["GITHUB_MAINTAINER"]}
 }
}
`,
	"release.yml": `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Release:
    Type: AWS::IAM::Role
    Properties:
      RoleName: release
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: push
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action:
                  - ecr:BatchCheckLayerAvailability
                  - ecr:GetDownloadUrlForLayer
                  - ecr:BatchGetImage
                  - ecr:PutImage
                Resource: arn:aws:ecr:eu-west-1:111122223333:repository/app
`,
	"project.yml": `Resources:
  App:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: built
      ServiceRole: !GetAtt Release.Arn
      Source: {Type: GITHUB, Location: "https://github.com/acme/a"}
      Triggers:
        Webhook: true
        FilterGroups:
          - - Type: EVENT
              Pattern: PUSH
            - Type: HEAD_REF
              Pattern: refs/heads/main
  Release:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: push
          PolicyDocument: {Statement: [{Effect: Allow, Action: [ecr:PutImage], Resource: "*"}]}
`,
}

func audit(t *testing.T, dir string) *pipeline.Report {
	t.Helper()
	in, err := read.Files(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	pack, err := check.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Audit(pipeline.Input{Inventory: in.Inventory, Settings: in.Settings, Pack: pack, Now: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Complete {
		t.Fatalf("not read: %+v", r.Gaps)
	}
	return r
}

// mechanical are the checks whose defects are corrected without a person.
var mechanical = []string{"PG-IA-01", "PG-IA-05", "PG-IA-06", "PG-RO-09", "PG-WH-03", "PG-WH-09"}

func fired(r *pipeline.Report) (out []string) {
	for _, p := range r.Projects {
		for _, f := range p.Findings {
			if slices.Contains(mechanical, f.Check) {
				out = append(out, f.Check+" "+f.At.String())
			}
		}
	}
	return out
}

// TestGuideIsMended audits the printed examples, makes every edit, and audits what
// came out: the defects are gone, and the templates still are templates.
func TestGuideIsMended(t *testing.T) {
	dir := t.TempDir()
	for name, text := range printed {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := audit(t, dir)
	for _, c := range []string{"PG-IA-01", "PG-IA-06", "PG-RO-09", "PG-WH-09"} {
		if !slices.ContainsFunc(fired(before), func(f string) bool { return strings.HasPrefix(f, c) }) {
			t.Errorf("%s does not fire on what is printed: %v", c, fired(before))
		}
	}
	for file, edits := range mend.Edits(before) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out, made, left := mend.Text(data, edits)
		if made == 0 || len(left) > 0 {
			t.Errorf("%s: %d edits made, left %+v", file, made, left)
		}
		if err := os.WriteFile(file, out, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s\n%s", filepath.Base(file), out)
	}
	if after := fired(audit(t, dir)); len(after) > 0 {
		t.Errorf("after the edits there still is %v", after)
	}
}
