package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/role"
)

// pipelineRoleCmd needs no account and no evidence: what a build is for says what it may do.
func (a *app) pipelineRoleCmd() *cobra.Command {
	// The flags fill the specification itself: it has no default that is not the role's own.
	var s role.Spec
	var as, output string
	c := &cobra.Command{
		Use:   "role test|release|deploy --project NAME --region REGION --account ID",
		Short: "Write the role of a project's builds: complete, with concrete ARNs, one for each kind of job",
		Long: `Role writes the role for the builds of one project: what CodeBuild itself needs and
what the flags name, each by its ARN. Tests, releases and deployments get a role
each, for a build that runs a stranger's code must not hold what a release needs.
The trust policy lets in this one project.`,
		Example: `  trailhound pipeline role test --project web --region eu-west-1 --account 111122223333 --reports --pull base/go
  trailhound pipeline role release --project web-release --region eu-west-1 --account 111122223333 --push web --format cloudformation
  trailhound pipeline role deploy --project web-deploy --region eu-west-1 --account 111122223333 --stack web-prod --stack-role arn:aws:iam::111122223333:role/deployer --format terraform`,
		Args: one("what the builds are for: test, release or deploy"),
		RunE: func(_ *cobra.Command, args []string) error {
			s.Kind = role.Kind(args[0])
			if !slices.Contains(role.Kinds, s.Kind) {
				return withHint(usage("there is no role for %q", args[0]), "choose test, release or deploy")
			}
			// Whether the flags go with the kind of role is for Make to say.
			r, err := role.Make(s)
			if err != nil {
				return withHint(usageError{err}, "see trailhound pipeline role --help")
			}
			// The role is made before the format is looked at: both can be wrong, and the role's mistakes
			// say more.
			switch as {
			case "json":
				return a.deliver(output, r.JSON())
			case "cloudformation":
				return a.deliver(output, r.CloudFormation())
			case "terraform":
				return a.deliver(output, r.Terraform())
			}
			return withHint(usage("there is no format %q", as), "choose json, cloudformation or terraform")
		},
	}
	f := c.Flags()
	f.StringVar(&s.Project, "project", "", "the project")
	f.StringVar(&s.Region, "region", "", "its region")
	f.StringVar(&s.Account, "account", "", "its account")
	f.StringVar(&s.Partition, "partition", "aws", "aws, aws-cn or aws-us-gov")
	f.StringVar(&s.Name, "name", "", "name of the role (default codebuild-PROJECT-KIND)")
	f.StringVar(&s.LogGroup, "log-group", "", "where its logs go (default /aws/codebuild/PROJECT)")
	f.StringVar(&s.Bucket, "bucket", "", "bucket of artifacts, and a prefix behind a slash: deployments read it, others write it")
	f.StringSliceVar(&s.Pull, "pull", nil, "ECR repositories of images that builds run on or build upon")
	f.StringSliceVar(&s.Push, "push", nil, "release: ECR repositories that builds push to")
	f.StringSliceVar(&s.Secrets, "secret", nil, "release and deploy: ARNs of secrets")
	f.StringSliceVar(&s.Parameters, "parameter", nil, "names of parameters")
	f.StringSliceVar(&s.Keys, "key", nil, "ARNs of the KMS keys of secrets, parameters and artifacts")
	f.StringVar(&s.Connection, "connection", "", "ARN of the connection to the source's host")
	f.StringSliceVar(&s.Subnets, "subnet", nil, "subnets of the project's VPC")
	f.BoolVar(&s.Reports, "reports", false, "builds hand in test reports")
	f.StringSliceVar(&s.Stacks, "stack", nil, "deploy: names of CloudFormation stacks")
	f.StringVar(&s.StackRole, "stack-role", "", "deploy: ARN of the role that CloudFormation works with")
	f.StringVar(&s.Boundary, "boundary", "", "ARN of the permissions boundary")
	f.StringVar(&as, "format", "json", "json, cloudformation or terraform")
	f.StringVar(&output, "output", "", "write to this file instead of to standard output")
	return c
}
