package live_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live/fake"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// surrounded is an account with one project of every surrounding, and more roles,
// parameters and pipelines than one page of the fake holds.
func surrounded(t *testing.T) *fake.Server {
	s := fake.New(t)
	secret := "arn:aws:secretsmanager:eu-west-1:" + fake.Account + ":secret:app/token-AbCdEf"
	s.Project("eu-west-1", "web", fake.Object{"webhook": openPulls(),
		"source":    fake.Object{"type": "GITHUB", "location": "https://github.com/acme/web", "auth": fake.Object{"type": "SECRETS_MANAGER", "resource": secret}},
		"vpcConfig": fake.Object{"vpcId": "vpc-1", "subnets": []any{"subnet-1", "subnet-2"}, "securityGroupIds": []any{"sg-1"}},
		"environment": fake.Object{"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "environmentVariables": []any{
			fake.Object{"name": "DB_PASSWORD", "type": "PARAMETER_STORE", "value": "/app/p2"}, fake.Object{"name": "A", "type": "PARAMETER_STORE", "value": "/app/p0"},
			fake.Object{"name": "B", "type": "PARAMETER_STORE", "value": "/app/p1"}}}})
	for i := range 3 {
		s.Around.Parameters = append(s.Around.Parameters, fake.Object{"Name": fmt.Sprintf("/app/p%d", i), "ARN": fmt.Sprintf("arn:aws:ssm:eu-west-1:%s:parameter/app/p%d", fake.Account, i),
			"Type": "String", "LastModifiedDate": 1.7e9})
		s.Around.Pipelines = append(s.Around.Pipelines, fake.Object{"name": fmt.Sprintf("pipe%d", i), "roleArn": "arn:aws:iam::" + fake.Account + ":role/web",
			"stages": []any{fake.Object{"name": "Out", "actions": []any{fake.Object{"name": "Ship", "actionTypeId": fake.Object{"category": "Deploy", "owner": "AWS", "provider": "S3", "version": "1"}}}}}})
		s.Around.Roles = append(s.Around.Roles, fmt.Sprintf(`<member><RoleName>r%d</RoleName><Arn>arn:aws:iam::%s:role/r%d</Arn><Path>/</Path><RoleId>AROA%d</RoleId></member>`, i, fake.Account, i, i))
	}
	s.Around.Secrets = []fake.Object{{"ARN": secret, "Name": "app/token", "RotationEnabled": false, "LastChangedDate": 1.6e9,
		"ResourcePolicy": `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`}}
	s.Around.Groups = []string{`<item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId><ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><ipRanges/><ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges></item></ipPermissionsEgress></item>`}
	s.Around.Subnets = []string{`<item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item>`, `<item><subnetId>subnet-2</subnetId><vpcId>vpc-1</vpcId></item>`}
	s.Around.Tables = []string{
		`<item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId></item></routeSet><associationSet><item><subnetId>subnet-1</subnetId><main>false</main></item></associationSet></item>`,
		`<item><routeTableId>rtb-2</routeTableId><vpcId>vpc-1</vpcId><routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId></item></routeSet><associationSet><item><main>true</main></item></associationSet></item>`,
		`<item><routeTableId>rtb-3</routeTableId><vpcId>vpc-1</vpcId></item>`}
	s.Around.Endpoints = []string{`<item><vpcEndpointId>vpce-1</vpcEndpointId><vpcId>vpc-1</vpcId><serviceName>com.amazonaws.eu-west-1.s3</serviceName><state>available</state></item>`}
	web := `<member><RoleName>web</RoleName><Arn>arn:aws:iam::` + fake.Account + `:role/web</Arn><Path>/</Path><RoleId>AROAWEB</RoleId>` +
		`<AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22codebuild.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument>` +
		`<AttachedManagedPolicies><member><PolicyName>all</PolicyName><PolicyArn>arn:aws:iam::` + fake.Account + `:policy/all</PolicyArn></member></AttachedManagedPolicies></member>`
	s.Around.Roles = append(s.Around.Roles, web)
	s.Around.Policies = []string{`<member><PolicyName>all</PolicyName><Arn>arn:aws:iam::` + fake.Account + `:policy/all</Arn><DefaultVersionId>v1</DefaultVersionId><PolicyVersionList><member><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D</Document></member></PolicyVersionList></member>`}
	return s
}

// everything reads all that the audit reads.
func everything(t *testing.T, s *fake.Server) *model.Inventory {
	t.Helper()
	inv, err := live.Read(t.Context(), client(s, 8), live.Options{Regions: []string{"eu-west-1"}, Account: fake.Account, Builds: 5, Around: true, Identities: iam.NewFromConfig(config(s, 8))})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func config(s *fake.Server, attempts int) aws.Config {
	hasty := func() aws.Retryer { // as often as the real one, without its pauses
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = attempts, time.Millisecond, ratelimit.None
		})
	}
	return aws.Config{Region: "eu-west-1", BaseEndpoint: &s.URL, Retryer: hasty, HTTPClient: http.DefaultClient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDFAKE", SecretAccessKey: "secret"}, nil
		})}
}

