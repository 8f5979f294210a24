package oracle

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// log makes a trail: IAM calls of the operator, then calls of alice.
func trail(t *testing.T, lines ...string) *memory.Store {
	t.Helper()
	var events []evidence.Event
	for i, line := range lines {
		who, rest, _ := strings.Cut(line, " ")
		source, rest, _ := strings.Cut(rest, ":")
		name, rest, _ := strings.Cut(rest, " ")
		request, refused := strings.CutSuffix(rest, " !")
		errors := ""
		if refused {
			errors = `"errorCode":"AccessDenied","errorMessage":"Access Denied",`
		}
		raw := fmt.Sprintf(`{"eventVersion":"1.08","eventTime":"2026-03-01T00:%02d:00Z","eventSource":"%s.amazonaws.com","eventName":"%s","eventID":"%08d-0000-4000-8000-000000000000",
"awsRegion":"us-east-1","recipientAccountId":"111122223333","sourceIPAddress":"203.0.113.9","eventType":"AwsApiCall",%s"requestParameters":%s,
"responseElements":{"user":{"arn":"arn:aws:iam::111122223333:user/alice","userId":"AIDAALICE"}},
"userIdentity":{"type":"IAMUser","principalId":"AIDA%s","userName":"%s","accountId":"111122223333","arn":"arn:aws:iam::111122223333:user/%s","accessKeyId":"AKIA%s"}}`,
			i, source, name, i, errors, request, strings.ToUpper(who), who, who, strings.ToUpper(who))
		e, err := cloudtrail.Decode([]byte(raw))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		events = append(events, e)
	}
	return memory.New(events)
}

