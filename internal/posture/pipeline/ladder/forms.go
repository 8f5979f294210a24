package ladder

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// Forms is one edit as a command and as templates.
type Forms struct {
	CLI            string `json:"cli,omitempty"`
	CloudFormation string `json:"cloudformation,omitempty"`
	CDK            string `json:"cdk,omitempty"` // TypeScript, where CDK synthesised the template
	Terraform      string `json:"terraform,omitempty"`
}

// forms writes the edit from one state to another.
// Templates give the whole state and not the difference: they are what is deployed.
func forms(p *model.Project, from, to State) Forms {
	f := Forms{CLI: command(p, from, to), CloudFormation: cloudFormation(p, to), Terraform: terraform(p, to)}
	// An override takes the properties alone, four blanks further out.
	if _, triggers, ok := strings.Cut(f.CloudFormation, "  Properties:\n"); ok {
		f.CDK = check.CDK(p.Construct, strings.ReplaceAll("\n"+triggers, "\n    ", "\n")[1:])
	}
	return f
}

// command names only what differs, but for the groups: the service replaces them
// as a whole.
func command(p *model.Project, from, to State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "aws codebuild update-webhook --project-name %s", quote(p.Name.V))
	if p.Region != "" {
		fmt.Fprintf(&b, " --region %s", quote(p.Region))
	}
	// In canonical form, so that an order that says nothing makes no command.
	c, d := from.Canonical(), to.Canonical()
	if string(Encode(c.FilterGroups)) != string(Encode(d.FilterGroups)) {
		fmt.Fprintf(&b, " --filter-groups %s", quote(string(Encode(to.FilterGroups))))
	}
	if from.BranchFilter != to.BranchFilter && to.BranchFilter != "" {
		fmt.Fprintf(&b, " --branch-filter %s", quote(to.BranchFilter))
	}
	if c.BuildType != d.BuildType {
		fmt.Fprintf(&b, " --build-type %s", quote(d.BuildType))
	}
	if string(Encode(c.Policy)) != string(Encode(d.Policy)) {
		policy := "requiresCommentApproval=" + d.Policy.Requires
		if len(d.Policy.Roles) > 0 {
			policy += ",approverRoles=" + strings.Join(d.Policy.Roles, ",")
		}
		fmt.Fprintf(&b, " --pull-request-build-policy %s", quote(policy))
	}
	return b.String()
}

// quote makes one word of a POSIX shell.
func quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// cloudFormation is the Triggers of the project's resource.
// A project that was not read from a template gets a name to be replaced.
func cloudFormation(p *model.Project, s State) string {
	var b strings.Builder
	name := p.Address
	if name == "" || strings.ContainsAny(name, "/. ") {
		name = "Project"
	}
	fmt.Fprintf(&b, "%s: # AWS::CodeBuild::Project %s\n  Properties:\n    Triggers:\n      Webhook: true\n", name, comment(p.Name.V))
	// BUILD is the default of the resource, and not to write it keeps templates that
	// never had it as they were.
	if s.BuildType != "" && s.BuildType != "BUILD" {
		fmt.Fprintf(&b, "      BuildType: %s\n", s.BuildType)
	}
	if len(s.FilterGroups) == 0 {
		b.WriteString("      FilterGroups: []\n")
	} else {
		b.WriteString("      FilterGroups:\n")
	}
	for _, g := range s.FilterGroups {
		mark := "- "
		if len(g) == 0 {
			b.WriteString("        - []\n")
		}
		for _, f := range g {
			fmt.Fprintf(&b, "        %s- Type: %s\n            Pattern: %s\n", mark, f.Type, yamlText(f.Pattern))
			if f.Exclude {
				b.WriteString("            ExcludeMatchedPattern: true\n")
			}
			mark = "  "
		}
	}
	if s.Policy != nil {
		fmt.Fprintf(&b, "      PullRequestBuildPolicy:\n        RequiresCommentApproval: %s\n", s.Policy.Requires)
		if len(s.Policy.Roles) > 0 {
			fmt.Fprintf(&b, "        ApproverRoles: [%s]\n", strings.Join(s.Policy.Roles, ", "))
		}
	}
	return b.String()
}

// yamlText is a scalar in single quotes: in them only the quote itself is special.
func yamlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// comment keeps a name on its line.
func comment(s string) string { return strings.Join(strings.Fields(s), " ") }

// terraform is the webhook's resource.
func terraform(p *model.Project, s State) string {
	var b strings.Builder
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, p.Name.V)
	if name == "" || name[0] >= '0' && name[0] <= '9' || name[0] == '-' {
		name = "_" + name
	}
	fmt.Fprintf(&b, "resource \"aws_codebuild_webhook\" %s {\n  project_name = %s\n", hcl(name), hcl(p.Name.V))
	if s.BuildType != "" {
		fmt.Fprintf(&b, "  build_type   = %s\n", hcl(s.BuildType))
	}
	if s.BranchFilter != "" {
		fmt.Fprintf(&b, "  branch_filter = %s\n", hcl(s.BranchFilter))
	}
	for _, g := range s.FilterGroups {
		b.WriteString("\n  filter_group {\n")
		for _, f := range g {
			fmt.Fprintf(&b, "    filter {\n      type    = %s\n      pattern = %s\n", hcl(f.Type), hcl(f.Pattern))
			if f.Exclude {
				b.WriteString("      exclude_matched_pattern = true\n")
			}
			b.WriteString("    }\n")
		}
		b.WriteString("  }\n")
	}
	if s.Policy != nil {
		fmt.Fprintf(&b, "\n  pull_request_build_policy {\n    requires_comment_approval = %s\n", hcl(s.Policy.Requires))
		if len(s.Policy.Roles) > 0 {
			quoted := make([]string, len(s.Policy.Roles))
			for i, r := range s.Policy.Roles {
				quoted[i] = hcl(r)
			}
			fmt.Fprintf(&b, "    approver_roles            = [%s]\n", strings.Join(quoted, ", "))
		}
		b.WriteString("  }\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// hcl is a quoted string of HCL, in which ${ and %{ begin templates.
func hcl(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")
	return `"` + r.Replace(s) + `"`
}
