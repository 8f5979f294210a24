package generate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Limit is something the evidence could not show.
// ID says which ("window", "data:s3", "networks"); several may share one.
type Limit struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// dataEvents notes which services have data events in the evidence, whoever
// made them: without any, they were not recorded, or nobody did a thing.
// Reading stops at the first of each service.
func (t *Table) dataEvents(ctx context.Context, q evidence.Querier, o *Options, a *activity) error {
	for _, source := range slices.Sorted(maps.Keys(t.data)) {
		for e, err := range q.Events(ctx, evidence.Query{From: o.From, To: o.To, Sources: []string{source}}) {
			if err != nil {
				return err
			}
			if e.Category == "Data" || e.Category == "" && itemCalls[e.Name] {
				a.evidenceOf[source] = true
				break
			}
		}
	}
	return nil
}

// itemCalls tell data events in records older than eventCategory.
var itemCalls = map[string]bool{"GetObject": true, "PutObject": true, "DeleteObject": true, "HeadObject": true, "Invoke": true, "GetItem": true,
	"PutItem": true, "Query": true, "Scan": true, "SendMessage": true, "ReceiveMessage": true, "Publish": true}

// limits says what the policy cannot rest on.
func (t *Table) limits(a *activity, o *Options) (out []Limit) {
	add := func(id, format string, args ...any) { out = append(out, Limit{id, fmt.Sprintf(format, args...)}) }
	day := 24 * time.Hour
	// Days are calendar days in UTC, both ends counted.
	span := int(a.last.Truncate(day).Sub(a.first.Truncate(day))/day) + 1
	add("window", "The calls lie between %s and %s: %d days, %d of them with calls. What the principal does more rarely, a monthly release or a recovery, is not in the policy.",
		a.first.UTC().Format(time.RFC3339), a.last.UTC().Format(time.RFC3339), span, len(a.days))
	if len(a.builds) > 0 {
		add("builds", "%d builds were counted. A branch of the build that none of them took is not in the policy.", len(a.builds))
	}
	for _, source := range slices.Sorted(maps.Keys(t.data)) {
		if !a.evidenceOf[source] {
			add("data:"+strings.TrimSuffix(source, ".amazonaws.com"), "The evidence holds no data event of %s: %s cannot be seen. Without them the policy allows none of it.", source, t.data[source])
		}
	}
	for _, u := range t.unlogged {
		add("unlogged", "%s: %s. CloudTrail does not show it.", strings.Join(u.Actions, ", "), u.Says)
	}
	if n := len(a.unknown); n > 0 {
		what := "they are kept, and what only they used is in statements of its own, Unvouched"
		if o.Strict {
			what = "they are left out"
		}
		add("triggers", "Nothing says what started %d of the builds; %s. Give the output of aws codebuild batch-get-builds with --builds.", n, what)
	}
	if n := len(a.left); n > 0 {
		add("pull_requests", "%d builds of pull requests are left out: what a stranger's code did is evidence, not permission.", n)
	}
	var roamed []string
	for uuid, nets := range a.networks {
		if len(nets) > 1 {
			roamed = append(roamed, sessionPrefix+uuid)
		}
	}
	if slices.Sort(roamed); len(roamed) > 0 {
		add("networks", "%d of the build sessions called from more than one network, the first is %s: credentials may have left the build. Investigate, and give the report with --report so that what it calls hostile is left out.", len(roamed), roamed[0])
	}
	if a.foreign > 0 {
		add("project", "%d calls of the principal belong to other projects or to no known build and are left out.", a.foreign)
	}
	if a.unreadN > 0 {
		add("unread", "%d records could not be read, the first is %s.", a.unreadN, a.unread[0])
	}
	if a.truncated > 0 {
		add("bounded", "The principal used more than %d distinct permissions; the last part of further resources is a wildcard.", maxNeeds)
	}
	for _, r := range slices.Sorted(maps.Keys(a.assumed)) {
		add("chain", "It went on to the role %s, whose calls are not in this policy: generate one for that role too.", r)
	}
	return out
}

// Project is what of a CodeBuild project makes CodeBuild itself use its role.
type Project struct {
	Name, Role string // Role is an ARN or a name
	Partition  string
	Region     string
	Account    string
	LogGroup   string   // "" if logs are off
	Artifacts  []string // bucket, or bucket and path: "out/builds"
	Subnets    []string // of its VPC; none outside one
}

// basics are the permissions that CodeBuild itself uses with a project's role.
// No call of the role shows them all, so they come from the project.
// A project is the principal's if it names its role, by ARN or by name: what
// configuration files give is often a bare name.
func basics(projects []Project, a *activity, name string) (out []need) {
	for _, p := range projects {
		if p.Role != a.principal && lastPart(p.Role) != lastPart(a.principal) || name != "" && p.Name != name || p.Region == "" {
			continue
		}
		out = append(out, p.basics()...)
	}
	return out
}

// lastPart is the name at the end of an ARN with a path, or the text itself.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// basics are those of one project. Source: CodeBuild User Guide, the service role, and
// "Allow CodeBuild access to AWS services required to create a VPC network interface".
func (p *Project) basics() (out []need) {
	add := func(why, action, pattern string, with map[string]string) {
		out = append(out, need{action: action, implied: why, with: with, res: resource{pattern: pattern, literal: plain(pattern)}})
	}
	if p.LogGroup != "" {
		why := "CodeBuild writes the logs of project " + p.Name + " with the role"
		group := p.arn("logs") + "log-group:" + escape(p.LogGroup)
		add(why, "logs:CreateLogGroup", group, nil)
		add(why, "logs:CreateLogStream", group+":*", nil)
		add(why, "logs:PutLogEvents", group+":*", nil)
	}
	for _, where := range p.Artifacts {
		add("CodeBuild uploads the artifacts of project "+p.Name, "s3:PutObject", "arn:"+p.Partition+":s3:::"+escape(where)+"/*", nil)
	}
	why := "CodeBuild puts the builds of project " + p.Name + " into its VPC"
	for i, subnet := range p.Subnets {
		if i == 0 {
			for _, action := range []string{"CreateNetworkInterface", "DescribeDhcpOptions", "DescribeNetworkInterfaces", "DeleteNetworkInterface", "DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcs"} {
				add(why, "ec2:"+action, "*", nil)
			}
		}
		add(why, "ec2:CreateNetworkInterfacePermission", p.arn("ec2")+"network-interface/*",
			map[string]string{"ec2:Subnet": p.arn("ec2") + "subnet/" + subnet, "ec2:AuthorizedService": "codebuild.amazonaws.com"})
	}
	return out
}

func (p *Project) arn(service string) string {
	return "arn:" + p.Partition + ":" + service + ":" + p.Region + ":" + p.Account + ":"
}

// plain is one of the resources that a pattern stands for.
// The evaluator is asked about it, since it is a question about one resource.
func plain(pattern string) string {
	if pattern == "*" {
		return "*"
	}
	return strings.NewReplacer("${*}", "*", "${?}", "?", "${$}", "$", "*", "x", "?", "x").Replace(pattern)
}