func check(t *testing.T, q *memory.Store) Result {
	t.Helper()
	table, err := generate.Load(os.DirFS("../../../content"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := access.Collect(context.Background(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Check(context.Background(), q, h, table)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const grant = `{"userName":"alice","policyName":"p","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:ListBucket\",\"Resource\":\"arn:aws:s3:::b\"}}"}`

func TestCheck(t *testing.T) {
	r := check(t, trail(t,
		`ops iam:CreateUser {"userName":"alice"}`,
		`alice s3:ListObjects {"bucketName":"b"} !`, // before she may
		`ops iam:PutUserPolicy `+grant,
		`alice s3:ListObjects {"bucketName":"b"}`,
		`alice s3:ListObjects {"bucketName":"c"} !`,
		`alice sts:GetCallerIdentity {}`,                  // needs nothing
		`alice s3:GetObject {"bucketName":"b","key":"k"}`, // somebody else let her: the bucket's policy, which is not here
		`alice s3:ListObjects {"bucketName":"b"} !`,       // refused all the same: something stands against it
		`ops iam:DeleteUserPolicy {"userName":"alice","policyName":"p"}`,
		`alice s3:ListObjects {"bucketName":"b"} !`,
	))
	if r.Allowed != 1 || r.Refused != 3 || r.Agree != 4 {
		t.Errorf("%+v", r)
	}
	if len(r.Disagreements) != 2 {
		t.Fatalf("%d disagreements: %+v", len(r.Disagreements), r.Disagreements)
	}
	for i, want := range []Disagreement{{Event: "event:00000006-0000-4000-8000-000000000000", AWS: "allow", Here: "deny", Action: "s3:GetObject", Settling: 240},
		{Event: "event:00000007-0000-4000-8000-000000000000", AWS: "deny", Here: "allow", Action: "s3:ListBucket", Settling: 300}} {
		d := r.Disagreements[i]
		if explained := []string{"", "it rests on what the evidence does not hold"}[i]; d.Explained == "" || !strings.HasPrefix(d.Explained, explained) {
			t.Errorf("%s is explained by %q", d.Event, d.Explained)
		}
		if d.Event != want.Event || d.AWS != want.AWS || d.Here != want.Here || d.Action != want.Action || d.Settling != want.Settling || len(d.Reasons) == 0 {
			t.Errorf("%+v, want %+v", d, want)
		}
	}
	if len(r.Why) != 1 || r.CannotTell != 3 { // the operator's own calls
		t.Errorf("%+v", r.Why)
	}
}

// TestCheckOfSessions: AWS refused a session what its role may. By the session
// policy that was passed this is no disagreement; without it, it is one.
func TestCheckOfSessions(t *testing.T) {
	const role = `"arn:aws:iam::111122223333:role/app"`
	call := func(minute int, source, name, identity, request, answer, refused string) evidence.Event {
		e, err := cloudtrail.Decode(fmt.Appendf(nil, `{"eventVersion":"1.08","eventTime":"2026-03-01T00:%02d:00Z","eventSource":"%s.amazonaws.com","eventName":"%s","eventID":"%08d-0000-4000-8000-000000000000",
"awsRegion":"us-east-1","recipientAccountId":"111122223333","sourceIPAddress":"203.0.113.9","eventType":"AwsApiCall",%s"requestParameters":%s,"responseElements":%s,"userIdentity":%s}`, minute, source, name, minute, refused, request, answer, identity))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	ops := `{"type":"IAMUser","principalId":"AIDAOPS","userName":"ops","accountId":"111122223333","arn":"arn:aws:iam::111122223333:user/ops","accessKeyId":"AKIAOPS"}`
	session := func(key string) string {
		return `{"type":"AssumedRole","principalId":"AROAAPP:s","arn":"arn:aws:sts::111122223333:assumed-role/app/s","accountId":"111122223333","accessKeyId":"` + key + `","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAAPP","arn":` + role + `,"accountId":"111122223333","userName":"app"},"attributes":{"creationDate":"2026-03-01T00:05:00Z"}}}`
	}
	narrow := `,"policy":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:ListBucket\",\"Resource\":\"arn:aws:s3:::c\"}}"`
	made := func(key string) string {
		return `{"credentials":{"accessKeyId":"` + key + `"},"assumedRoleUser":{"arn":"arn:aws:sts::111122223333:assumed-role/app/s"}}`
	}
	const refused = `"errorCode":"AccessDenied","errorMessage":"Access Denied",`
	r := check(t, memory.New([]evidence.Event{
		call(1, "iam", "CreateRole", ops, `{"roleName":"app","assumeRolePolicyDocument":"{}"}`, `{"role":{"arn":`+role+`,"roleId":"AROAAPP"}}`, ""),
		call(2, "iam", "PutRolePolicy", ops, strings.Replace(grant, `"userName":"alice"`, `"roleName":"app"`, 1), "null", ""),
		call(5, "sts", "AssumeRole", ops, `{"roleArn":`+role+`,"roleSessionName":"s"`+narrow+`}`, made("ASIANARROW"), ""),
		call(6, "sts", "AssumeRole", ops, `{"roleArn":`+role+`,"roleSessionName":"s"}`, made("ASIAWIDE"), ""),
		call(7, "s3", "ListObjects", session("ASIANARROW"), `{"bucketName":"b"}`, "null", refused),
		call(8, "s3", "ListObjects", session("ASIAWIDE"), `{"bucketName":"b"}`, "null", ""),
		call(9, "s3", "ListObjects", session("ASIAUNSEEN"), `{"bucketName":"b"}`, "null", refused),
	}))
	if r.Agree != 2 || r.Allowed != 1 || r.Refused != 1 {
		t.Errorf("%+v", r)
	}
	if len(r.Disagreements) != 1 || r.Disagreements[0].Event != "event:00000009-0000-4000-8000-000000000000" {
		t.Errorf("only the session whose making is not there may disagree: %+v", r.Disagreements)
	} else if !strings.Contains(r.Disagreements[0].Explained, "made the session is not in the evidence") {
		t.Errorf("explained by %q", r.Disagreements[0].Explained)
	}
}

// TestExplain: what accounts for each kind of disagreement, and that one stays
// unexplained.
func TestExplain(t *testing.T) {
	h := access.Of(nil, nil, nil)
	role := policy.Caller{Kind: policy.Role}
	user := policy.Caller{Kind: policy.User}
	none := judgement{}
	unseen := judgement{assumed: []string{"no resource policy grants or denies it: none of the resource is in the evidence"}}
	for want, got := range map[string]string{
		"IAM takes some seconds": explain(&evidence.Event{}, h, user, access.Deny, none, 3),
		"blames a service control policy": explain(&evidence.Event{ErrorMessage: "User: arn:aws:iam::1:root is not authorized to perform: cloudtrail:StopLogging with an explicit deny in a service control policy"},
			h, policy.Caller{Kind: policy.Root}, access.Deny, none, 99),
		"blames a permissions boundary": explain(&evidence.Event{ErrorMessage: "… because no permissions boundary allows the s3:GetObject action"}, h, user, access.Deny, none, -1),
		"over a root user":              explain(&evidence.Event{}, h, policy.Caller{Kind: policy.Root}, access.Deny, none, -1),
		"made the session":              explain(&evidence.Event{}, h, role, access.Deny, none, -1),
		"rests on what":                 explain(&evidence.Event{}, h, user, access.Deny, unseen, -1),
		"own policy may have":           explain(&evidence.Event{}, h, user, access.Allow, unseen, -1),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := explain(&evidence.Event{}, h, user, access.Allow, none, -1) + explain(&evidence.Event{}, h, user, access.Deny, none, 60); got != "" {
		t.Errorf("nothing explains these, and %q", got)
	}
}
