package cloudtrail

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/evidence"
)

const sample = `{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEROLE:i-0abc","arn":"arn:aws:sts::111122223333:assumed-role/web/i-0abc","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEROLE","arn":"arn:aws:iam::111122223333:role/web","accountId":"111122223333","userName":"web"},"attributes":{"creationDate":"2026-03-01T09:00:00Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0","sourceIdentity":"anna"},"onBehalfOf":{"userId":"u-1","identityStoreArn":"arn:aws:identitystore::111122223333:identitystore/d-1"},"credentialId":"cred-1","inScopeOf":{"issuerType":"AWS::EC2::Instance","credentialsIssuedTo":"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"}},"eventTime":"2026-03-01T09:07:11Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7","userAgent":"[aws-cli/2.15.0 md/awscrt#0.19.19 ua/2.0 os/linux#6.1]","requestParameters":{"bucketName":"pay-roll","key":"2026/q1.csv","groupSet":{"items":[{"groupId":"sg-1"}]},"roleArns":["arn:aws:iam::111122223333:role/a"],"policyDocument":"{\"Resource\":\"arn:aws:s3:::other\"}"},"responseElements":null,"additionalEventData":{"x-amz-id-2":"noise"},"requestID":"R1","eventID":"11111111-2222-3333-4444-555555555555","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::pay-roll/2026/q1.csv"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::pay-roll"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"444455556666","sharedEventID":"S1","eventCategory":"Data","vpcEndpointId":"vpce-1","sessionCredentialFromConsole":"true"}`

