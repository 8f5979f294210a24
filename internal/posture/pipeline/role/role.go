// Package role writes the roles of builds: one for tests, one for releases, one
// for deployments, each with what its job needs and concrete ARNs. They are kept
// apart because a build that runs a stranger's code must not hold what a release
// needs.
//
// Sources: CodeBuild User Guide, "Create a CodeBuild service role", "Use VPC" and
// "Test report permissions"; Amazon ECR User Guide, "IAM permissions for pushing
// an image"; IAM User Guide, "The confused deputy problem".
package role

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Kind is what the builds of a role are for.
type Kind string

// The kinds.
const (
	Test    Kind = "test"
	Release Kind = "release"
	Deploy  Kind = "deploy"
)

// Kinds are all of them.
var Kinds = []Kind{Test, Release, Deploy}

// Spec is what a role is for, exactly. Only Kind, Project, Region and Account are
// needed; each other member adds what it names.
type Spec struct {
	Kind      Kind
	Name      string // of the role; default codebuild-<project>-<kind>
	Project   string
	Partition string // default aws
	Region    string
	Account   string

	LogGroup   string   // default /aws/codebuild/<project>
	Bucket     string   // of artifacts, with the prefix behind a slash: written by tests and releases, read by deployments
	Pull       []string // ECR repositories whose images builds run on or build upon
	Push       []string // release: ECR repositories
	Secrets    []string // ARNs of Secrets Manager; release and deploy
	Parameters []string // names of parameters, with the slash they begin with
	Keys       []string // ARNs of KMS keys that secrets, parameters and artifacts are encrypted with
	Connection string   // ARN of the connection to the source's host
	Subnets    []string // of the project's VPC, ids
	Reports    bool     // test reports
	Stacks     []string // deploy: names of CloudFormation stacks
	StackRole  string   // deploy: ARN of the role that CloudFormation works with
	Boundary   string   // ARN of the permissions boundary
}

