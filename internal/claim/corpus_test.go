package claim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/lineage"
)

// event reads a whole record the way the decoder does, as far as the tests of
// this package look.
func event(t testing.TB, body []byte) evidence.Event {
	t.Helper()
	e := evidence.Event{Body: body}
	r, err := e.Parse()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	e.ID, e.Fingerprint = r.Str("eventID"), hex.EncodeToString(sum[:])
	if e.ID == "" {
		e.ID = "sha256-" + e.Fingerprint
	}
	e.Time = evidence.ParseTime(r.Str("eventTime"))
	e.Source, e.RawName, e.Type, e.Category = r.Str("eventSource"), r.Str("eventName"), r.Str("eventType"), r.Str("eventCategory")
	e.Name = e.RawName
	if i := strings.Index(e.Name, "20"); i > 0 && len(e.Name) >= i+8 {
		e.Name = e.Name[:i]
	}
	_, e.ReadOnlySaid = r["readOnly"]
	e.ReadOnly = r.Str("readOnly") == "true"
	e.Region, e.SourceIP, e.UserAgent = r.Str("awsRegion"), r.Str("sourceIPAddress"), r.Str("userAgent")
	e.ErrorCode, e.ErrorMessage = r.Str("errorCode"), r.Str("errorMessage")
	e.RequestID, e.SharedID, e.VPCEndpoint = r.Str("requestID"), r.Str("sharedEventID"), r.Str("vpcEndpointId")
	if e.Account = r.Str("recipientAccountId"); e.Account == "" {
		e.Account = r.Str("userIdentity.accountId")
	}
	e.Resources = append(e.Resources, r.Strs("resources.ARN")...)
	const issuer, attrs = "userIdentity.sessionContext.sessionIssuer.", "userIdentity.sessionContext.attributes."
	e.Identity = evidence.Identity{
		Type: r.Str("userIdentity.type"), PrincipalID: r.Str("userIdentity.principalId"), ARN: r.Str("userIdentity.arn"),
		Account: r.Str("userIdentity.accountId"), AccessKey: r.Str("userIdentity.accessKeyId"), UserName: r.Str("userIdentity.userName"),
		InvokedBy: r.Str("userIdentity.invokedBy"), IssuerType: r.Str(issuer + "type"), IssuerID: r.Str(issuer + "principalId"),
		IssuerARN: r.Str(issuer + "arn"), IssuerName: r.Str(issuer + "userName"),
		SessionCreated: evidence.ParseTime(r.Str(attrs + "creationDate")), MFA: r.Str(attrs + "mfaAuthenticated"),
	}
	return e
}

