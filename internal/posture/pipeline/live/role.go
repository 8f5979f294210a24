package live

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

// RoleName is what the templates call the role by which pipelines are read.
const RoleName = "trailhound-pipeline-audit"

// actions are the permissions that Read needs, and Regions. Each is named as IAM does.
// The tests hold the list against what the fake was asked for. An action that
// only a new call needs has to be added here and to the docs, and people who made
// the role have to make it again.
var actions = []string{
	"codebuild:BatchGetBuilds", "codebuild:BatchGetProjects", "codebuild:ListBuildsForProject", "codebuild:ListProjects", "codebuild:ListSourceCredentials",
	"codepipeline:GetPipeline", "codepipeline:ListPipelines",
	"ec2:DescribeRegions", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints",
	"iam:GetAccountAuthorizationDetails",
	"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
	"ssm:DescribeParameters",
}

// Actions lists every permission that reading pipelines needs, sorted: no other call is
// made. None of them gives the value of a secret or parameter.
func Actions() []string { return slices.Clone(actions) }

//go:embed role.cloudformation role.terraform
var roleTemplates embed.FS

// RoleFormats are those of Role.
func RoleFormats() []string { return []string{"cloudformation", "terraform"} }

// Role renders the least-privilege role for reading pipelines in a format. It grants
// Actions and nothing else.
func Role(format string) (string, error) {
	if !slices.Contains(RoleFormats(), format) {
		return "", fmt.Errorf("there is no role template for %q", format)
	}
	t, err := template.ParseFS(roleTemplates, "role."+format)
	if err != nil {
		return "", fmt.Errorf("role template: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, map[string]any{"Name": RoleName, "Actions": actions,
		"Origin": "Made by: trailhound pipeline audit --print-role. Every action is one that the program calls; it calls no other."}); err != nil {
		return "", fmt.Errorf("role template: %w", err)
	}
	return b.String(), nil
}
