package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/source/awsapi/awstest"
	"github.com/trailhound/trailhound/internal/source/awsapi/mototest"
)

// lacking are the calls that moto does not know, or knows nothing to answer to.
// The small AWS of our own answers them, to us and to the AWS CLI alike.
var lacking = []string{"cloudtrail:LookupEvents", "iam:ListServiceSpecificCredentials", "codebuild:ListSourceCredentials", "guardduty:", "securityhub:", "access-analyzer:", "ce:"}

// bothServers is one address for an account in moto, with what moto lacks from ours.
func bothServers(t *testing.T, moto string, ours *awstest.Server) string {
	t.Helper()
	to := func(address string) http.Handler {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return httputil.NewSingleHostReverseProxy(u)
	}
	theirs, own := to(moto), to(ours.URL)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		_, action := awstest.ActionOf(r, body)
		for _, l := range lacking {
			if action == l || strings.HasSuffix(l, ":") && strings.HasPrefix(action, l) {
				own.ServeHTTP(w, r)
				return
			}
		}
		theirs.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// ask makes a call that seeds moto, and gives what the pattern finds in the answer.
func ask(t *testing.T, moto, service, pattern string, form url.Values) string {
	t.Helper()
	form.Set("Version", map[string]string{"iam": "2010-05-08", "ec2": "2016-11-15"}[service])
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, moto, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	m := regexp.MustCompile(pattern).FindSubmatch(body)
	if resp.StatusCode != http.StatusOK || m == nil {
		t.Fatalf("%v: %s", form, body)
	}
	return string(m[len(m)-1])
}

// breakIn is a break-in in an account of moto's: ann's key makes a user, a key, a policy on
// it, and an instance. It gives the calls that a trail would have, newest first.
func breakIn(t *testing.T, moto string) []string {
	ask(t, moto, "iam", "", url.Values{"Action": {"CreateUser"}, "UserName": {"ann"}})
	stolen := ask(t, moto, "iam", `<AccessKeyId>(\w+)<`, url.Values{"Action": {"CreateAccessKey"}, "UserName": {"ann"}})
	ask(t, moto, "iam", "", url.Values{"Action": {"PutUserPolicy"}, "UserName": {"ann"}, "PolicyName": {"all"},
		"PolicyDocument": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`}})
	ask(t, moto, "iam", "", url.Values{"Action": {"CreateUser"}, "UserName": {"eve"}})
	left := ask(t, moto, "iam", `<AccessKeyId>(\w+)<`, url.Values{"Action": {"CreateAccessKey"}, "UserName": {"eve"}})
	// A managed policy, since moto does not list a user's inline ones.
	ask(t, moto, "iam", "", url.Values{"Action": {"CreatePolicy"}, "PolicyName": {"admin"},
		"PolicyDocument": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}})
	ask(t, moto, "iam", "", url.Values{"Action": {"AttachUserPolicy"}, "UserName": {"eve"}, "PolicyArn": {"arn:aws:iam::111122223333:policy/admin"}})
	instance := ask(t, moto, "ec2", `<instanceId>(i-\w+)<`, url.Values{"Action": {"RunInstances"}, "ImageId": {"ami-12c6146b"}, "MinCount": {"1"}, "MaxCount": {"1"},
		"UserData": {"IyEvYmluL3NoCmN1cmwgLXMgaHR0cDovLzIwMy4wLjExMy45L3ggfCBzaAo="}})
	id := 0
	call := func(ago time.Duration, source, name, address, request, response string) string {
		id++
		return fmt.Sprintf(`{"eventVersion":"1.08","eventID":"00000000-0000-4000-8000-%012d","eventTime":%q,"eventSource":"%s.amazonaws.com","eventName":%q,"awsRegion":"us-east-1","recipientAccountId":"111122223333","sourceIPAddress":%q,"userAgent":"aws-cli/2","eventType":"AwsApiCall","readOnly":false,"requestParameters":%s,"responseElements":%s,"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE00","arn":"arn:aws:iam::111122223333:user/ann","accountId":"111122223333","accessKeyId":%q,"userName":"ann"}}`,
			id, time.Now().UTC().Add(-ago).Format(time.RFC3339), source, name, address, request, response, stolen)
	}
	list := []string{
		call(20*time.Minute, "ec2", "RunInstances", "203.0.113.7", `{"instancesSet":{"items":[{"imageId":"ami-12c6146b","minCount":1,"maxCount":1}]}}`, `{"instancesSet":{"items":[{"instanceId":"`+instance+`"}]}}`),
		call(30*time.Minute, "iam", "AttachUserPolicy", "203.0.113.7", `{"userName":"eve","policyArn":"arn:aws:iam::111122223333:policy/admin"}`, "null"),
		call(35*time.Minute, "iam", "CreateAccessKey", "203.0.113.7", `{"userName":"eve"}`, `{"accessKey":{"accessKeyId":"`+left+`","userName":"eve","status":"Active"}}`),
		call(40*time.Minute, "iam", "CreateUser", "203.0.113.7", `{"userName":"eve"}`, `{"user":{"userName":"eve","arn":"arn:aws:iam::111122223333:user/eve","userId":"AIDAEVEEXAMPLE000000"}}`),
	}
	for day := 1; day < 12; day++ { // what ann does else
		list = append(list, call(time.Duration(day)*24*time.Hour, "s3", "ListBuckets", "192.0.2.10", "null", "null"))
	}
	return list
}

// byHand writes what a person would hand over: the answers of the AWS CLI.
func byHand(t *testing.T, url, dir string) {
	t.Helper()
	aws, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: the AWS CLI is not installed")
	}
	n := 0
	run := func(args string) []byte {
		cmd := exec.CommandContext(t.Context(), aws, append([]string{"--endpoint-url", url, "--region", "us-east-1", "--output", "json"}, strings.Fields(args)...)...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true"}
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("aws %s: %v: %s", args, err, errs.String())
		}
		n++
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.json", n)), out, 0o600); err != nil {
			t.Fatal(err)
		}
		return out
	}
	run("cloudtrail lookup-events")
	run("iam get-account-authorization-details")
	run("iam list-users")
	run("iam generate-credential-report")
	run("iam get-credential-report")
	for _, user := range []string{"ann", "eve"} {
		run("iam list-access-keys --user-name " + user)
	}
	var out struct {
		Reservations []struct{ Instances []struct{ InstanceId string } }
	}
	if err := json.Unmarshal(run("ec2 describe-instances"), &out); err != nil || len(out.Reservations) == 0 {
		t.Fatal(err)
	}
	for _, call := range []string{"describe-volumes", "describe-snapshots --owner-ids self", "describe-addresses",
		"describe-instance-attribute --attribute userData --instance-id " + out.Reservations[0].Instances[0].InstanceId} {
		run("ec2 " + call)
	}
	run("guardduty get-findings --detector-id 12abc34d567e8fa901bc2d34e56789f0 --finding-ids x")
	run("securityhub get-findings")
	run("accessanalyzer list-findings-v2 --analyzer-arn arn:aws:access-analyzer:us-east-1:111122223333:analyzer/a")
	run("ce get-cost-and-usage --granularity DAILY --metrics UnblendedCost UsageQuantity --time-period Start=2026-09-01,End=2026-11-30 --group-by Type=DIMENSION,Key=SERVICE Type=DIMENSION,Key=REGION")
}

// What the live account knows and files of the AWS CLI do not: when each answer was
// given. Nothing else of a report may differ, but for what names the inputs.
var (
	inputHash = regexp.MustCompile(`(snapshot|cost):[0-9a-f]{16}#(?:arn:aws:ce:[^"]*|[^" ]*)`)
	givenAt   = regexp.MustCompile(`The snapshot (of|taken no earlier than) [0-9TZ:-]+`)
	undated   = regexp.MustCompile(`; a snapshot does not say when it was taken; it is taken to be later than every event`)
	limitID   = regexp.MustCompile(`limit:L[0-9]+`)
)

// told is a report without its inputs and the moments of its snapshots.
func told(t *testing.T, report string) map[string]any {
	t.Helper()
	report = inputHash.ReplaceAllStringFunc(report, func(s string) string {
		kind, rest, _ := strings.Cut(s, ":")
		return kind + ":FILE" + rest[16:]
	})
	report = givenAt.ReplaceAllString(report, "The snapshot at its moment")
	report = limitID.ReplaceAllString(undated.ReplaceAllString(report, ""), "limit")
	var doc map[string]any
	if err := json.Unmarshal([]byte(report), &doc); err != nil {
		t.Fatal(err)
	}
	for _, section := range []string{"method", "run"} {
		delete(doc, section)
	}
	list, _ := doc["limits"].([]any)
	doc["limits"] = slices.DeleteFunc(list, func(l any) bool {
		text := l.(map[string]any)["text"].(string)
		delete(l.(map[string]any), "id") // numbered in order
		return strings.Contains(text, "not say when") || strings.HasPrefix(text, "Some inputs") || strings.HasPrefix(text, "The live account gave no whole answer")
	})
	claims, _ := doc["claims"].([]any)
	for _, c := range claims { // which answer a moment was read from
		if c := c.(map[string]any); strings.HasPrefix(c["text"].(string), "The snapshot at its moment") {
			delete(c, "evidence")
		}
	}
	settle(doc)
	return doc
}

// settle puts what is cited in one order, each thing once: of two answers that show the
// same user, files have no later one, and their hashes differ from run to run.
func settle(v any) {
	switch v := v.(type) {
	case map[string]any:
		if cited, ok := v["evidence"].([]any); ok {
			slices.SortFunc(cited, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			v["evidence"] = slices.CompactFunc(cited, func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
		}
		for _, inner := range v {
			settle(inner)
		}
	case []any:
		for _, inner := range v {
			settle(inner)
		}
	}
}

// From files alone and from moto, the same account gives the same report.
func TestFilesAndMotoGiveTheSameReport(t *testing.T) {
	moto := mototest.Start(t)
	ours := awstest.New(t)
	ours.History = breakIn(t, moto)
	address := bothServers(t, moto, ours)
	awayFromHome(t, "[default]\nregion = us-east-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\nmax_attempts = 2\nendpoint_url = "+address+"\n")
	files := t.TempDir()
	byHand(t, address, files)
	const sentence = "user eve was created and nobody knows why; ann's key was used from 203.0.113.7"
	code, live, errs := say(t, "investigate", "--aws", "--regions", "us-east-1", "--no-input", "--format", "json", sentence)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	code, handed, errs := say(t, "investigate", "--evidence", files, "--no-input", "--format", "json", sentence)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	a, b := told(t, live), told(t, handed)
	for _, section := range slices.Sorted(maps.Keys(a)) {
		if d := cmp.Diff(b[section], a[section]); d != "" {
			t.Errorf("%s: from files (-) and from the account (+):\n%s", section, d)
		}
	}
	// The report is about something: what was left is seen in the account.
	var r struct {
		Persistence []struct{ Kind, Status string }
	}
	if err := json.Unmarshal([]byte(live), &r); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range r.Persistence {
		seen[p.Kind] = seen[p.Kind] || p.Status == "live"
	}
	if !strings.Contains(live, "holds commands that download a program and run it") {
		t.Error("the user data of the intruder's instance was not read")
	}
	for _, kind := range []string{"iam_user", "access_key", "policy", "instance"} {
		if !seen[kind] {
			t.Errorf("%s is not seen to be live: %v", kind, r.Persistence)
		}
	}
}
