package alert

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/sampletest"
)

func TestSamples(t *testing.T) { sampletest.Run(t, Decoder{}) }

// TestSpellingsAgree: the three spellings of one finding are one alert.
func TestSpellingsAgree(t *testing.T) {
	var alerts []evidence.Alert
	for _, in := range []string{
		`{"Findings":[{"SchemaVersion":"2.0","Id":"f1","Type":"T:IAMUser/X","Severity":8,"AccountId":"111122223333","Region":"us-east-1","Title":"t",
		  "Resource":{"AccessKeyDetails":{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","PrincipalId":"AIDAEXAMPLE","UserName":"bob"}},
		  "Service":{"ServiceName":"guardduty","Count":3,"EventFirstSeen":"2026-11-02T05:00:00Z","EventLastSeen":"2026-11-02T06:00:00Z",
		   "Action":{"AwsApiCallAction":{"Api":"CreateUser","ServiceName":"iam.amazonaws.com","RemoteIpDetails":{"IpAddressV4":"203.0.113.9"}}}}}]}`,
		`{"schemaVersion":"2.0","id":"f1","type":"T:IAMUser/X","severity":8,"accountId":"111122223333","region":"us-east-1","title":"t",
		  "resource":{"accessKeyDetails":{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","principalId":"AIDAEXAMPLE","userName":"bob"}},
		  "service":{"serviceName":"guardduty","count":3,"eventFirstSeen":"2026-11-02T05:00:00Z","eventLastSeen":"2026-11-02T06:00:00Z",
		   "action":{"awsApiCallAction":{"api":"CreateUser","serviceName":"iam.amazonaws.com","remoteIpDetails":{"ipAddressV4":"203.0.113.9"}}}}}`,
		`{"version":"0","detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":{"schemaVersion":"2.0","id":"f1","type":"T:IAMUser/X","severity":8.0,
		  "accountId":"111122223333","region":"us-east-1","title":"t",
		  "resource":{"accessKeyDetails":{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","principalId":"AIDAEXAMPLE","userName":"bob"}},
		  "service":{"serviceName":"guardduty","count":3,"eventFirstSeen":"2026-11-02T05:00:00Z","eventLastSeen":"2026-11-02T06:00:00Z",
		   "action":{"awsApiCallAction":{"api":"CreateUser","serviceName":"iam.amazonaws.com","remoteIpDetails":{"ipAddressV4":"203.0.113.9"}}}}}}`,
	} {
		if !(Decoder{}).Claims([]byte(in)) {
			t.Errorf("not claimed: %.60s", in)
		}
		_, list := sampletest.Decode(t, Decoder{}, bytes.NewReader([]byte(in)))
		if len(list) != 1 || list[0].Snapshot != "" {
			t.Fatalf("%d alerts", len(list))
		}
		a, err := list[0].Alert()
		if err != nil {
			t.Fatal(err)
		}
		alerts = append(alerts, a)
	}
	want := evidence.Alert{ID: "f1", Product: "GuardDuty", Type: "T:IAMUser/X", Title: "t", Severity: "high", Count: 3, Account: "111122223333", Region: "us-east-1",
		First: evidence.ParseTime("2026-11-02T05:00:00Z"), Last: evidence.ParseTime("2026-11-02T06:00:00Z"), Credentials: []string{"AKIAIOSFODNN7EXAMPLE"},
		Principals: []string{"AIDAEXAMPLE", "bob"}, Addresses: []string{"203.0.113.9"}, Calls: []string{"iam:CreateUser"}}
	for _, a := range alerts {
		if diff := cmp.Diff(want, a, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNoAlerts(t *testing.T) {
	for _, in := range []string{
		`{"Records":[{"eventVersion":"1.08","eventName":"x","eventSource":"guardduty.amazonaws.com"}]}`,
		`{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"CreateUser","eventSource":"iam.amazonaws.com"}}`,
	} {
		if (Decoder{}).Claims([]byte(in)) {
			t.Errorf("claimed: %s", in)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"Findings":[{"SchemaVersion":"2.0","Id":"f1","Severity":8,"Service":{"ServiceName":"guardduty"}}]}`))
	f.Add([]byte(`{"schemaVersion":"2018-10-08","productArn":"a/b","id":"x","severity":{},"resources":[{"type":"AwsIamAccessKey","id":"AKIAIOSFODNN7EXAMPLE"}]}`))
	f.Add([]byte(`{"class_uid":2004,"finding_info":{"uid":"u","types":[1]},"severity_id":9,"evidences":[{"api":{"operation":"X"}}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		Decoder{}.Claims(in)
		sampletest.Decode(t, Decoder{}, bytes.NewReader(in))
	})
}
