package runner

// The log group's role is all a runner has. The filters are anchored: one
// workflow, by name.
const cloudFormation = `AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Runner:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: %s
      ServiceRole: !GetAtt RunnerRole.Arn
      Source: {Type: GITHUB, Location: %s}
      Environment:
        Type: LINUX_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: %s
        PrivilegedMode: false
      Artifacts: {Type: NO_ARTIFACTS}
      LogsConfig:
        CloudWatchLogs: {Status: ENABLED, GroupName: !Ref RunnerLogs}
      Triggers:
        Webhook: true
        FilterGroups:
          - - {Type: EVENT, Pattern: WORKFLOW_JOB_QUEUED}
            - {Type: WORKFLOW_NAME, Pattern: '^ci$'}
  RunnerLogs:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: 90}
  RunnerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: codebuild.amazonaws.com}
            Action: sts:AssumeRole
            Condition: {StringEquals: {'aws:SourceAccount': !Ref 'AWS::AccountId'}}
      Policies:
        - PolicyName: logs
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: ['logs:CreateLogStream', 'logs:PutLogEvents']
                Resource: !GetAtt RunnerLogs.Arn
`

const terraform = `data "aws_caller_identity" "current" {}

resource "aws_cloudwatch_log_group" "runner" {
  name              = "/codebuild/runner"
  retention_in_days = 90
}

resource "aws_iam_role" "runner" {
  name = "codebuild-runner"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "runner" {
  role = aws_iam_role.runner.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.runner.arn}:*"
    }]
  })
}

resource "aws_codebuild_project" "runner" {
  name         = %s
  service_role = aws_iam_role.runner.arn
  source {
    type     = "GITHUB"
    location = %s
  }
  environment {
    type            = "LINUX_CONTAINER"
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = %s
    privileged_mode = false
  }
  artifacts {
    type = "NO_ARTIFACTS"
  }
  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.runner.name
    }
  }
}

resource "aws_codebuild_webhook" "runner" {
  project_name = aws_codebuild_project.runner.name
  filter_group {
    filter {
      type    = "EVENT"
      pattern = "WORKFLOW_JOB_QUEUED"
    }
    filter {
      type    = "WORKFLOW_NAME"
      pattern = "^ci$"
    }
  }
}
`

// A workflow on pull_request runs with a read-only token and without secrets; on
// pull_request_target it would have both.
const workflow = `name: ci
on:
  pull_request:
permissions:
  contents: read
jobs:
  build:
    runs-on: codebuild-%s-${{ github.run_id }}-${{ github.run_attempt }}
    steps:
      - uses: actions/checkout@v4 # pin to a commit
        with: {persist-credentials: false}
%s`