// realEvents are the whole records of the real data.
func realEvents(t testing.TB) []evidence.Event {
	t.Helper()
	dir := datasettest.Dir(t)
	var out []evidence.Event
	for _, set := range []string{"invictus-aws_dataset", "stratus-detonation-logs", "davidarpasi-lab"} {
		err := filepath.WalkDir(filepath.Join(dir, set), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var file struct{ Records []json.RawMessage }
			if json.Unmarshal(data, &file) != nil || len(file.Records) == 0 {
				_ = json.Unmarshal(data, &file.Records)
			}
			for _, r := range file.Records {
				var probe struct{ EventTime, EventSource string }
				if json.Unmarshal(r, &probe) == nil && probe.EventTime != "" && probe.EventSource != "" {
					out = append(out, event(t, r))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 1000 {
		t.Fatalf("only %d real records were read", len(out))
	}
	return out
}

type record map[string]any

// madeUp is two weeks of an account that never was: users who work, one whose
// key is used from elsewhere, roles assumed, keys created, calls refused.
func madeUp(t testing.TB, seed uint64, n int) []evidence.Event {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	at := time.Date(2026, 10, 20, 6, 0, 0, 0, time.UTC)
	const account = "111122223333"
	key := func(prefix string) string {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
		b := []byte(prefix)
		for len(b) < 20 {
			b = append(b, letters[r.IntN(len(letters))])
		}
		return string(b)
	}
	id := func() string {
		return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), r.Uint64N(1<<48))
	}
	type caller struct {
		identity record
		ip       string
	}
	var callers []caller
	names := []string{"deploy-bot", "amira", "jo.ruiz", "backup_2026", "José"}
	for i, name := range names {
		callers = append(callers, caller{record{"type": "IAMUser", "principalId": key("AIDA"), "arn": "arn:aws:iam::" + account + ":user/" + name,
			"accountId": account, "accessKeyId": key("AKIA"), "userName": name}, fmt.Sprintf("198.51.100.%d", 10+i)})
	}
	calls := []struct {
		source, name string
		readOnly     bool
		request      func() record
	}{
		{"s3", "GetObject", true, func() record {
			return record{"bucketName": "acme-" + names[r.IntN(2)] + "-data", "key": fmt.Sprintf("in/%d.csv", r.IntN(90))}
		}},
		{"s3", "ListBuckets", true, func() record { return nil }},
		{"iam", "ListUsers", true, func() record { return nil }},
		{"iam", "CreateUser", false, func() record { return record{"userName": fmt.Sprintf("svc-%d", r.IntN(40))} }},
		{"iam", "DeleteUser", false, func() record { return record{"userName": fmt.Sprintf("svc-%d", r.IntN(40))} }},
		{"iam", "PutUserPolicy", false, func() record {
			return record{"userName": "amira", "policyName": "p1", "policyDocument": `{"Statement":[{"Effect":"Allow","Action":["iam:CreateUser","ec2:StopInstances"],"Resource":"*"}]}`}
		}},
		{"ec2", "RunInstances", false, func() record {
			return record{"instancesSet": record{"items": []any{record{"minCount": 2, "maxCount": 2, "imageId": "ami-0abc1234def567890"}}}}
		}},
		{"ec2", "TerminateInstances", false, func() record { return record{"instanceId": fmt.Sprintf("i-0%015x", r.Uint64N(1<<60))} }},
		{"cloudtrail", "StopLogging", false, func() record { return record{"name": "main-trail"} }},
		{"sts", "GetCallerIdentity", true, func() record { return nil }},
		{"kms", "Decrypt", true, func() record { return record{"encryptionContext": record{"PARAMETER_ARN": "x"}} }},
	}
	var out []evidence.Event
	add := func(rec record) {
		body, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, event(t, body))
	}
	for len(out) < n {
		at = at.Add(time.Duration(r.IntN(500)) * time.Second)
		c := callers[r.IntN(len(callers))]
		rec := record{"eventVersion": "1.10", "eventID": id(), "requestID": id(), "eventTime": at.Format(time.RFC3339), "userIdentity": c.identity,
			"sourceIPAddress": c.ip, "userAgent": "aws-cli/2.17.1 md/awscrt os/linux", "awsRegion": []string{"eu-west-1", "us-east-1"}[r.IntN(2)],
			"recipientAccountId": account, "eventType": "AwsApiCall", "managementEvent": true}
		switch {
		case r.IntN(12) == 0: // a role is assumed; its session joins the callers
			child, session := key("ASIA"), fmt.Sprintf("s%d", r.IntN(1000))
			role := key("AROA")
			rec["eventSource"], rec["eventName"], rec["readOnly"] = "sts.amazonaws.com", "AssumeRole", true
			rec["requestParameters"] = record{"roleArn": "arn:aws:iam::" + account + ":role/ops", "roleSessionName": session, "durationSeconds": 3600}
			rec["responseElements"] = record{"credentials": record{"accessKeyId": child, "expiration": at.Add(time.Hour).Format("Jan 2, 2006, 3:04:05 PM")},
				"assumedRoleUser": record{"assumedRoleId": role + ":" + session, "arn": "arn:aws:sts::" + account + ":assumed-role/ops/" + session}}
			callers = append(callers, caller{record{"type": "AssumedRole", "principalId": role + ":" + session, "accountId": account, "accessKeyId": child,
				"arn": "arn:aws:sts::" + account + ":assumed-role/ops/" + session, "sessionContext": record{
					"sessionIssuer": record{"type": "Role", "principalId": role, "arn": "arn:aws:iam::" + account + ":role/ops", "userName": "ops", "accountId": account},
					"attributes":    record{"creationDate": at.Format(time.RFC3339), "mfaAuthenticated": "false"}}}, "203.0.113." + fmt.Sprint(r.IntN(250))})
		default:
			call := calls[r.IntN(len(calls))]
			rec["eventSource"], rec["eventName"], rec["readOnly"] = call.source+".amazonaws.com", call.name, call.readOnly
			if req := call.request(); req != nil {
				rec["requestParameters"] = req
			}
			if call.name == "GetObject" {
				rec["additionalEventData"] = record{"bytesTransferredOut": r.IntN(1 << 20)}
			}
			if r.IntN(5) == 0 {
				rec["requestParameters"] = nil
				rec["errorCode"] = "AccessDenied"
				rec["errorMessage"] = fmt.Sprintf("User: %s is not authorized to perform: %s:%s", c.identity["arn"], call.source, call.name)
			}
		}
		add(rec)
	}
	return out
}

// worldOf makes everything a claim is held against from the events alone. The
// actors are arbitrary but fixed: claims need somebody to have been blamed.
func worldOf(t testing.TB, events []evidence.Event) *World {
	t.Helper()
	w := &World{Events: memory.New(events), Actors: map[string]string{}, Answers: map[string]string{"rotated_at": "rotated on 2 Nov at 10:00"}}
	c := lineage.NewCollector()
	for e, err := range w.Events.Events(context.Background(), evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(&e)
		w.Actors[e.ID] = []string{"intruder", "owner", "service"}[len(e.Identity.AccessKey+e.SourceIP)%3]
	}
	g, err := lineage.Link(context.Background(), w.Events, c)
	if err != nil {
		t.Fatal(err)
	}
	w.Links = g
	w.Coverage = func(id string) (Covered, bool) {
		parts := strings.Split(id, "/")
		if len(parts) != 3 {
			return Covered{}, false
		}
		day := evidence.ParseTime(parts[2])
		return Covered{Account: parts[0], Region: parts[1], From: day, To: day.AddDate(0, 0, 1), Classes: []string{"management_read", "management_write"}}, !day.IsZero()
	}
	return w
}
