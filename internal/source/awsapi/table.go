package awsapi

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/source/awsapi/wire"
)

// services are those that the thin client reaches.
var services = map[string]wire.Service{
	"cloudtrail":      {ID: "CloudTrail", Prefix: "cloudtrail", Signing: "cloudtrail", Target: "CloudTrail_20131101"},
	"codebuild":       {ID: "CodeBuild", Prefix: "codebuild", Signing: "codebuild", Target: "CodeBuild_20161006"},
	"codepipeline":    {ID: "CodePipeline", Prefix: "codepipeline", Signing: "codepipeline", Target: "CodePipeline_20150709"},
	"ec2":             {ID: "EC2", Prefix: "ec2", Signing: "ec2", Version: "2016-11-15"},
	"ce":              {ID: "Cost Explorer", Prefix: "ce", Signing: "ce", Target: "AWSInsightsIndexService", Home: true},
	"guardduty":       {ID: "GuardDuty", Prefix: "guardduty", Signing: "guardduty"},
	"securityhub":     {ID: "SecurityHub", Prefix: "securityhub", Signing: "securityhub"},
	"secretsmanager":  {ID: "Secrets Manager", Prefix: "secretsmanager", Signing: "secretsmanager", Target: "secretsmanager"},
	"ssm":             {ID: "SSM", Prefix: "ssm", Signing: "ssm", Target: "AmazonSSM"},
	"access-analyzer": {ID: "AccessAnalyzer", Prefix: "access-analyzer", Signing: "access-analyzer"},
}

// operation is one call that the thin client may make.
type operation struct {
	name   string // "cloudtrail:LookupEvents": service of this table, operation
	method string // restJson: GET or POST
	path   string // restJson: with {member} for members that go into the path
	in     string // member of the input that asks for a page, "" where there is one page
	out    string // member of the answer that names the next
	shape  string // ec2Query: the structure of the answer, a row of ec2.shapes
}

// operations is the whole of what the thin client can do. Each reads; a test
// holds the names against the same pattern as the SDK's calls in the root
// package. The shapes are those of the API references of the services.
var operations = []operation{
	{name: "access-analyzer:ListAnalyzers", method: "GET", path: "/analyzer", in: "nextToken", out: "nextToken"},
	{name: "access-analyzer:ListFindingsV2", method: "POST", path: "/findingv2", in: "nextToken", out: "nextToken"},
	{name: "ce:GetCostAndUsage", in: "NextPageToken", out: "NextPageToken"},
	{name: "cloudtrail:DescribeTrails"},
	{name: "cloudtrail:GetEventSelectors"},
	{name: "cloudtrail:GetTrailStatus"},
	{name: "cloudtrail:LookupEvents", in: "NextToken", out: "NextToken"},
	{name: "codebuild:BatchGetBuildBatches"},
	{name: "codebuild:BatchGetBuilds"},
	{name: "codebuild:BatchGetFleets"},
	{name: "codebuild:BatchGetProjects"},
	{name: "codebuild:GetResourcePolicy"},
	{name: "codebuild:ListBuildBatchesForProject", in: "nextToken", out: "nextToken"},
	{name: "codebuild:ListBuilds", in: "nextToken", out: "nextToken"},
	{name: "codebuild:ListBuildsForProject", in: "nextToken", out: "nextToken"},
	{name: "codebuild:ListFleets", in: "nextToken", out: "nextToken"},
	{name: "codebuild:ListProjects", in: "nextToken", out: "nextToken"},
	{name: "codebuild:ListSharedProjects", in: "nextToken", out: "nextToken"},
	{name: "codebuild:ListSourceCredentials"},
	{name: "codepipeline:GetPipeline"},
	{name: "codepipeline:ListPipelines", in: "nextToken", out: "nextToken"},
	{name: "ec2:DescribeAddresses", shape: "DescribeAddressesResult"},
	{name: "ec2:DescribeInstanceAttribute", shape: "InstanceAttribute"},
	{name: "ec2:DescribeInstances", in: "NextToken", out: "NextToken", shape: "DescribeInstancesResult"},
	{name: "ec2:DescribeLaunchTemplateVersions", in: "NextToken", out: "NextToken", shape: "DescribeLaunchTemplateVersionsResult"},
	{name: "ec2:DescribeRegions", shape: "DescribeRegionsResult"},
	{name: "ec2:DescribeRouteTables", in: "NextToken", out: "NextToken", shape: "DescribeRouteTablesResult"},
	{name: "ec2:DescribeSecurityGroups", in: "NextToken", out: "NextToken", shape: "DescribeSecurityGroupsResult"},
	{name: "ec2:DescribeSnapshots", in: "NextToken", out: "NextToken", shape: "DescribeSnapshotsResult"},
	{name: "ec2:DescribeSubnets", in: "NextToken", out: "NextToken", shape: "DescribeSubnetsResult"},
	{name: "ec2:DescribeVolumes", in: "NextToken", out: "NextToken", shape: "DescribeVolumesResult"},
	{name: "ec2:DescribeVpcEndpoints", in: "NextToken", out: "NextToken", shape: "DescribeVpcEndpointsResult"},
	{name: "guardduty:GetDetector", method: "GET", path: "/detector/{detectorId}"},
	{name: "guardduty:GetFindings", method: "POST", path: "/detector/{detectorId}/findings/get"},
	{name: "guardduty:ListDetectors", method: "GET", path: "/detector", in: "nextToken", out: "nextToken"},
	{name: "guardduty:ListFindings", method: "POST", path: "/detector/{detectorId}/findings", in: "nextToken", out: "nextToken"},
	{name: "secretsmanager:DescribeSecret"},
	{name: "secretsmanager:GetResourcePolicy"},
	{name: "securityhub:GetFindings", method: "POST", path: "/findings", in: "NextToken", out: "NextToken"},
	{name: "ssm:DescribeParameters", in: "NextToken", out: "NextToken"},
}

// Operations lists every call that the thin client can make, as IAM names the
// permission for it ("cloudtrail:LookupEvents"), sorted.
func Operations() []string {
	names := make([]string, len(operations))
	for i, o := range operations {
		names[i] = o.name
	}
	slices.Sort(names)
	return names
}

// find is the entry for a call, if there is one.
func find(service, name string) (operation, wire.Service, bool) {
	i := slices.IndexFunc(operations, func(o operation) bool { return o.name == service+":"+name })
	// A colon in the service could make the name of another entry.
	if i < 0 || strings.Contains(service, ":") {
		return operation{}, wire.Service{}, false
	}
	s, ok := services[service]
	return operations[i], s, ok
}
