package evidence_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

func record(t interface{ Fatal(...any) }, s string) evidence.Record {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var r evidence.Record
	if err := dec.Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReadAlert: what each form of finding says, in one form.
func TestReadAlert(t *testing.T) {
	const key = "AKIAEXAMPLEEXAMPLE01"
	for _, tc := range []struct{ name, in, want string }{
		{"GuardDuty, PascalCase", `{"Id":"g1","Arn":"arn:aws:guardduty:eu-west-1:1:detector/d/finding/g1","Type":"T","Severity":8,"AccountId":"111122223333","Region":"eu-west-1",
			"Service":{"ServiceName":"guardduty","Count":7,"EventFirstSeen":"2026-11-02T10:00:00Z","EventLastSeen":"2026-11-02T11:00:00Z","Action":{"AwsApiCallAction":{"Api":"ListUsers","ServiceName":"iam.amazonaws.com","RemoteIpDetails":{"IpAddressV4":"203.0.113.9"}}}},
			"Resource":{"AccessKeyDetails":{"AccessKeyId":"` + key + `","PrincipalId":"AIDAEXAMPLE","UserName":"bob"}}}`,
			"GuardDuty g1 T high n=7 10:00 11:00 [" + key + "] [AIDAEXAMPLE bob] [203.0.113.9] [iam:ListUsers] [] [] false false"},
		{"the same, camelCase", `{"id":"g1","service":{"serviceName":"guardduty","archived":true},"severity":2.5,"type":"T"}`, "GuardDuty g1 T low n=0 - - [] [] [] [] [] [] false true"},
		{"ASFF", `{"Id":"s1","ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/guardduty","Types":["A","B"],"Severity":{"Label":"MEDIUM"},"Workflow":{"Status":"SUPPRESSED"},
			"ProductFields":{"aws/guardduty/service/action/awsApiCallAction/api":"GetObject","aws/guardduty/service/action/awsApiCallAction/serviceName":"s3.amazonaws.com","aws/guardduty/service/eventFirstSeen":"2026-11-02T09:00:00Z","aws/guardduty/service/count":"3"},
			"Resources":[{"Type":"AwsIamAccessKey","Id":"AWS::IAM::AccessKey:` + key + `"},{"Type":"AwsEc2Instance","Id":"arn:aws:ec2:r:1:instance/i-1"}]}`,
			"guardduty s1 A medium n=3 09:00 09:00 [" + key + "] [] [] [s3:GetObject] [i-1] [arn:aws:ec2:r:1:instance/i-1] false true"},
		{"OCSF", `{"finding_info":{"uid":"o1","first_seen_time":1793613600000,"types":["X"]},"metadata":{"product":{"name":"P"}},"severity_id":5,"status_id":1,
			"evidences":[{"src_endpoint":{"ip":"203.0.113.9"},"api":{"operation":"StopLogging","service":{"name":"cloudtrail.amazonaws.com"}}}],"resources":[{"uid":"arn:aws:ec2:r:1:instance/i-2"}]}`,
			"P o1 X critical n=0 10:00 10:00 [] [] [203.0.113.9] [cloudtrail:StopLogging] [i-2] [arn:aws:ec2:r:1:instance/i-2] false false"},
		{"Access Analyzer", `{"id":"a1","resourceOwnerAccount":"1","analyzedAt":"2026-11-02T10:00:00Z","resource":"arn:aws:s3:::b","status":"ACTIVE","principal":{"AWS":["*","444455556666"],"Federated":"idp"}}`,
			"IAM Access Analyzer a1 ExternalAccess informational n=0 - 10:00 [] [444455556666 idp] [] [] [] [arn:aws:s3:::b] false false"},
		{"a sequence", `{"id":"q","service":{"serviceName":"guardduty","detection":{"sequence":{"actors":[{"user":{"credentialUid":"` + key + `"}}],"endpoints":[{"ip":"192.0.2.1"}],
			"signals":[{"firstSeenAt":"2026-11-02T08:00:00Z","lastSeenAt":"2026-11-02T12:00:00Z","signalIndicators":[{"key":"HIGH_RISK_API","values":["iam:CreateUser"]},{"key":"OTHER","values":["x:y"]}]}]}}}}`,
			"GuardDuty q  informational n=0 08:00 12:00 [" + key + "] [] [192.0.2.1] [iam:CreateUser] [] [] true false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := evidence.ReadAlert(record(t, tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, line(a)); d != "" {
				t.Error(d)
			}
		})
	}
	for _, none := range []string{`{}`, `{"id":"x"}`, `{"productArn":"p"}`, `{"finding_info":{}}`, `{"finding_info":"x"}`} {
		if a, err := evidence.ReadAlert(record(t, none)); err == nil {
			t.Errorf("%s is an alert: %+v", none, a)
		}
	}
}

