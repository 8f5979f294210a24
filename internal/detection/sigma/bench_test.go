package sigma

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/source/all"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// fifty is a rule folder like those that teams have: most rules name their
// calls, some only the service, a few look at every event.
func fifty() string {
	names := []string{"CreateUser", "CreateAccessKey", "AttachUserPolicy", "PutUserPolicy", "CreateLoginProfile", "UpdateLoginProfile", "StopLogging", "DeleteTrail", "PutEventSelectors", "ConsoleLogin",
		"GetSecretValue", "PutBucketPolicy", "RunInstances", "AuthorizeSecurityGroupIngress", "ModifySnapshotAttribute", "GetPasswordData", "AssumeRole", "GetCallerIdentity", "UpdateAssumeRolePolicy", "CreateRole",
		"DeleteFlowLogs", "SendCommand", "GetParameter", "CreateFunction20150331", "LeaveOrganization", "DescribeInstances", "ListBuckets", "PutObject", "GetObject", "DisableKey"}
	var b strings.Builder
	rule := func(n int, detection string) {
		fmt.Fprintf(&b, "---\ntitle: Rule %d\nname: r%d\nauthor: Trailhound tests\nlicense: Apache-2.0\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n%s", n, n, detection)
	}
	n := 0
	for i, name := range names {
		rule(n, fmt.Sprintf("  sel: {eventName: [%s, %s]}\n  filter: {userAgent|contains: [terraform, %d.amazonaws.com]}\n  ok: {errorCode: null}\n  condition: sel and ok and not 1 of filter*\n", name, names[(i+7)%len(names)], i))
		n++
	}
	for _, source := range []string{"iam", "sts", "s3", "ec2", "kms", "lambda", "ssm", "cloudtrail", "secretsmanager", "rds"} {
		rule(n, fmt.Sprintf("  sel: {eventSource: %s.amazonaws.com, eventName|startswith: [Delete, Put, Update]}\n  condition: sel\n", source))
		n++
	}
	for _, sel := range []string{"{errorCode: AccessDenied}", "{userAgent|contains: [kali, parrot, pacu]}", "{sourceIPAddress|cidr: [198.51.100.0/24, 203.0.113.0/24]}", "{userIdentity.type: Root}", "{eventName|re: '^(Stop|Disable)[A-Z]'}"} {
		rule(n, "  sel: "+sel+"\n  condition: sel\n")
		n++
	}
	for i, of := range []int{16, 17, 25, 26, 34} {
		fmt.Fprintf(&b, "---\ntitle: Many %d\ncorrelation: {type: event_count, rules: [r%d], group-by: [userIdentity.arn], timespan: 10m, condition: {gte: %d}, generate: true}\n", i, of, 2+i)
	}
	return b.String()
}

func realEvents(t testing.TB) []evidence.Event {
	dirs, err := filepath.Glob(filepath.Join(datasettest.Dir(t), "invictus*", "CloudTrail"))
	if err != nil || len(dirs) == 0 {
		t.Skipf("SKIPPED, NOT PASSED: the data set is missing: %v", err)
	}
	var events []evidence.Event
	if err := all.Read(context.Background(), dirs, all.Options{}, func(b all.Batch) error {
		for _, e := range b.Events {
			e.Fingerprint = cloudtrail.Fingerprint(e.Body)
			events = append(events, e)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return events
}

// TestRealEvents runs fifty rules over real evidence, holds the index against
// asking every rule, and says how fast it was.
func TestRealEvents(t *testing.T) {
	events := realEvents(t)
	p := mustLoad(t, fifty())
	if len(p.Rules) != 50 {
		t.Fatalf("%d rules", len(p.Rules))
	}
	begun := time.Now()
	res := run(t, p, events...)
	took := time.Since(begun)
	got, want := map[string]int{}, map[string]int{}
	for _, a := range res.Alerts {
		if !a.Rule.IsCorrelation() {
			got[a.Rule.Name]++
		}
	}
	for _, e := range events {
		r, err := e.Parse()
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range p.plain {
			if rule.when.eval(r) {
				want[rule.Name]++
			}
		}
	}
	fired := 0
	for _, r := range p.plain {
		if w := min(want[r.Name], MaxAlerts); got[r.Name] != w {
			t.Errorf("%s: %d alerts, and without the index %d", r.Title, got[r.Name], w)
		}
		fired += min(want[r.Name], 1)
	}
	if fired < 15 || res.Unread > 0 || !slices.ContainsFunc(res.Alerts, func(a Alert) bool { return a.Rule.IsCorrelation() }) {
		t.Errorf("%d rules fire, %d events unread: the rules test nothing", fired, res.Unread)
	}
	t.Logf("%d events, 50 rules: %d alerts of %d rules, %.0f events/s", len(events), len(res.Alerts), fired, float64(len(events))/took.Seconds())
}

func BenchmarkRun(b *testing.B) {
	events := realEvents(b)
	p := mustLoad(b, fifty())
	for b.Loop() {
		run(b, p, events...)
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}
