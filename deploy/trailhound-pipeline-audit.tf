# Made by: trailhound pipeline audit --print-role. Every action is one that the program calls; it calls no other.

variable "trusted_principal_arn" {
  description = "ARN of the user or role that audits."
  type        = string
}

variable "external_id" {
  description = "Optional. trailhound pipeline audit --external-id gives it."
  type        = string
  default     = ""
}

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

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    resources = ["*"]
    actions = [
      "codebuild:BatchGetBuilds",
      "codebuild:BatchGetProjects",
      "codebuild:ListBuildsForProject",
      "codebuild:ListProjects",
      "codebuild:ListSourceCredentials",
      "codepipeline:GetPipeline",
      "codepipeline:ListPipelines",
      "ec2:DescribeRegions",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcEndpoints",
      "iam:GetAccountAuthorizationDetails",
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetResourcePolicy",
      "ssm:DescribeParameters",
    ]
  }
}

resource "aws_iam_role" "audit" {
  name               = "trailhound-pipeline-audit"
  description        = "Trailhound audits build pipelines with it. It changes nothing and reads no secret."
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "read" {
  name   = "read-pipelines"
  role   = aws_iam_role.audit.id
  policy = data.aws_iam_policy_document.read.json
}

output "role_arn" {
  description = "For trailhound pipeline audit --role-arn"
  value       = aws_iam_role.audit.arn
}