// line is an alert on a line.
func line(a evidence.Alert) string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.Format("15:04")
	}
	list := func(s []string) string { return "[" + strings.Join(s, " ") + "]" }
	flag := map[bool]string{true: "true", false: "false"}
	return strings.Join([]string{a.Product, a.ID, a.Type, a.Severity, "n=" + itoa(a.Count), at(a.First), at(a.Last), list(a.Credentials), list(a.Principals),
		list(a.Addresses), list(a.Calls), list(a.Instances), list(a.Resources), flag[a.Sequence], flag[a.Closed]}, " ")
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// TestOneReadingOfAnAlert: an alert that spells a name twice, or says a thing in two
// members, is read the same way every time.
func TestOneReadingOfAnAlert(t *testing.T) {
	for _, in := range []string{
		`{"Id":"A","id":"b","\u212Aey":"1","Key":"2","service":{"serviceName":"guardduty"}}`,
		`{"Id":"s","ProductArn":"p","ProductFields":{"a/service/count":"1","b/service/count":"2","c/service/count":"3","d/service/count":"4"}}`,
	} {
		var want string
		for i := range 40 {
			a, err := evidence.ReadAlert(record(t, in))
			if err != nil {
				t.Fatal(err)
			}
			if got := line(a); i == 0 {
				want = got
			} else if got != want {
				t.Fatalf("now %s\nbefore %s", got, want)
			}
		}
	}
	a, err := evidence.ReadAlert(record(t, `{"ID":"no","Id":"A","id":"b","service":{"serviceName":"guardduty"}}`))
	if err != nil || a.ID != "b" {
		t.Errorf("of two spellings %q counts: %v", a.ID, err)
	}
}

// TestAlertsOfAnyShape: whatever the members hold, reading ends, and lists are sets.
func TestAlertsOfAnyShape(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		return rapid.Custom(func(t *rapid.T) any {
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				return rapid.SampledFrom([]string{"", "-", "guardduty", "AKIAEXAMPLEEXAMPLE01", "2026-11-02T10:00:00Z", "/", "instance/i-"}).Draw(t, "text")
			case 1:
				return json.Number(rapid.SampledFrom([]string{"0", "-1", "1e400", "99999999999999999999", "7"}).Draw(t, "number"))
			case 2:
				return nil
			case 3:
				if depth > 0 {
					return rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "list")
				}
			case 4:
				if depth > 0 {
					return rapid.MapOfN(rapid.SampledFrom([]string{"id", "Id", "uid", "service", "serviceName", "action", "detection", "sequence", "signals", "types", "ip", "type"}), value(depth-1), 0, 4).Draw(t, "map")
				}
			}
			return true
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		r := evidence.Record{}
		for _, name := range []string{"id", "productArn", "finding_info", "service", "arn", "resources", "productFields", "resourceOwnerAccount", "analyzedAt", "evidences", "severity"} {
			if rapid.Bool().Draw(t, name) {
				r[name] = value(3).Draw(t, "value")
			}
		}
		a, err := evidence.ReadAlert(r)
		if err != nil {
			return
		}
		for _, list := range [][]string{a.Credentials, a.Principals, a.Addresses, a.Calls, a.Instances, a.Resources} {
			if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) || slices.Contains(list, "") {
				t.Fatalf("no set: %q", list)
			}
		}
		if a.Last.Before(a.First) {
			t.Fatalf("from %s to %s", a.First, a.Last)
		}
	})
}

