package access

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// write makes an IAM write event at a minute of the day: "PutUserPolicy
// {userName: alice, …} -> {…}", request and answer in YAML.
func write(t testing.TB, minute int, line string) evidence.Event {
	t.Helper()
	name, rest, _ := strings.Cut(line, " ")
	request, answer, _ := strings.Cut(rest, " -> ")
	source := "iam.amazonaws.com"
	if service, call, ok := strings.Cut(name, ":"); ok {
		source, name = service+".amazonaws.com", call
	}
	r := map[string]any{
		"eventVersion": "1.08", "eventTime": fmt.Sprintf("2026-03-01T%02d:%02d:00Z", minute/60, minute%60), "eventSource": source, "eventName": name,
		"eventID": fmt.Sprintf("%08d-0000-4000-8000-000000000000", minute), "awsRegion": "us-east-1", "recipientAccountId": sceneAccount,
		"sourceIPAddress": "203.0.113.9", "eventType": "AwsApiCall",
		"userIdentity": map[string]any{"type": "IAMUser", "principalId": "AIDAROOT", "userName": "ops", "accountId": sceneAccount,
			"arn": "arn:aws:iam::" + sceneAccount + ":user/ops", "accessKeyId": "AKIAOPS"},
	}
	for field, text := range map[string]string{"requestParameters": request, "responseElements": answer} {
		if strings.TrimSpace(text) != "" {
			var v any
			must(t, yaml.Load([]byte(text), &v))
			r[field] = v
		}
	}
	raw, err := json.Marshal(r)
	must(t, err)
	e, err := cloudtrail.Decode(raw)
	must(t, err)
	return e
}

func noon(minute int) time.Time { return time.Date(2026, 3, 1, 0, minute, 30, 0, time.UTC) }

func doc(t testing.TB, lines ...string) string {
	t.Helper()
	d, err := documentJSON(lines...)
	must(t, err)
	return string(d)
}

// asked decides s3:GetObject on one object for alice at a minute.
func asked(t testing.TB, h *History, minute int) (Effect, string) {
	t.Helper()
	w := h.At(noon(minute))
	p := w.Principal("alice")
	if p == nil {
		return "not there", ""
	}
	d := w.Decide(p, "s3:GetObject", "arn:aws:s3:::b/k", policy.Context{})
	return d.Effect, d.Reasons[0].Text
}

