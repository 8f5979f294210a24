package role

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// JSON is the role with both documents.
func (r *Role) JSON() []byte { return encode(r, "") }

func encode(v any, prefix string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	// Policies are pasted into consoles and templates: < and & of a condition must
	// stay what they are.
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	if err := enc.Encode(v); err != nil { // strings and lists of strings: cannot fail
		return nil
	}
	return b.Bytes()
}

// CloudFormation is a template with the role. Documents stand in it as JSON, which
// YAML takes.
// Names and ARNs are put in unquoted. Spec.check lets no blank, newline or wildcard
// through, without which they mean nothing to YAML; a looser pattern there opens
// this template to whoever names a project.
func (r *Role) CloudFormation() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "AWSTemplateFormatVersion: '2010-09-09'\nDescription: Role of the %s builds of one CodeBuild project\nResources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: %s\n", r.Kind, r.Name)
	if r.Boundary != "" {
		fmt.Fprintf(&b, "      PermissionsBoundary: %s\n", r.Boundary)
	}
	fmt.Fprintf(&b, "      AssumeRolePolicyDocument: %s\n", trim(encode(r.Trust, "      ")))
	fmt.Fprintf(&b, "      Policies:\n        - PolicyName: build\n          PolicyDocument: %s\n", trim(encode(r.Policy, "          ")))
	b.WriteString("Outputs:\n  RoleArn:\n    Value: !GetAtt Role.Arn\n")
	return []byte(b.String())
}

// Terraform is the role and its policy as resources.
func (r *Role) Terraform() []byte {
	var b strings.Builder
	// A role's name may hold = , . and @, which a Terraform identifier may not.
	id := strings.Map(func(c rune) rune {
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return '_'
	}, r.Name)
	fmt.Fprintf(&b, "resource \"aws_iam_role\" \"%s\" {\n  name = \"%s\"\n", id, r.Name)
	if r.Boundary != "" {
		fmt.Fprintf(&b, "  permissions_boundary = \"%s\"\n", r.Boundary)
	}
	// JSON is an expression of HCL, but for ${ and %{, which no ARN of ours has.
	fmt.Fprintf(&b, "  assume_role_policy = jsonencode(%s)\n}\n\n", trim(encode(r.Trust, "  ")))
	fmt.Fprintf(&b, "resource \"aws_iam_role_policy\" \"%s\" {\n  name   = \"build\"\n  role   = aws_iam_role.%s.id\n  policy = jsonencode(%s)\n}\n", id, id, trim(encode(r.Policy, "  ")))
	return []byte(b.String())
}

func trim(b []byte) []byte { return bytes.TrimSpace(b) }