// TestSurroundings: every page of everything around a project is read, and the
// checks that need it come to a decision.
func TestSurroundings(t *testing.T) {
	inv := everything(t, surrounded(t))
	if len(inv.Gaps) > 0 {
		t.Errorf("gaps: %+v", inv.Gaps)
	}
	got := fmt.Sprint(len(inv.Roles), len(inv.Groups), len(inv.Subnets), len(inv.Endpoints), len(inv.Secrets), len(inv.Parameters), len(inv.Pipelines))
	if got != "4 1 2 1 1 3 3" {
		t.Error("roles, groups, subnets, endpoints, secrets, parameters, pipelines:", got)
	}
	found, undecided := audited(t, inv)
	for id, says := range map[string]string{"PG-RO-01": "web", "PG-RO-05": "", "PG-EN-02": "IPv6", "PG-EN-03": "", "PG-EN-09": "logs, secretsmanager, ssm", "PG-CR-10": "app/token", "PG-CR-14": "/app/p2", "PG-PL-01": "Ship"} {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, id) && strings.Contains(f, says) }) {
			t.Errorf("%s does not say %q; undecided %v", id, says, undecided[id])
		}
	}
}

// catalogue is loaded once: compiling it takes longer than any reading here.
var catalogue = sync.OnceValues(func() (*check.Pack, error) { return check.Load(content.FS) })

// audited are the findings, each with its check in front, and why a check is undecided.
func audited(t *testing.T, inv *model.Inventory) (found []string, undecided map[string][]string) {
	t.Helper()
	pack, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Audit(pipeline.Input{Inventory: inv, Pack: pack, Now: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	undecided = map[string][]string{}
	all, doubts := r.Findings, r.Doubts
	for _, p := range r.Projects {
		all, doubts = append(all, p.Findings...), append(doubts, p.Doubts...)
	}
	for _, f := range all {
		found = append(found, f.Check+" "+f.Says)
	}
	for _, u := range doubts {
		undecided[u.Check] = append(undecided[u.Check], u.Why)
	}
	return found, undecided
}

// TestRefusedSurroundingsAreNamed: what one service refuses is a gap of its own, the
// rest is read, and no check passes on what nobody saw.
func TestRefusedSurroundingsAreNamed(t *testing.T) {
	for action, want := range map[string]struct{ gap, undecided string }{
		"ec2:DescribeSecurityGroups":         {"the security groups of builds", "PG-EN-02"},
		"ec2:DescribeSubnets":                {"the subnets of builds", "PG-EN-03"},
		"ec2:DescribeRouteTables":            {"the route tables of the VPCs of builds", "PG-EN-03"},
		"ec2:DescribeVpcEndpoints":           {"the endpoints of the VPCs of builds", "PG-EN-09"},
		"secretsmanager:DescribeSecret":      {"secret arn:aws:secretsmanager", ""},
		"secretsmanager:GetResourcePolicy":   {"secret arn:aws:secretsmanager", ""},
		"ssm:DescribeParameters":             {"3 parameters, from /app/p0 to /app/p2", ""},
		"codepipeline:ListPipelines":         {"pipelines", ""},
		"codepipeline:GetPipeline":           {"3 pipelines, from pipe0 to pipe2", ""},
		"iam:GetAccountAuthorizationDetails": {"roles, users and their policies", "PG-RO-01"},
		"codebuild:ListSourceCredentials":    {"source credentials", ""},
	} {
		s := surrounded(t)
		s.Faults.Allowed = map[string]bool{}
		for _, a := range live.Actions() {
			s.Faults.Allowed[a] = a != action
		}
		inv := everything(t, s)
		if len(inv.Gaps) != 1 || !strings.HasPrefix(inv.Gaps[0].What, want.gap) || !inv.Gaps[0].Denied {
			t.Errorf("%s: gaps %+v", action, inv.Gaps)
		}
		if len(inv.Projects) != 1 {
			t.Errorf("%s: the projects are gone", action)
		}
		_, undecided := audited(t, inv)
		if want.undecided != "" && len(undecided[want.undecided]) == 0 {
			t.Errorf("%s: %s does not say that it cannot tell", action, want.undecided)
		}
	}
}

// TestRoleIsEnoughAndNoMore: the actions that the role grants are those that a whole
// reading asks for, as a server sees it that denies all else.
func TestRoleIsEnoughAndNoMore(t *testing.T) {
	s := surrounded(t)
	s.Build("eu-west-1", "web:1", fake.Object{})
	s.Faults.Allowed = map[string]bool{}
	for _, a := range live.Actions() {
		s.Faults.Allowed[a] = true
	}
	if inv := everything(t, s); len(inv.Gaps) > 0 {
		t.Errorf("the role is not enough: %+v", inv.Gaps)
	}
	asked := append(s.Asked(), "ec2:DescribeRegions") // by --regions all, before anything else
	slices.Sort(asked)
	if !slices.Equal(asked, live.Actions()) {
		t.Errorf("asked %v\ngranted %v", asked, live.Actions())
	}
}

// TestThrottledSurroundings: every third call is asked to wait, and all is read.
func TestThrottledSurroundings(t *testing.T) {
	s := surrounded(t)
	s.Faults.Throttle = 3
	if inv := everything(t, s); len(inv.Gaps) > 0 || len(inv.Roles) != 4 || len(inv.Parameters) != 3 {
		t.Errorf("%d roles, %d parameters, gaps %+v", len(inv.Roles), len(inv.Parameters), inv.Gaps)
	}
}

// TestWhatIsNotThere: a secret and a parameter that are named and do not exist are
// gaps, each by name.
func TestWhatIsNotThere(t *testing.T) {
	s := surrounded(t)
	s.Around.Secrets, s.Around.Parameters = nil, s.Around.Parameters[:2]
	inv := everything(t, s)
	what := []string{}
	for _, g := range inv.Gaps {
		what = append(what, g.What)
	}
	if !slices.Equal(what, []string{"secret arn:aws:secretsmanager:eu-west-1:" + fake.Account + ":secret:app/token-AbCdEf", "parameter /app/p2"}) {
		t.Errorf("gaps: %q", what)
	}
}