// TestReplay goes through the life of a user's permissions and asks in between.
func TestReplay(t *testing.T) {
	const arn = "arn:aws:iam::" + sceneAccount + ":policy/p"
	allow, other := doc(t, "Allow s3:GetObject on *"), doc(t, "Allow ec2:* on *")
	created := "CreateUser {userName: alice} -> {user: {arn: 'arn:aws:iam::" + sceneAccount + ":user/alice', userId: AIDAALICE}}"
	for _, c := range []struct {
		name   string
		scene  string // a snapshot of now, later than all events
		events []string
		want   string // by minute, from 0 on; one more than there are events
	}{
		{"created and given an inline policy", "", []string{created, "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + allow + "'}", "DeleteUserPolicy {userName: alice, policyName: x}", "DeleteUser {userName: alice}"},
			"not there, deny, allow, deny, not there"},
		{"an inline policy replaced", "", []string{created, "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + other + "'}", "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + allow + "'}"},
			"not there, deny, deny, allow"},
		{"a managed policy, its versions and its end", "", []string{created, "CreatePolicy {policyName: p, policyDocument: '" + other + "'} -> {policy: {arn: '" + arn + "', defaultVersionId: v1}}",
			"AttachUserPolicy {userName: alice, policyArn: '" + arn + "'}", "CreatePolicyVersion {policyArn: '" + arn + "', policyDocument: '" + allow + "', setAsDefault: false} -> {policyVersion: {versionId: v2}}",
			"SetDefaultPolicyVersion {policyArn: '" + arn + "', versionId: v2}", "DetachUserPolicy {userName: alice, policyArn: '" + arn + "'}"},
			"not there, deny, deny, deny, deny, allow, deny"},
		{"a version that is the default at once", "", []string{created, "CreatePolicy {policyName: p, policyDocument: '" + other + "'} -> {policy: {arn: '" + arn + "', defaultVersionId: v1}}",
			"AttachUserPolicy {userName: alice, policyArn: '" + arn + "'}", "CreatePolicyVersion {policyArn: '" + arn + "', policyDocument: '" + allow + "', setAsDefault: true} -> {policyVersion: {versionId: v2}}"},
			"not there, deny, deny, deny, allow"},
		{"a group", "", []string{created, "CreateGroup {groupName: g} -> {group: {arn: 'arn:aws:iam::" + sceneAccount + ":group/g'}}", "PutGroupPolicy {groupName: g, policyName: x, policyDocument: '" + allow + "'}",
			"AddUserToGroup {userName: alice, groupName: g}", "RemoveUserFromGroup {userName: alice, groupName: g}"},
			"not there, deny, deny, deny, allow, deny"},
		{"a boundary", "policy edge: Allow ec2:* on *", []string{created, "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + allow + "'}",
			"PutUserPermissionsBoundary {userName: alice, permissionsBoundary: 'arn:aws:iam::" + sceneAccount + ":policy/edge'}", "DeleteUserPermissionsBoundary {userName: alice}"},
			"not there, deny, allow, deny, allow"},
		{"a URL-encoded document", "", []string{created, "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + url.QueryEscape(allow) + "'}"}, "not there, deny, allow"},
		{"a document cut off", "", []string{created, "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + allow[:40] + "'}"}, "not there, deny, cannot tell"},
		{"a document left out", "", []string{created, "PutUserPolicy {userName: alice, policyName: x}"}, "not there, deny, cannot tell"},
		{"AWS's own policy by name", "", []string{created, "AttachUserPolicy {userName: alice, policyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'}"}, "not there, deny, allow"},
		{"AWS's own policy that nobody brought", "", []string{created, "AttachUserPolicy {userName: alice, policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess'}"}, "not there, deny, cannot tell"},
		{"never created in the evidence", "", []string{"PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + allow + "'}"}, "cannot tell, cannot tell"},
		{"backwards from a snapshot: nothing changed", "user alice: Allow s3:GetObject on *", []string{"CreateGroup {groupName: g}"}, "allow, allow"},
		{"backwards over an attachment", "user alice attached p\npolicy p: Allow s3:GetObject on *", []string{"AttachUserPolicy {userName: alice, policyArn: '" + arn + "'}"}, "cannot tell, allow"},
		{"backwards over a detachment", "user alice\npolicy p: Allow s3:GetObject on *", []string{"DetachUserPolicy {userName: alice, policyArn: '" + arn + "'}"}, "allow, deny"},
		{"backwards over a deletion: the document is gone", "user alice", []string{"DeleteUserPolicy {userName: alice, policyName: x}"}, "cannot tell, deny"},
		{"backwards over a replacement", "user alice: Allow s3:GetObject on *", []string{"PutUserPolicy {userName: alice, policyName: inline-1, policyDocument: '" + allow + "'}"}, "cannot tell, allow"},
		{"the intruder's policy was there and gone before the snapshot", "user alice", []string{"PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + allow + "'}", "DeleteUserPolicy {userName: alice, policyName: x}"}, "cannot tell, allow, deny"},
		{"renamed", "", []string{created, "UpdateUser {userName: bob, newUserName: alice}"}, "not there, cannot tell, cannot tell"},
		{"names differ in case", "", []string{created, "PutUserPolicy {userName: ALICE, policyName: x, policyDocument: '" + allow + "'}"}, "not there, deny, allow"},
		{"a bucket that denies", "user alice: Allow s3:* on *", []string{"s3:PutBucketPolicy {bucketName: b, bucketPolicy: {Version: '2012-10-17', Statement: [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*'}]}}", "s3:DeleteBucketPolicy {bucketName: b}"},
			"cannot tell, deny, allow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen, err := scene(c.scene)
			must(t, err)
			var events []evidence.Event
			for i, line := range c.events {
				events = append(events, write(t, i+1, line))
			}
			h := Of(seen, events, managedForTest(t))
			for minute, want := range strings.Split(c.want, ", ") {
				if got, why := asked(t, h, minute); string(got) != want {
					t.Errorf("minute %d: %s (%s), want %s", minute, got, why, want)
				}
			}
		})
	}
}

func managedForTest(t testing.TB) map[string][]byte {
	t.Helper()
	m, err := LoadManaged(contentFS())
	must(t, err)
	return m
}

// TestReplayIgnoresOrder: the history of events is the same however they come.
func TestReplayIgnoresOrder(t *testing.T) {
	lines := []string{
		"CreateUser {userName: alice}", "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + doc(t, "Allow s3:* on *") + "'}",
		"DeleteUserPolicy {userName: alice, policyName: x}", "PutUserPolicy {userName: alice, policyName: x, policyDocument: '" + doc(t, "Allow s3:GetObject on *") + "'}",
	}
	var forward, backward []evidence.Event
	for i, line := range lines {
		e := write(t, i+1, line)
		forward, backward = append(forward, e), append([]evidence.Event{e}, backward...)
	}
	a, b := Of(nil, forward, nil), Of(nil, backward, nil)
	for minute := range 6 {
		x, _ := asked(t, a, minute)
		y, _ := asked(t, b, minute)
		if x != y {
			t.Errorf("minute %d: %s and %s", minute, x, y)
		}
	}
}

// TestControlPoliciesMayDeny: a policy of the organisation whose place is not
// known opens what it denies, and nothing else.
func TestControlPoliciesMayDeny(t *testing.T) {
	seen, err := scene("user alice: Allow s3:*,ec2:* on *")
	must(t, err)
	body, err := json.Marshal(map[string]any{"PolicySummary": map[string]string{"Arn": "arn:aws:organizations::1:policy/p", "Name": "fence", "Type": "SERVICE_CONTROL_POLICY"}, "Content": doc(t, "Deny s3:* on *")})
	must(t, err)
	o := evidence.Observation{Kind: "org_policy", ID: "p", Snapshot: "1", Body: body}
	o.Complete()
	h := Of(append(seen, o), nil, nil)
	w := h.At(h.Latest())
	for action, want := range map[string]Effect{"s3:GetObject": CannotTell, "ec2:RunInstances": Allow, "iam:CreateUser": Deny} {
		if d := w.Decide(w.Principal("alice"), action, "*", policy.Context{}); d.Effect != want {
			t.Errorf("%s: %s, want %s: %v", action, d.Effect, want, d.Reasons)
		}
	}
}

// said makes an observation of what Organizations or another service answers.
func said(t testing.TB, kind, id string, body map[string]any) evidence.Observation {
	t.Helper()
	raw, err := json.Marshal(body)
	must(t, err)
	o := evidence.Observation{Kind: kind, ID: id, Snapshot: strings.Repeat("1", 64), Body: raw}
	o.Complete()
	return o
}

func fence(t testing.TB, id, statement string) evidence.Observation {
	return said(t, "org_policy", "arn:aws:organizations::999999999999:policy/o-1/service_control_policy/"+id, map[string]any{
		"PolicySummary": map[string]string{"Id": id, "Arn": "arn:aws:organizations::999999999999:policy/o-1/service_control_policy/" + id, "Name": "fence", "Type": "SERVICE_CONTROL_POLICY"},
		"Content":       doc(t, statement)})
}

// TestControlPoliciesWhereTheyHang: a control policy decides where it is known to
// hang, on the account or above it, from then on and until it is detached.
func TestControlPoliciesWhereTheyHang(t *testing.T) {
	listed := func(target, id string) evidence.Observation {
		return said(t, "org_attachment", target+"/"+id, map[string]any{"Id": id, "Name": "fence", "Type": "SERVICE_CONTROL_POLICY"})
	}
	hangs := func(target, id string) evidence.Observation {
		return said(t, "org_attachment", target+"/"+id, map[string]any{"TargetId": target, "Type": "ACCOUNT"})
	}
	parent := func(child, up string) evidence.Observation {
		return said(t, "org_parent", child+"/"+up, map[string]any{"Id": up})
	}
	root := func(types ...map[string]string) evidence.Observation {
		return said(t, "org_root", "r-1", map[string]any{"Id": "r-1", "Arn": "arn:aws:organizations::999999999999:root/o-1/r-1", "PolicyTypes": types})
	}
	noS3, onlyEC2 := fence(t, "p-s3", "Deny s3:* on *"), fence(t, "p-ec2", "Allow ec2:* on *")
	for _, c := range []struct {
		name   string
		seen   []evidence.Observation
		events []string
		minute int
		want   string // of s3:GetObject, ec2:RunInstances
	}{
		{"on the account", []evidence.Observation{noS3, hangs(sceneAccount, "p-s3")}, nil, 1, "deny allow"},
		{"on another account", []evidence.Observation{noS3, hangs("444455556666", "p-s3"), parent(sceneAccount, "r-1")}, nil, 1, "allow allow"},
		{"on another account, and the way up is not known", []evidence.Observation{noS3, hangs("444455556666", "p-s3")}, nil, 1, "cannot tell allow"},
		{"on the root", []evidence.Observation{noS3, hangs("r-1", "p-s3")}, nil, 1, "deny allow"},
		{"on the unit above", []evidence.Observation{noS3, hangs("ou-1", "p-s3"), parent(sceneAccount, "ou-1"), parent("ou-1", "r-1")}, nil, 1, "deny allow"},
		{"a whole level that allows little", []evidence.Observation{onlyEC2, listed(sceneAccount, "p-ec2")}, nil, 1, "deny allow"},
		{"a whole level that allows all", []evidence.Observation{listed(sceneAccount, "p-FullAWSAccess")}, nil, 1, "allow allow"},
		{"allows that may not be all", []evidence.Observation{onlyEC2, hangs(sceneAccount, "p-ec2")}, nil, 1, "allow allow"},
		{"turned off at the root", []evidence.Observation{noS3, hangs("r-1", "p-s3"), root(map[string]string{"Type": "SERVICE_CONTROL_POLICY", "Status": "PENDING_DISABLE"})}, nil, 1, "allow allow"},
		{"turned on at the root", []evidence.Observation{noS3, hangs("r-1", "p-s3"), root(map[string]string{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"})}, nil, 1, "deny allow"},
		{"before it was attached", []evidence.Observation{}, []string{
			"organizations:CreatePolicy {name: fence, type: SERVICE_CONTROL_POLICY, content: '" + doc(t, "Deny s3:* on *") + "'} -> {policy: {policySummary: {id: p-s3, arn: 'arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-s3'}}}",
			"organizations:AttachPolicy {policyId: p-s3, targetId: '" + sceneAccount + "'}"}, 0, "cannot tell allow"},
		{"after it was attached", []evidence.Observation{}, []string{
			"organizations:CreatePolicy {name: fence, type: SERVICE_CONTROL_POLICY, content: '" + doc(t, "Deny s3:* on *") + "'} -> {policy: {policySummary: {id: p-s3, arn: 'arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-s3'}}}",
			"organizations:AttachPolicy {policyId: p-s3, targetId: '" + sceneAccount + "'}"}, 1, "deny allow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen, err := scene("user alice: Allow s3:*,ec2:* on *")
			must(t, err)
			for i := range seen {
				seen[i].Time = noon(0)
			}
			var events []evidence.Event
			for i, line := range c.events {
				events = append(events, write(t, i, line))
			}
			w := Of(append(seen, c.seen...), events, nil).At(noon(c.minute))
			if c.events == nil {
				w = Of(append(seen, c.seen...), events, nil).At(noon(100000))
			}
			var got []string
			for _, action := range []string{"s3:GetObject", "ec2:RunInstances"} {
				got = append(got, string(w.Decide(w.Principal("alice"), action, "*", policy.Context{}).Effect))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s, want %s", s, c.want)
			}
		})
	}
	// The management account stands under no control policy.
	seen, err := scene("user alice: Allow s3:* on *")
	must(t, err)
	mine := fence(t, "p-s3", "Deny s3:* on *")
	mine.Body = []byte(strings.ReplaceAll(string(mine.Body), "999999999999", sceneAccount))
	w := Of(append(seen, mine, hangs("r-1", "p-s3")), nil, nil).At(noon(100000))
	if d := w.Decide(w.Principal("alice"), "s3:GetObject", "*", policy.Context{}); d.Effect != Allow {
		t.Errorf("in the management account: %s, %v", d.Effect, d.Reasons)
	}
}

// TestResourcePoliciesFromCalls: what another account may do by the policy of a
// resource, before and after the calls about it.
func TestResourcePoliciesFromCalls(t *testing.T) {
	const far = "444455556666"
	to := func(action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + far + `:root"},"Action":"` + action + `","Resource":"*"}]}`
	}
	own := "us-east-1:" + sceneAccount + ":"
	for _, c := range []struct {
		action, resource string
		calls            []string
		want             string // after each call
	}{
		{"lambda:InvokeFunction", "arn:aws:lambda:" + own + "function:f", []string{
			"lambda:CreateFunction20150331 {functionName: f} -> {functionArn: 'arn:aws:lambda:" + own + "function:f'}",
			`lambda:AddPermission20150331v2 {functionName: f, statementId: s, action: 'lambda:InvokeFunction', principal: '` + far + `'} -> {statement: '{"Sid":"s","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + far + `:root"},"Action":"lambda:InvokeFunction","Resource":"*"}'}`,
			"lambda:RemovePermission20150331v2 {functionName: 'arn:aws:lambda:" + own + "function:f', statementId: s}"}, "deny allow deny"},
		{"sqs:SendMessage", "arn:aws:sqs:" + own + "q", []string{
			"sqs:CreateQueue {queueName: q} -> {queueUrl: 'https://sqs.us-east-1.amazonaws.com/" + sceneAccount + "/q'}",
			"sqs:AddPermission {queueUrl: 'https://sqs.us-east-1.amazonaws.com/" + sceneAccount + "/q', label: l, aWSAccountIds: ['" + far + "'], actions: [SendMessage]}",
			"sqs:SetQueueAttributes {queueUrl: 'https://sqs.us-east-1.amazonaws.com/" + sceneAccount + "/q', attributes: {Policy: ''}}",
			"sqs:SetQueueAttributes {queueUrl: 'https://sqs.us-east-1.amazonaws.com/" + sceneAccount + "/q', attributes: {Policy: '" + to("sqs:SendMessage") + "'}}"}, "deny allow deny allow"},
		{"sns:Publish", "arn:aws:sns:" + own + "t", []string{
			"sns:SetTopicAttributes {topicArn: 'arn:aws:sns:" + own + "t', attributeName: Policy, attributeValue: '" + to("sns:Publish") + "'}",
			"sns:SetTopicAttributes {topicArn: 'arn:aws:sns:" + own + "t', attributeName: DisplayName, attributeValue: x}"}, "allow allow"},
		{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:" + own + "secret:s-AbCdEf", []string{
			"secretsmanager:PutResourcePolicy {secretId: s, resourcePolicy: '" + to("secretsmanager:GetSecretValue") + "'} -> {aRN: 'arn:aws:secretsmanager:" + own + "secret:s-AbCdEf'}",
			"secretsmanager:DeleteResourcePolicy {secretId: 'arn:aws:secretsmanager:" + own + "secret:s-AbCdEf'}"}, "allow deny"},
		{"ecr:BatchGetImage", "arn:aws:ecr:" + own + "repository/r", []string{
			"ecr:SetRepositoryPolicy {repositoryName: r, policyText: '" + to("ecr:BatchGetImage") + "'}",
			"ecr:DeleteRepositoryPolicy {repositoryName: r}"}, "allow deny"},
	} {
		t.Run(c.action, func(t *testing.T) {
			var events []evidence.Event
			for i, line := range c.calls {
				events = append(events, write(t, i, line))
			}
			h := Of(nil, events, nil)
			var got []string
			for i := range c.calls {
				w := h.At(noon(i))
				everything := ParsePolicy(Identity, "all", []byte(allowAllIdentity))
				ps := w.PoliciesFor(nil, c.resource)
				ps.Identity = []Policy{everything}
				d := Evaluate(Request{Caller: policy.Caller{Kind: policy.Role, ARN: "arn:aws:iam::" + far + ":role/x", Account: far}, Action: c.action, Resource: c.resource}, ps)
				got = append(got, string(d.Effect))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s, want %s", s, c.want)
			}
		})
	}
}

const allowAllIdentity = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// TestSnapshotsFillWhatEventsLeftOut: a document too large for its event is the
// one that the next snapshot shows, unless another call came between.
func TestSnapshotsFillWhatEventsLeftOut(t *testing.T) {
	seen, err := scene("user alice: Allow s3:* on *")
	must(t, err)
	for i := range seen {
		seen[i].Time = noon(10)
	}
	created := "CreateUser {userName: alice} -> {user: {arn: 'arn:aws:iam::" + sceneAccount + ":user/alice', userId: AIDAALICE}}"
	put := "PutUserPolicy {userName: alice, policyName: inline-1}"
	for want, events := range map[Effect][]evidence.Event{
		Allow:      {write(t, 1, created), write(t, 3, put)},
		CannotTell: {write(t, 1, created), write(t, 3, put), write(t, 6, put)},
	} {
		if got, why := asked(t, Of(seen, events, nil), 4); got != want {
			t.Errorf("%d events: %s, want %s: %s", len(events), got, want, why)
		}
	}
	bucket := said(t, "resource_policy", "arn:aws:s3:::b", map[string]any{"Policy": doc(t, "Deny s3:* on * for *")})
	if got, why := asked(t, Of(append(seen, bucket), nil, nil), 20); got != Deny {
		t.Errorf("%s: %s", got, why)
	}
}
