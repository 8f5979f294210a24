package check

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/content"
)

// filled is a fix with words in the places that a finding fills, and what a person
// fills put in.
func filled(text string) string {
	words := map[string]string{"listed_pattern": "^(1|2)$", "anchored": "^refs/heads/main$", "arn": "arn:aws:codebuild:eu-west-1:111122223333:project/app", "listed_groups": "[]"}
	text = fill(text, words, quotedWord)
	return regexp.MustCompile(`<[A-Z_]+>`).ReplaceAllString(text, strings.Repeat("0", 64))
}

// TestTerraformFixesParse holds every Terraform fix against HashiCorp's parser.
func TestTerraformFixesParse(t *testing.T) {
	for _, c := range pack(t).Checks {
		if _, diags := hclparse.NewParser().ParseHCL([]byte(filled(c.Fix.Terraform)), c.ID+".tf"); diags.HasErrors() {
			t.Errorf("%s: %v", c.ID, diags)
		}
	}
}

func pack(t *testing.T) *Pack {
	t.Helper()
	p, err := Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// minimal is a project that wants nothing more.
const minimal = `
      ServiceRole: arn:aws:iam::111122223333:role/app
      Source: {Type: GITHUB, Location: https://github.com/acme/app}
      Artifacts: {Type: NO_ARTIFACTS}
      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: aws/codebuild/standard:7.0}
`

// TestCloudFormationFixesLint lays every fix of a project over a template and asks
// cfn-lint. What a fix refers to, a role or a bucket, is a parameter.
func TestCloudFormationFixesLint(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: cfn-lint is not on the PATH")
	}
	dir := t.TempDir()
	var files []string
	for _, c := range pack(t).Checks {
		text, ok := laid(t, c)
		if !ok {
			continue
		}
		file := filepath.Join(dir, c.ID+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) < 40 {
		t.Errorf("only %d fixes were looked at", len(files))
	}
	// Warnings are about the template around the fix: parameters of any form.
	if out, err := exec.CommandContext(t.Context(), lint, append([]string{"--regions", "eu-west-1", "--ignore-checks", "W", "--"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%d fixes", len(files))
}

// laid is a template that holds the fix: over the properties of a project, or as a
// resource by itself. Fixes of roles, pipelines and secrets are parts of other
// resources and are laid over none.
func laid(t *testing.T, c *Check) (string, bool) {
	t.Helper()
	var doc yaml.Node
	fix := filled(c.Fix.CloudFormation)
	if err := yaml.Unmarshal([]byte(fix), &doc); err != nil {
		t.Errorf("%s: the CloudFormation fix is no YAML: %v\n%s", c.ID, err, fix)
		return "", false
	}
	if slices.Contains(c.For, "pipeline") && len(c.For) == 1 || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return "", false
	}
	top := fields(doc.Content[0])
	var refs []string
	for _, m := range regexp.MustCompile(`!(?:Ref|GetAtt) "?([A-Za-z]+)|\$\{([A-Za-z]+)\}`).FindAllStringSubmatch(fix, -1) {
		if name := m[1] + m[2]; !slices.Contains(refs, name) && name != "AWS" {
			refs = append(refs, name)
		}
	}
	b := strings.Builder{}
	b.WriteString("AWSTemplateFormatVersion: \"2010-09-09\"\n")
	var params, resources strings.Builder
	for _, r := range refs {
		if strings.Contains(fix, "!GetAtt "+r) {
			fmt.Fprintf(&resources, "  %s:\n    Type: %s\n", r, map[bool]string{true: "AWS::EC2::SecurityGroup\n    Properties: {GroupDescription: x}",
				false: "AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {Version: \"2012-10-17\", Statement: [{Effect: Allow, Principal: {Service: codebuild.amazonaws.com}, Action: sts:AssumeRole}]}}"}[strings.HasSuffix(r, "Group")])
			continue
		}
		fmt.Fprintf(&params, "  %s: {Type: String}\n", r)
	}
	if params.Len() > 0 {
		b.WriteString("Parameters:\n" + params.String())
	}
	b.WriteString("Resources:\n" + resources.String())
	if kind := top["Type"]; kind != nil && resourceType.MatchString(kind.Value) {
		b.WriteString("  Fix:\n" + indented(fix, 4))
		return b.String(), true
	}
	project := []string{"Triggers", "Source", "Environment", "VpcConfig", "Artifacts", "LogsConfig", "Visibility", "Cache", "BuildBatchConfig", "ServiceRole", "FileSystemLocations", "EnvironmentVariables"}
	var own map[string]any
	if err := yaml.Unmarshal([]byte(minimal), &own); err != nil {
		t.Fatal(err)
	}
	for key, node := range top {
		if !slices.Contains(project, key) {
			return "", false
		}
		switch base, _ := own[key].(map[string]any); {
		case key == "EnvironmentVariables":
			own["Environment"].(map[string]any)[key] = plain(node)
		case node.Kind == yaml.MappingNode && base != nil:
			for k, v := range fields(node) {
				base[k] = plain(v)
			}
		default:
			own[key] = plain(node)
		}
	}
	data, err := json.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString("  Fix:\n    Type: AWS::CodeBuild::Project\n    Properties: " + string(data) + "\n")
	return b.String(), true
}

func indented(text string, by int) string {
	return strings.Repeat(" ", by) + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+strings.Repeat(" ", by)) + "\n"
}
