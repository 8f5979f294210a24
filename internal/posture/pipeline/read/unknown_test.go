package read

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/posture/pipeline/grant"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// cfn is a template of resources in YAML, two blanks in.
func cfn(resources string) string {
	return "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  P: {Type: String}\n  L: {Type: CommaDelimitedList}\nResources:\n" + resources
}

// TestUnknownNeverPasses: where it cannot be told which policies a role has, it is
// not told either that they allow nothing.
func TestUnknownNeverPasses(t *testing.T) {
	const trust = "AssumeRolePolicyDocument: {Statement: []}"
	const admin = "PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}"
	for _, c := range []struct {
		name, file, text string
		want             grant.Truth // of iam:PassRole everywhere
		gap              string
	}{
		{"no policy at all", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + "}}\n"), grant.No, ""},
		{"a managed policy of AWS", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + ", ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']}}\n"), grant.Yes, ""},
		{"one in another partition", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + ", ManagedPolicyArns: ['arn:aws-cn:iam::aws:policy/AdministratorAccess']}}\n"), grant.Yes, ""},
		{"the account's own by a name of AWS's", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + ", ManagedPolicyArns: ['arn:aws:iam::111122223333:policy/AmazonEC2ContainerRegistryReadOnly']}}\n"), grant.Unknown, ""},
		{"an ARN that a parameter gives", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + ", ManagedPolicyArns: [!Ref P]}}\n"), grant.Unknown, ""},
		{"ARNs that a parameter gives", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + ", ManagedPolicyArns: !Ref L}}\n"), grant.Unknown, ""},
		{"inline policies that a parameter gives", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + ", Policies: !Ref P}}\n"), grant.Unknown, ""},
		{"a policy by itself", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + "}}\n  Q: {Type: AWS::IAM::Policy, Properties: {PolicyName: q, Roles: [!Ref R], " + admin + "}}\n"), grant.Yes, ""},
		{"a role policy by itself", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + "}}\n  Q: {Type: AWS::IAM::RolePolicy, Properties: {PolicyName: q, RoleName: !Ref R, " + admin + "}}\n"), grant.Yes, ""},
		{"a policy of a role that a parameter names", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + "}}\n  Q: {Type: AWS::IAM::Policy, Properties: {PolicyName: q, Roles: [!Ref P], " + admin + "}}\n"),
			grant.No, "which role this policy is for is not known"},
		{"a policy of roles that a parameter names", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + "}}\n  Q: {Type: AWS::IAM::ManagedPolicy, Properties: {Roles: !Ref L, " + admin + "}}\n"),
			grant.No, "which role this policy is for is not known"},
		{"a policy of users", "t.yml", cfn("  R: {Type: AWS::IAM::Role, Properties: {" + trust + "}}\n  Q: {Type: AWS::IAM::Policy, Properties: {PolicyName: q, Users: [u], " + admin + "}}\n"), grant.No, ""},

		{"an attachment", "m.tf", tfRole + `resource "aws_iam_role_policy_attachment" "a" {
  role = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}`, grant.Yes, ""},
		{"an attachment of each", "m.tf", tfRole + `resource "aws_iam_role_policy_attachment" "a" {
  for_each = toset(["arn:aws:iam::aws:policy/AdministratorAccess"])
  role = aws_iam_role.r.name
  policy_arn = each.value
}`, grant.Unknown, ""},
		{"an attachment to a variable's role", "m.tf", tfRole + `variable "x" {}
resource "aws_iam_role_policy_attachment" "a" {
  role = var.x
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}`, grant.No, "which role this policy is for is not known"},
		{"managed policies of a variable", "m.tf", `variable "x" {}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = "{}"
  managed_policy_arns = var.x
}`, grant.Unknown, ""},
		{"inline policies of a loop", "m.tf", `resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = "{}"
  dynamic "inline_policy" {
    for_each = ["a"]
    content {
      name = "a"
      policy = "{}"
    }
  }
}`, grant.Unknown, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := files(t, c.file, c.text).Inventory
			if len(inv.Roles) != 1 {
				t.Fatalf("%d roles, gaps %+v", len(inv.Roles), inv.Gaps)
			}
			g := grant.Of(inv.Roles[0])
			if c.name == "an ARN that a parameter gives" && !strings.HasSuffix(g.Hole(), "the parameter P has no default") {
				t.Errorf("the reason is %q", g.Hole())
			}
			if got := g.Everywhere("iam:PassRole"); got != c.want || (got == grant.Unknown) != (g.Hole() != "" && got != grant.Yes) {
				t.Errorf("%v, want %v; %s", got, c.want, g.Hole())
			}
			var gaps []string
			for _, x := range inv.Gaps {
				gaps = append(gaps, x.Why)
			}
			if strings.Join(gaps, ";") != c.gap {
				t.Errorf("gaps %q, want %q", gaps, c.gap)
			}
		})
	}
}

const tfRole = `resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = "{}"
}
`