// Statement is one statement, in IAM's spelling.
type Statement struct {
	Sid       string
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

// Document is a policy document, in IAM's spelling.
type Document struct {
	Version   string
	Statement []Statement
}

// Role is the role, complete.
type Role struct {
	Name     string   `json:"name"`
	Kind     Kind     `json:"kind"`
	Trust    Document `json:"trust"`
	Policy   Document `json:"policy"`
	Boundary string   `json:"permissions_boundary,omitempty"`
}

// The patterns are those of each service's API reference, narrowed so that no
// wildcard and no blank gets through. bucket takes the prefix too.
var (
	name       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{1,254}$`)
	roleName   = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	account    = regexp.MustCompile(`^\d{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	repository = regexp.MustCompile(`^[a-z0-9][a-z0-9._/-]{1,255}$`)
	bucket     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{2,62}(/[\w!.'()/-]*)?$`)
	parameter  = regexp.MustCompile(`^/?[\w.-]+(/[\w.-]+)*$`)
	stackName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
	logGroup   = regexp.MustCompile(`^[\w./#-]{1,512}$`)
	subnet     = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
	arn        = regexp.MustCompile(`^arn:aws(?:-[a-z]+)*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:[^*?\s${}]+$`) // a policy variable is as wide as who calls
	partition  = regexp.MustCompile(`^aws(?:-[a-z]+)*$`)
)

// check refuses what would make a wildcard of a concrete thing.
// All faults are told at once: whoever writes a Spec mends it in one go.
func (s *Spec) check() error {
	var errs []error
	must := func(what, v string, re *regexp.Regexp) {
		if !re.MatchString(v) {
			errs = append(errs, fmt.Errorf("%q is no %s", v, what))
		}
	}
	must("name of a project", s.Project, name)
	must("name of a role", s.Name, roleName)
	must("account id", s.Account, account)
	must("region", s.Region, regionName)
	must("partition", s.Partition, partition)
	must("name of a log group", s.LogGroup, logGroup)
	if s.Bucket != "" {
		must("bucket", s.Bucket, bucket)
	}
	for _, r := range slices.Concat(s.Pull, s.Push) {
		must("ECR repository", r, repository)
	}
	for _, a := range slices.Concat(s.Secrets, s.Keys) {
		must("ARN", a, arn)
	}
	for _, a := range []string{s.Connection, s.StackRole, s.Boundary} {
		if a != "" {
			must("ARN", a, arn)
		}
	}
	for _, p := range s.Parameters {
		must("name of a parameter", p, parameter)
	}
	for _, n := range s.Subnets {
		must("subnet", n, subnet)
	}
	for _, n := range s.Stacks {
		must("name of a stack", n, stackName)
	}
	switch {
	case !slices.Contains(Kinds, s.Kind):
		errs = append(errs, fmt.Errorf("there is no role for %q", s.Kind))
	// The separation is the point of the package. A pull request runs the author's
	// code under the test role, so whatever that role may do, the author may.
	case s.Kind == Test && len(s.Push)+len(s.Secrets)+len(s.Stacks) > 0:
		errs = append(errs, errors.New("a test role pushes no images, reads no secrets and deploys no stacks: a pull request would"))
	case s.Kind == Release && len(s.Stacks) > 0:
		errs = append(errs, errors.New("a release role deploys no stacks: give that to a deploy role"))
	case s.Kind == Deploy && len(s.Push) > 0:
		errs = append(errs, errors.New("a deploy role pushes no images: give that to a release role"))
	case len(s.Stacks) > 0 && s.StackRole == "":
		errs = append(errs, errors.New("a stack is deployed with a role of its own: give its ARN"))
	}
	return errors.Join(errs...)
}

// Make writes the role.
func Make(s Spec) (*Role, error) {
	if s.Partition == "" {
		s.Partition = "aws"
	}
	if s.Name == "" {
		s.Name = "codebuild-" + s.Project + "-" + string(s.Kind)
	}
	if s.LogGroup == "" {
		s.LogGroup = "/aws/codebuild/" + s.Project
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	r := &Role{Name: s.Name, Kind: s.Kind, Boundary: s.Boundary}
	// Both conditions are needed against the confused deputy: the ARN holds one
	// project, and the account keeps a project of that name elsewhere out. CodeBuild
	// sets both keys when it assumes the role.
	r.Trust = Document{Version: "2012-10-17", Statement: []Statement{{Sid: "OnlyThisProject", Effect: "Allow", Principal: map[string]string{"Service": "codebuild.amazonaws.com"}, Action: []string{"sts:AssumeRole"},
		Condition: map[string]map[string]string{"ArnEquals": {"aws:SourceArn": s.arn("codebuild", "project/"+s.Project)}, "StringEquals": {"aws:SourceAccount": s.Account}}}}}
	r.Policy = Document{Version: "2012-10-17", Statement: s.statements()}
	return r, nil
}

func (s *Spec) arn(service, rest string) string {
	return "arn:" + s.Partition + ":" + service + ":" + s.Region + ":" + s.Account + ":" + rest
}

// each makes an ARN of every name.
func (s *Spec) each(service, kind string, names []string) (out []string) {
	for _, n := range names {
		out = append(out, s.arn(service, kind+strings.TrimPrefix(n, "/")))
	}
	return out
}

func (s *Spec) statements() (out []Statement) {
	// A statement without resources would be refused by IAM, so an empty part of a
	// Spec leaves no trace.
	add := func(sid string, actions, resources []string, condition map[string]map[string]string) {
		if len(resources) > 0 {
			out = append(out, Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources, Condition: condition})
		}
	}
	group := s.arn("logs", "log-group:"+s.LogGroup)
	add("LogGroup", []string{"logs:CreateLogGroup"}, []string{group}, nil)
	add("Logs", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{group + ":*"}, nil)
	if s.Reports {
		add("Reports", []string{"codebuild:BatchPutCodeCoverages", "codebuild:BatchPutTestCases", "codebuild:CreateReport", "codebuild:CreateReportGroup", "codebuild:UpdateReport"},
			[]string{s.arn("codebuild", "report-group/"+s.Project+"-*")}, nil)
	}
	if s.Bucket != "" {
		objects := []string{"arn:" + s.Partition + ":s3:::" + strings.TrimSuffix(s.Bucket, "/") + "/*"}
		// A deployment takes what a release made and must not be able to put
		// something else in its place.
		if s.Kind == Deploy {
			add("Artifacts", []string{"s3:GetObject", "s3:GetObjectVersion"}, objects, nil)
		} else {
			add("Artifacts", []string{"s3:AbortMultipartUpload", "s3:PutObject"}, objects, nil)
		}
	}
	if len(s.Pull)+len(s.Push) > 0 {
		// GetAuthorizationToken knows no resource. The region is what it can be
		// narrowed by.
		add("Registry", []string{"ecr:GetAuthorizationToken"}, []string{"*"}, map[string]map[string]string{"StringEquals": {"aws:RequestedRegion": s.Region}})
	}
	pull := []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
	add("Pull", pull, s.each("ecr", "repository/", s.Pull), nil)
	add("Push", append([]string{"ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"}, pull...), s.each("ecr", "repository/", s.Push), nil)
	add("Secrets", []string{"secretsmanager:GetSecretValue"}, s.Secrets, nil)
	// GetParametersByPath is left out: it would read whatever somebody puts under
	// the path later.
	add("Parameters", []string{"ssm:GetParameter", "ssm:GetParameters"}, s.each("ssm", "parameter/", s.Parameters), nil)
	add("Keys", []string{"kms:Decrypt", "kms:GenerateDataKey"}, s.Keys, nil)
	if s.Connection != "" {
		add("Connection", []string{"codeconnections:GetConnection", "codeconnections:GetConnectionToken", "codeconnections:UseConnection"}, []string{s.Connection}, nil)
	}
	if len(s.Stacks) > 0 {
		var stacks []string
		for _, n := range s.Stacks {
			stacks = append(stacks, s.arn("cloudformation", "stack/"+n+"/*"))
		}
		add("Stacks", []string{"cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet", "cloudformation:DescribeChangeSet", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks",
			"cloudformation:ExecuteChangeSet", "cloudformation:GetTemplate"}, stacks, nil)
		// PassRole without the service would let the build hand that role to a
		// machine of its own.
		add("StackRole", []string{"iam:PassRole"}, []string{s.StackRole}, map[string]map[string]string{"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}})
	}
	if len(s.Subnets) > 0 {
		// The CodeBuild User Guide asks for these seven on "*": most are Describe
		// calls that take no resource. What binds a build to its subnets is the
		// permission below, one statement for each, because a condition holds one
		// subnet.
		add("Network", []string{"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"},
			[]string{"*"}, map[string]map[string]string{"StringEquals": {"aws:RequestedRegion": s.Region}})
		for i, n := range s.Subnets {
			add(fmt.Sprintf("Interface%d", i+1), []string{"ec2:CreateNetworkInterfacePermission"}, []string{s.arn("ec2", "network-interface/*")},
				map[string]map[string]string{"StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"}, "ArnEquals": {"ec2:Subnet": s.arn("ec2", "subnet/"+n)}})
		}
	}
	return out
}
