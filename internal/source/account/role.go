package account

import (
	"fmt"
	"strings"
)

// RoleName is what the templates call the role, in every account.
// The organisation's role may assume exactly this name in member accounts, so it
// cannot be chosen.
const RoleName = "trailhound-read-only"

// Role renders the least-privilege role for Collect in a format: "cloudformation"
// or "terraform". Its permissions are Actions, OrgActions and nothing else.
func Role(format string) (string, error) {
	switch format {
	case "cloudformation":
		return cloudFormation(), nil
	case "terraform":
		return terraform(), nil
	}
	return "", fmt.Errorf("there is no role template for %q", format)
}

// RoleFormats are those of Role.
func RoleFormats() []string { return []string{"cloudformation", "terraform"} }

// list writes one action a line.
func list(actions []string, form string) string {
	var b strings.Builder
	for _, a := range actions {
		fmt.Fprintf(&b, form, a)
	}
	return b.String()
}

const origin = "Made by: trailhound collect --print-role. Every action is one that the program calls; it calls no other."

func cloudFormation() string {
	return `# ` + origin + `
AWSTemplateFormatVersion: "2010-09-09"
Description: Read-only role with which Trailhound gathers evidence. Nothing in it can change the account.
Parameters:
  TrustedPrincipalArn:
    Type: String
    Description: ARN of the user or role that investigates.
    AllowedPattern: arn:aws[a-z-]*:(iam|sts)::\d{12}:.+
  ExternalId:
    Type: String
    Default: ""
    Description: Optional. trailhound collect --external-id gives it.
  OrganizationAccess:
    Type: String
    Default: "no"
    AllowedValues: ["yes", "no"]
    Description: Say yes in the management account only, to gather every account of the organisation.
Conditions:
  HasExternalId: !Not [!Equals [!Ref ExternalId, ""]]
  IsOrganization: !Equals [!Ref OrganizationAccess, "yes"]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ` + RoleName + `
      Description: Trailhound gathers evidence with it. It can change nothing.
      MaxSessionDuration: 43200
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref TrustedPrincipalArn
            Action: sts:AssumeRole
            Condition: !If
              - HasExternalId
              - StringEquals:
                  sts:ExternalId: !Ref ExternalId
              - !Ref AWS::NoValue
      Policies:
        - PolicyName: gather-evidence
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: Gather
                Effect: Allow
                Action:
` + list(Actions(), "                  - %s\n") + `                Resource: "*"
  OrganizationPolicy:
    Type: AWS::IAM::Policy
    Condition: IsOrganization
    Properties:
      PolicyName: gather-evidence-of-the-organisation
      Roles: [!Ref Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: KnowMembers
            Effect: Allow
            Action:
` + list(OrgActions(), "              - %s\n") + `            Resource: "*"
          - Sid: EnterMembers
            Effect: Allow
            Action: sts:AssumeRole
            Resource: !Sub arn:${AWS::Partition}:iam::*:role/` + RoleName + `
Outputs:
  RoleArn:
    Description: For trailhound collect --role-arn
    Value: !GetAtt Role.Arn
`
}

func terraform() string {
	return `# ` + origin + `

variable "trusted_principal_arn" {
  description = "ARN of the user or role that investigates."
  type        = string
}

variable "external_id" {
  description = "Optional. trailhound collect --external-id gives it."
  type        = string
  default     = ""
}

variable "organization_access" {
  description = "true in the management account only, to gather every account of the organisation."
  type        = bool
  default     = false
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.trusted_principal_arn]
    }
    dynamic "condition" {
      for_each = var.external_id == "" ? [] : [var.external_id]
      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

data "aws_iam_policy_document" "gather" {
  statement {
    sid       = "Gather"
    resources = ["*"]
    actions = [
` + list(Actions(), "      \"%s\",\n") + `    ]
  }
}

data "aws_iam_policy_document" "organization" {
  statement {
    sid       = "KnowMembers"
    resources = ["*"]
    actions = [
` + list(OrgActions(), "      \"%s\",\n") + `    ]
  }
  statement {
    sid       = "EnterMembers"
    resources = ["arn:${data.aws_partition.current.partition}:iam::*:role/` + RoleName + `"]
    actions   = ["sts:AssumeRole"]
  }
}

resource "aws_iam_role" "trailhound" {
  name                 = "` + RoleName + `"
  description          = "Trailhound gathers evidence with it. It can change nothing."
  max_session_duration = 43200
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "gather" {
  name   = "gather-evidence"
  role   = aws_iam_role.trailhound.id
  policy = data.aws_iam_policy_document.gather.json
}

resource "aws_iam_role_policy" "organization" {
  count  = var.organization_access ? 1 : 0
  name   = "gather-evidence-of-the-organisation"
  role   = aws_iam_role.trailhound.id
  policy = data.aws_iam_policy_document.organization.json
}

output "role_arn" {
  description = "For trailhound collect --role-arn"
  value       = aws_iam_role.trailhound.arn
}
`
}