func TestRecord(t *testing.T) {
	r := record(t, `{"a":{"b":[{"c":"1"},{"c":2},{"c":null},{"d":true}]},"n":null,"list":["x",3,{"y":"z"}],"f":1.50}`)
	if got := strings.Join(r.Strs("a.b.c"), " "); got != "1 2" {
		t.Errorf("got %q", got)
	}
	for path, want := range map[string]string{"a.b.c": "1", "a.b.d": "true", "n": "", "n.x": "", "list": "x", "a": "", "nowhere": "", "f": "1.50", "list.y": "z"} {
		if got := r.Str(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if r.Get("n") != nil || len(r.All("list")) != 3 || len(r.All("a.b")) != 4 {
		t.Error("values")
	}
}

func TestNetworkAndAgent(t *testing.T) {
	for in, want := range map[string]string{"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24", "2001:db8:1:2::3": "2001:db8:1::/48",
		"253.300.1.1": "253.300.1.0/24", "Lambda.amazonaws.com": "lambda.amazonaws.com", "AWS Internal": "aws internal", "": "", "fe80::1%eth0": "fe80::/48"} {
		if got := evidence.Network(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"aws-cli/2.15.0 Python/3.11 Linux/5.10 exe/x86_64": "aws-cli-2 linux", "[Boto3/1.26 Python/3.9 Windows/10 Botocore/1.29]": "boto3 windows",
		"": "none", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15)": "browser mac", "lambda.amazonaws.com": "lambda.amazonaws.com",
		"APN/1.0 HashiCorp/1.0 Terraform/1.5": "terraform", "my-tool-1.2.3/7 x": "my-tool", "12345": "other"} {
		if got := evidence.AgentFamily(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) { // versions never tell two calls of one tool apart
		v := rapid.StringMatching(`[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}`)
		a, b := v.Draw(t, "a"), v.Draw(t, "b")
		for _, tool := range []string{"Boto3/%s Linux/%s", "some-tool/%s", "aws-sdk-go-v2/%s os/linux"} {
			if x, y := evidence.AgentFamily(strings.ReplaceAll(tool, "%s", a)), evidence.AgentFamily(strings.ReplaceAll(tool, "%s", b)); x != y {
				t.Fatalf("%q and %q", x, y)
			}
		}
	})
}

func TestTimesAndDenials(t *testing.T) {
	want := time.Date(2026, 11, 2, 14, 5, 6, 0, time.UTC)
	for _, s := range []string{"2026-11-02T14:05:06Z", "2026-11-02T15:05:06+01:00", "20261102T140506Z", "2026-11-02 14:05:06", "2026-11-02 14:05:06 UTC", "Nov 2, 2026 2:05:06 PM", "Nov 2, 2026, 2:05:06\u202fPM", " 2026-11-02T14:05:06 "} {
		if got := evidence.ParseTime(s); !got.Equal(want) {
			t.Errorf("%q: %s", s, got)
		}
	}
	for _, s := range []string{"", "soon", "2026-13-02T14:05:06Z", "1793628306"} {
		if got := evidence.ParseTime(s); !got.IsZero() {
			t.Errorf("%q: %s", s, got)
		}
	}
	d, ok := evidence.ParseDenial("You are not authorized. User: arn:aws:iam::1:user/eve is not authorized to perform: iam:CreateAccessKey on resource: user bob with an explicit deny in a policy")
	if !ok || d != (evidence.Denial{Actor: "arn:aws:iam::1:user/eve", Action: "iam:CreateAccessKey", Resource: "user bob", Explicit: true}) {
		t.Errorf("got %+v", d)
	}
	if _, ok := evidence.ParseDenial("Access Denied"); ok {
		t.Error("a denial that says nothing was read")
	}
}

func TestPerson(t *testing.T) {
	for _, tc := range []struct {
		id   evidence.Identity
		want string
	}{
		{evidence.Identity{Type: "IAMUser", PrincipalID: "AIDAEXAMPLEEXAMPLE01", ARN: "arn:u"}, "AIDAEXAMPLEEXAMPLE01"},
		{evidence.Identity{Type: "AssumedRole", PrincipalID: "AROAEXAMPLEEXAMPLE01:ci"}, "AROAEXAMPLEEXAMPLE01"},
		{evidence.Identity{Type: "AssumedRole", PrincipalID: "AROAEXAMPLEEXAMPLE01:amira@example.org"}, "AROAEXAMPLEEXAMPLE01:amira@example.org"},
		{evidence.Identity{Type: "FederatedUser", PrincipalID: "111122223333:bob"}, "111122223333:bob"},
		{evidence.Identity{Type: "Root", PrincipalID: "111122223333"}, "111122223333"},
		{evidence.Identity{Type: "IAMUser", PrincipalID: "anon-7", ARN: "arn:u"}, "arn:u"},
		{evidence.Identity{PrincipalID: "odd"}, "odd"},
	} {
		if got := tc.id.Person(); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.id, got, tc.want)
		}
	}
}