// TestEgress: the way out of a security group, from its own rules and from those
// that stand beside it; a range that is not known may be everything.
func TestEgress(t *testing.T) {
	const https = "IpProtocol: tcp, FromPort: 443, ToPort: 443"
	own := func(rules, more string) string {
		return cfn("  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g" + rules + "}}\n" + more)
	}
	for _, c := range []struct{ name, file, text, want string }{
		{"nothing said", "t.yml", own("", ""), "-1 [0.0.0.0/0] []"},
		{"none", "t.yml", own(", SecurityGroupEgress: []", ""), ""},
		{"one", "t.yml", own(", SecurityGroupEgress: [{"+https+", CidrIp: 0.0.0.0/0}]", ""), "tcp [0.0.0.0/0] []"},
		{"two families", "t.yml", own(", SecurityGroupEgress: [{"+https+", CidrIp: 10.0.0.0/8}, {IpProtocol: -1, CidrIpv6: '::/0'}]", ""), "tcp [10.0.0.0/8] [], -1 [] [::/0]"},
		{"a range that a parameter gives", "t.yml", own(", SecurityGroupEgress: [{IpProtocol: -1, CidrIp: !Ref P}]", ""), "? the parameter P has no default"},
		{"an IPv6 range that a parameter gives", "t.yml", own(", SecurityGroupEgress: [{IpProtocol: -1, CidrIpv6: !Ref P}]", ""), "? the parameter P has no default"},
		{"rules that a parameter gives", "t.yml", own(", SecurityGroupEgress: !Ref P", ""), "? the parameter P has no default"},
		{"a rule beside it", "t.yml", own(", SecurityGroupEgress: []", "  E: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !GetAtt G.GroupId, IpProtocol: -1, CidrIp: 0.0.0.0/0}}\n"), "-1 [0.0.0.0/0] []"},
		{"a rule before it", "t.yml", cfn("  E: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !GetAtt G.GroupId, IpProtocol: -1, CidrIp: 0.0.0.0/0}}\n") +
			"  G: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: []}}\n", "-1 [0.0.0.0/0] []"},
		{"a rule beside it that goes to what a parameter gives", "t.yml", own(", SecurityGroupEgress: []", "  E: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !GetAtt G.GroupId, IpProtocol: -1, CidrIp: !Ref P}}\n"),
			"? the parameter P has no default"},
		{"a rule of another", "t.yml", own(", SecurityGroupEgress: []", "  E: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !GetAtt H.GroupId, IpProtocol: -1, CidrIp: 0.0.0.0/0}}\n"), ""},
		{"Terraform", "m.tf", "resource \"aws_security_group\" \"g\" {\n egress {\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n cidr_blocks = [\"0.0.0.0/0\"]\n }\n}\n", "-1 [0.0.0.0/0] []"},
		{"Terraform with a variable", "m.tf", "variable \"x\" {}\nresource \"aws_security_group\" \"g\" {\n egress {\n protocol = \"-1\"\n from_port = 0\n to_port = 0\n cidr_blocks = var.x\n }\n}\n",
			"? the variable x has no default"},
		{"Terraform without rules", "m.tf", "resource \"aws_security_group\" \"g\" {}\n", "? its egress may stand in rules of their own"},
	} {
		inv := files(t, c.file, c.text).Inventory
		if len(inv.Groups) != 1 {
			t.Fatalf("%s: %d groups, gaps %+v", c.name, len(inv.Groups), inv.Gaps)
		}
		if got := rules(inv.Groups[0].Egress); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func rules(v model.Value[[]model.Rule]) string {
	if v.Unknown() {
		return "? " + v.Why
	}
	var out []string
	for _, r := range v.V {
		out = append(out, fmt.Sprint(r.Protocol.V, " ", r.V4, " ", r.V6))
	}
	return strings.Join(out, ", ")
}

// TestOneFunction: an object of two functions is none that can be decided, whichever
// of them a map would give first.
func TestOneFunction(t *testing.T) {
	text := strings.Replace(cfn("  B: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !If [C, a, b]}}\n"), "Resources:",
		"Conditions:\n  C: {'Fn::Equals': [a, a], 'Fn::Not': [{'Fn::Equals': [a, a]}]}\nResources:", 1)
	for range 20 {
		if g := files(t, "t.yml", text).Inventory.LogGroups; len(g) != 1 || !g[0].Name.Unknown() {
			t.Fatalf("%+v", g)
		}
	}
}

// TestConditionOfNothing: And and Or of no conditions, which CloudFormation refuses, decide nothing.
func TestConditionOfNothing(t *testing.T) {
	for _, c := range []string{"{'Fn::And': null}", "{'Fn::And': []}", "{'Fn::Or': []}", "{'Fn::Not': [{'Fn::Or': []}]}"} {
		text := strings.Replace(cfn("  B: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !If [C, a, b]}}\n"), "Resources:", "Conditions:\n  C: "+c+"\nResources:", 1)
		if g := files(t, "t.yml", text).Inventory.LogGroups; len(g) != 1 || !g[0].Name.Unknown() {
			t.Errorf("%s: %+v", c, g)
		}
	}
}

// TestSub: what Fn::Sub makes of a text.
func TestSub(t *testing.T) {
	for text, want := range map[string]string{
		"a": "a", "${D}-x": "d-x", "${!D}": "${D}", "a${D": "a${D", "${D}${": "d${", "${R.Arn}": "${R.Arn}", "${AWS::Region}": "${AWS::Region}", "arn:${AWS::Partition}:x": "arn:aws:x",
		"${P}": "?", "": "",
	} {
		doc := strings.Replace(cfn(fmt.Sprintf("  B: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub '%s'}}\n", text)), "Parameters:", "Parameters:\n  D: {Type: String, Default: d}", 1)
		g := files(t, "t.yml", doc).Inventory.LogGroups
		if len(g) != 1 {
			t.Fatalf("%s: %d log groups", text, len(g))
		}
		got := g[0].Name.V
		if g[0].Name.Unknown() {
			got = "?"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
