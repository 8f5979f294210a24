# Made by: trailhound collect --print-role. Every action is one that the program calls; it calls no other.

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
      "access-analyzer:ListAnalyzers",
      "access-analyzer:ListFindings",
      "ce:GetCostAndUsage",
      "cloudtrail:DescribeTrails",
      "cloudtrail:GetEventSelectors",
      "cloudtrail:GetTrailStatus",
      "cloudtrail:LookupEvents",
      "codebuild:BatchGetProjects",
      "codebuild:ListProjects",
      "codebuild:ListSourceCredentials",
      "ec2:DescribeAddresses",
      "ec2:DescribeInstanceAttribute",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeRegions",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
      "guardduty:GetFindings",
      "guardduty:ListDetectors",
      "guardduty:ListFindings",
      "iam:GenerateCredentialReport",
      "iam:GetAccessKeyLastUsed",
      "iam:GetAccountAuthorizationDetails",
      "iam:GetCredentialReport",
      "iam:ListAccessKeys",
      "iam:ListMFADevices",
      "iam:ListServiceSpecificCredentials",
      "iam:ListUsers",
      "securityhub:GetFindings",
    ]
  }
}

data "aws_iam_policy_document" "organization" {
  statement {
    sid       = "KnowMembers"
    resources = ["*"]
    actions = [
      "organizations:DescribeOrganization",
      "organizations:DescribePolicy",
      "organizations:ListAccounts",
      "organizations:ListParents",
      "organizations:ListPoliciesForTarget",
      "organizations:ListRoots",
    ]
  }
  statement {
    sid       = "EnterMembers"
    resources = ["arn:${data.aws_partition.current.partition}:iam::*:role/trailhound-read-only"]
    actions   = ["sts:AssumeRole"]
  }
}

resource "aws_iam_role" "trailhound" {
  name                 = "trailhound-read-only"
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