func TestDecodeFillsEveryColumn(t *testing.T) {
	got, err := Decode([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := evidence.Event{
		ID: "11111111-2222-3333-4444-555555555555", Fingerprint: got.Fingerprint,
		Time:   time.Date(2026, 3, 1, 9, 7, 11, 0, time.UTC),
		Source: "s3.amazonaws.com", Name: "GetObject", RawName: "GetObject", Type: "AwsApiCall", Category: "Data",
		ReadOnly: true, ReadOnlySaid: true, Account: "444455556666", Region: "eu-west-1", SourceIP: "192.0.2.7",
		UserAgent: "[aws-cli/2.15.0 md/awscrt#0.19.19 ua/2.0 os/linux#6.1]", RequestID: "R1", SharedID: "S1", VPCEndpoint: "vpce-1",
		Identity: evidence.Identity{
			Type: "AssumedRole", PrincipalID: "AROAEXAMPLEROLE:i-0abc", ARN: "arn:aws:sts::111122223333:assumed-role/web/i-0abc",
			Account: "111122223333", AccessKey: "ASIAEXAMPLE", IssuerType: "Role", IssuerID: "AROAEXAMPLEROLE",
			IssuerARN: "arn:aws:iam::111122223333:role/web", IssuerName: "web",
			SessionCreated: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), MFA: "false", FromConsole: true, SourceIdentity: "anna",
			OnBehalfOf: "u-1", CredentialID: "cred-1", InScopeOf: "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", RoleDelivery: "2.0",
		},
		Resources: []string{"arn:aws:iam::111122223333:role/a", "arn:aws:s3:::pay-roll", "arn:aws:s3:::pay-roll/2026/q1.csv", "pay-roll", "sg-1"},
		Body:      []byte(sample),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// with gives the sample with members replaced; a null removes the member.
func with(t testing.TB, changes string) []byte {
	t.Helper()
	var rec, change map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal([]byte(sample), &rec), json.Unmarshal([]byte(changes), &change)); err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		if rec[k] = v; string(v) == "null" {
			delete(rec, k)
		}
	}
	out, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDecodeRules(t *testing.T) {
	denied := `"User: arn:aws:iam::111122223333:user/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/admin"`
	tests := []struct {
		name, change string
		got          func(e evidence.Event) any
		want         any
	}{
		{"0.3 fractions are cut", `{"eventTime":"2026-03-01T09:07:11.987Z"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339Nano) }, "2026-03-01T09:07:11Z"},
		{"0.4 target of a refused call", `{"errorCode":"AccessDenied","errorMessage":` + denied + `,"requestParameters":{},"resources":null}`,
			func(e evidence.Event) any { return e.Resources }, []string{"arn:aws:iam::111122223333:role/admin"}},
		{"0.5 source address as written", `{"sourceIPAddress":"AWS Internal"}`, func(e evidence.Event) any { return e.SourceIP }, "AWS Internal"},
		{"0.6 no identity type", `{"userIdentity":{"accountId":"111122223333","invokedBy":"ec2.amazonaws.com"}}`,
			func(e evidence.Event) any { return e.Identity }, evidence.Identity{Account: "111122223333", InvokedBy: "ec2.amazonaws.com", FromConsole: true}},
		{"no identity at all", `{"userIdentity":null,"sessionCredentialFromConsole":null}`, func(e evidence.Event) any { return e.Identity }, evidence.Identity{}},
		{"0.7 boolean as boolean", `{"sessionCredentialFromConsole":true}`, func(e evidence.Event) any { return e.Identity.FromConsole }, true},
		{"0.7 boolean as string", `{"readOnly":"false"}`, func(e evidence.Event) any { return [2]bool{e.ReadOnly, e.ReadOnlySaid} }, [2]bool{false, true}},
		{"readOnly not said", `{"readOnly":null}`, func(e evidence.Event) any { return e.ReadOnlySaid }, false},
		{"0.7 basic ISO", `{"eventTime":"20260301T090711Z"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2026-03-01T09:07:11Z"},
		{"0.7 Java, narrow space", `{"eventTime":"Mar 1, 2026, 9:07:11\u202fAM"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2026-03-01T09:07:11Z"},
		{"0.7 Java, no comma", `{"eventTime":"Mar 1, 2026 1:07:11 PM"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2026-03-01T13:07:11Z"},
		{"offset", `{"eventTime":"2026-03-01 20:07:11+11:00"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2026-03-01T09:07:11Z"},
		{"portal, day first", `{"eventTime":"03/04/2025, 05:50:00.000"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2025-04-03T05:50:00Z"},
		{"portal, month first", `{"eventTime":"3/4/2025, 5:50:00.000 PM"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2025-03-04T17:50:00Z"},
		{"portal, only one reading", `{"eventTime":"04/16/2025, 05:50:00"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2025-04-16T05:50:00Z"},
		{"portal, only one reading, 12 hours", `{"eventTime":"16/4/2025, 12:50:00 AM"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2025-04-16T00:50:00Z"},
		{"seconds since 1970", `{"eventTime":"1772356031.0"}`, func(e evidence.Event) any { return e.Time.Format(time.RFC3339) }, "2026-03-01T09:07:11Z"},
		{"Logstash", `{"eventTime":null,"@timestamp":"2026-03-01T09:07:11.000Z"}`, func(e evidence.Event) any {
			return e.Time.Format(time.RFC3339) + map[bool]string{true: " lossy"}[e.Lossy]
		}, "2026-03-01T09:07:11Z lossy"},
		{"0.8 raw name is kept", `{"eventName":"AddPermission20150331v2"}`, func(e evidence.Event) any { return e.Name + " " + e.RawName }, "AddPermission AddPermission20150331v2"},
		{"account of the identity", `{"recipientAccountId":null}`, func(e evidence.Event) any { return e.Account }, "111122223333"},
		{"failed sign-in", `{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"}}`,
			func(e evidence.Event) any { return e.Outcome() }, evidence.Failure},
		{"successful sign-in", `{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Success"}}`,
			func(e evidence.Event) any { return e.Outcome() }, evidence.Success},
		{"dry run", `{"errorCode":"Client.DryRunOperation"}`, func(e evidence.Event) any { return e.Outcome() }, evidence.Failure},
		{"0.10 redacted values name nothing", `{"requestParameters":{"userName":"HIDDEN_DUE_TO_SECURITY_REASONS"},"resources":null}`, func(e evidence.Event) any { return len(e.Resources) }, 0},
		{"numbers as identifiers", `{"requestParameters":{"roleId":12345678901234567890},"resources":null}`, func(e evidence.Event) any { return e.Resources }, []string{"12345678901234567890"}},
		{"parameters that are text", `{"requestParameters":"too large","resources":null}`, func(e evidence.Event) any { return len(e.Resources) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Decode(with(t, tt.change))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tt.got(e)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"broken", sample[:400], "broken JSON"},
		{"no object", `["eventName"]`, "not a CloudTrail event"},
		{"no name", string(with(t, `{"eventName":null}`)), "not a CloudTrail event"},
		{"no time", string(with(t, `{"eventTime":null}`)), "no eventTime"},
		{"time that is none", string(with(t, `{"eventTime":"eventTime"}`)), "cannot be read"},
		{"31 February", string(with(t, `{"eventTime":"2026-02-31T00:00:00Z"}`)), "cannot be read"},
		{"year 9999", string(with(t, `{"eventTime":"9999-01-01T00:00:00Z"}`)), "cannot be read"},
		{"names of another case", strings.Replace(sample, `"eventName"`, `"EVENTNAME"`, 1), "not a CloudTrail event"},
	}
	for _, tt := range tests {
		if _, err := Decode([]byte(tt.in)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one that says %q", tt.name, err, tt.want)
		}
	}
}

func TestNormalName(t *testing.T) {
	for name, want := range map[string]string{
		"AddPermission20150331v2": "AddPermission", "CreateFunction20150331": "CreateFunction",
		"UpdateFunctionCode20150331v2": "UpdateFunctionCode", "CreateFunction2020_05_31": "CreateFunction",
		"ListDistributionsByWebACLId2020_05_31": "ListDistributionsByWebACLId", "PutFunctionConcurrency20171031": "PutFunctionConcurrency",
		"ListObjectsV2": "ListObjectsV2", "GetAccountV2": "GetAccountV2", "CreateTagsV20": "CreateTagsV20", "Assume2099": "Assume2099",
		"Describe20151331": "Describe20151331", "Describe20150332": "Describe20150332", "Describe19991231": "Describe19991231",
		"20150331": "20150331", "20150331v2": "20150331v2", "v2": "v2", "": "", "x2020_05-31": "x2020_05-31", "Run2020_05_31v3": "Run",
	} {
		if got := normalName(name); got != want {
			t.Errorf("normalName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestIdentityOfContent(t *testing.T) {
	a, err := Decode([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, []byte(sample), "", "\t"); err != nil {
		t.Fatal(err)
	}
	sorted := with(t, `{}`) // encoding/json sorts the names and escapes <, > and &
	for what, in := range map[string][]byte{"pretty": spaced.Bytes(), "sorted": sorted} {
		b, err := Decode(in)
		if err != nil {
			t.Fatal(err)
		}
		if a.Fingerprint != b.Fingerprint {
			t.Errorf("%s spelling has another fingerprint", what)
		}
		if what == "pretty" && !bytes.Equal(b.Body, []byte(sample)) {
			t.Errorf("pretty record was not compacted: %s", b.Body)
		}
	}
	c, err := Decode(with(t, `{"sourceIPAddress":"192.0.2.8"}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Fingerprint == a.Fingerprint {
		t.Error("another content has the same fingerprint")
	}
	d, err := Decode(with(t, `{"eventID":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if d.ID != "sha256-"+d.Fingerprint {
		t.Errorf("id without eventID is %q", d.ID)
	}
}

func TestResourcesAreBoundedTheSameWayInAnyOrder(t *testing.T) {
	var names []string
	for i := range 200 {
		names = append(names, `"n`+strings.Repeat("x", i)+`"`)
	}
	names = append(names, `"arn:aws:s3:::keep"`)
	record := func() []byte {
		return with(t, `{"resources":null,"requestParameters":{"userNames":[`+strings.Join(names, ",")+`]}}`)
	}
	a, err := Decode(record())
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(names)
	b, err := Decode(record())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Resources, b.Resources) || len(a.Resources) != evidence.MaxResources || !slices.Contains(a.Resources, "arn:aws:s3:::keep") {
		t.Errorf("resources %q\nand %q", a.Resources, b.Resources)
	}
}
