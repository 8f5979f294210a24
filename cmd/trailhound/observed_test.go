package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/report"
)

// TestEverySourceSwitchedOff: with every source of evidence beside CloudTrail the
// report says what that source shows; without it the report says that this is
// not covered, keeps every other statement, and never says the opposite.
func TestEverySourceSwitchedOff(t *testing.T) {
	sim := t.TempDir()
	truth := simulated(t, "leaked-ci-key", sim)
	logs := filepath.Join(sim, "AWSLogs")
	base := reportFrom(t, truth.Sentence, logs)
	made := madeEvidence(t, base, logFiles(t, sim))
	write := func(without string) []string {
		paths := []string{logs}
		for name, content := range made {
			if name != without {
				path := filepath.Join(t.TempDir(), "some-file-"+name)
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
				paths = append(paths, path)
			}
		}
		return paths
	}
	type statement struct {
		source string
		says   func(r *report.Report) bool
		limit  string // the kind of limit that stands where the source is off; "" if none is of its own
	}
	hasClaim := func(parts ...string) func(*report.Report) bool {
		return func(r *report.Report) bool {
			for _, c := range r.Claims {
				if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(c.Text, p) }) {
					return c.Verified
				}
			}
			return false
		}
	}
	user := persistenceOf(t, base, "iam_user")
	statements := []statement{
		{"details", func(r *report.Report) bool { return persistenceOf(t, r, "iam_user").Status == "removed" }, ""},
		{"details", hasClaim("does not list", user.ID), ""},
		{"keys", func(r *report.Report) bool { return stateOf(r, liveKey(base)) == "disabled" }, ""},
		{"cost", hasClaim("AWS Lambda", "cost", "USD"), "no_cost_data"},
		{"flow", hasClaim("eni-0a1b2c3d", "sent 209715200 bytes"), "no_flow_logs"},
		{"s3", hasClaim("Bucket `kept-things` sent 5000 bytes of objects"), ""},
		{"alert", hasClaim("GuardDuty raised alert"), ""},
		{"alert", func(r *report.Report) bool {
			return slices.ContainsFunc(r.Limits, func(l investigation.Limit) bool { return l.Kind == "trail_gap" })
		}, ""},
		{"alert", func(r *report.Report) bool {
			var got []string
			for _, a := range r.Supplied {
				got = append(got, a.Answer)
			}
			return slices.Equal(got, []string{investigation.AlertHostile, investigation.AlertNoCalls})
		}, ""},
	}
	whole := reportFrom(t, truth.Sentence, write("")...)
	for i, s := range statements {
		if !s.says(whole) {
			t.Errorf("statement %d of %s is missing with every source given", i, s.source)
		}
	}
	if text := string(mustJSON(t, whole.Claims)) + string(mustJSON(t, whole.Limits)); strings.Contains(text, "some-file-") {
		t.Error("a file name stands in a claim or limit")
	}
	for _, off := range []string{"details", "keys", "cost", "flow", "s3", "alert"} {
		t.Run(off, func(t *testing.T) {
			paths := write(off)
			r := reportFrom(t, truth.Sentence, paths...)
			for i, s := range statements {
				if says := s.says(r); says != (s.source != off) {
					t.Errorf("statement %d of %s: %v", i, s.source, says)
				}
				limited := slices.ContainsFunc(r.Limits, func(l investigation.Limit) bool { return l.Kind == s.limit })
				if s.limit != "" && limited != (s.source == off) {
					t.Errorf("limit %s: %v", s.limit, limited)
				}
			}
			if len(r.StruckClaims) > 0 {
				t.Errorf("struck: %v", r.StruckClaims)
			}
			if off == "details" { // without it, what the calls say stands
				if p := persistenceOf(t, r, "iam_user"); p.Status != user.Status {
					t.Errorf("the user is %s, and by its calls %s", p.Status, user.Status)
				}
			}
			// What happened is decided by calls alone.
			if got, want := string(mustJSON(t, r.Attribution)), string(mustJSON(t, base.Attribution)); got != want {
				t.Error("the attribution changed")
			}
			path := filepath.Join(t.TempDir(), "report.json")
			if err := os.WriteFile(path, mustJSON(t, r), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"verify", path}
			for _, p := range paths {
				args = append(args, "--evidence", p)
			}
			command(t, "", args...)
		})
	}
	t.Run("a citation that leads nowhere", func(t *testing.T) {
		r := *whole
		path := filepath.Join(t.TempDir(), "report.json")
		if err := os.WriteFile(path, mustJSON(t, r), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs strings.Builder
		if code := run(t.Context(), []string{"verify", path, "--evidence", logs}, &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now, host: t.Name, width: 100}); code == 0 {
			t.Errorf("without the snapshots that it cites the report verifies:\n%s", out.String())
		}
	})
}

func reportFrom(t *testing.T, sentence string, evidence ...string) *report.Report {
	t.Helper()
	args := []string{"investigate", "--no-input", "--format", "json", sentence}
	for _, e := range evidence {
		args = append(args, "--evidence", e)
	}
	return readReport(t, []byte(command(t, "", args...)))
}

// madeEvidence invents what else there would be of the incident: the account
// cleaned up afterwards, a bill, flows, requests and alerts.
func madeEvidence(t *testing.T, r *report.Report, files []logFile) map[string]string {
	user := persistenceOf(t, r, "iam_user").ID
	account := strings.Split(user, ":")[4]
	users, roles := []any{}, []any{}
	for arn := range principalsIn(t, files) {
		name := arn[strings.LastIndexByte(arn, '/')+1:]
		switch {
		case arn == user:
		case strings.Contains(arn, ":user/"):
			users = append(users, map[string]any{"UserName": name, "UserId": "AIDA" + name, "Arn": arn, "CreateDate": "2020-01-01T00:00:00Z", "GroupList": []any{}, "AttachedManagedPolicies": []any{}})
		case strings.Contains(arn, ":role/"):
			roles = append(roles, map[string]any{"RoleName": name, "RoleId": "AROA" + name, "Arn": arn, "CreateDate": "2020-01-01T00:00:00Z"})
		}
	}
	later := lastEvent(t, files).Add(48 * time.Hour)
	details := map[string]any{"UserDetailList": users, "RoleDetailList": roles, "GroupDetailList": []any{}, "Policies": []any{},
		"ResponseMetadata": map[string]any{"HTTPHeaders": map[string]any{"date": later.Format("Mon, 02 Jan 2006 15:04:05 GMT")}}}
	key := liveKey(r)
	var hostile attribution.Row
	for _, a := range r.Attribution {
		if addr := sourceOf(t, files, a.Event); a.Actor == attribution.Intruder && strings.Contains(addr, ".") && !strings.Contains(addr, "amazonaws") {
			hostile = a
		}
	}
	address := sourceOf(t, files, hostile.Event)
	at := lastEvent(t, files)
	for _, f := range r.Findings {
		at = mustTime(t, f.First)
	}
	day := func(i int) string { return at.AddDate(0, 0, i).Format(time.DateOnly) }
	var days []any
	for i := -28; i < 3; i++ {
		amount := "12.5"
		if i >= 0 {
			amount = "900.25"
		}
		days = append(days, map[string]any{"TimePeriod": map[string]any{"Start": day(i), "End": day(i + 1)},
			"Groups": []any{map[string]any{"Keys": []string{"AWS Lambda", "ap-southeast-2"}, "Metrics": map[string]any{"UnblendedCost": map[string]any{"Amount": amount, "Unit": "USD"}}}}})
	}
	start, end := r.Findings[0].First, at
	alert := func(id, call, first, last string) map[string]any {
		return map[string]any{"SchemaVersion": "2.0", "Id": id, "Type": "Persistence:IAMUser/AnomalousBehavior", "Severity": 8, "AccountId": account, "Region": "us-east-1",
			"Resource": map[string]any{"AccessKeyDetails": map[string]any{"AccessKeyId": hostile.Credential}},
			"Service": map[string]any{"ServiceName": "guardduty", "EventFirstSeen": first, "EventLastSeen": last,
				"Action": map[string]any{"AwsApiCallAction": map[string]any{"Api": call, "RemoteIpDetails": map[string]any{"IpAddressV4": address}}}}}
	}
	name := nameOf(t, files, hostile.Event)
	flows := ""
	for i := range 2 {
		flows += fmt.Sprintf("2 %s eni-0a1b2c3d 10.0.1.20 %s 40123 443 6 900 104857600 %d %d ACCEPT OK\n", account, address, end.Unix()+int64(i)*60, end.Unix()+int64(i)*60+60)
	}
	return map[string]string{
		"details": string(mustJSON(t, details)),
		"keys": string(mustJSON(t, map[string]any{"AccessKeyMetadata": []any{map[string]any{"UserName": "x", "AccessKeyId": key, "Status": "Inactive", "CreateDate": start}},
			"ResponseMetadata": details["ResponseMetadata"]})),
		"cost": string(mustJSON(t, map[string]any{"GroupDefinitions": []any{map[string]any{"Type": "DIMENSION", "Key": "SERVICE"}, map[string]any{"Type": "DIMENSION", "Key": "REGION"}}, "ResultsByTime": days})),
		"flow": flows,
		"s3": fmt.Sprintf("%s kept-things [%s] %s - 3E57427F3EXAMPLE REST.GET.OBJECT a.csv \"GET /a.csv HTTP/1.1\" 200 - 5000 5000 7 - \"-\" \"x\" -\n",
			strings.Repeat("0a", 32), end.Format("02/Jan/2006:15:04:05 +0000"), address),
		"alert": string(mustJSON(t, map[string]any{"Findings": []any{
			alert("11111111111111111111111111111111", name, timeOf(t, files, hostile.Event), timeOf(t, files, hostile.Event)),
			alert("22222222222222222222222222222222", "CallThatNobodyRecorded", timeOf(t, files, hostile.Event), timeOf(t, files, hostile.Event)),
		}})),
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// said is what these tests read of a record.
type said struct {
	EventID, EventName, EventTime string
	UserIdentity                  struct {
		ARN            string
		SessionContext struct{ SessionIssuer struct{ ARN string } }
	}
}

func recordsOf(t *testing.T, files []logFile) (out []said) {
	t.Helper()
	for _, f := range files {
		for _, raw := range f.records {
			var s said
			if err := json.Unmarshal(raw, &s); err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
	}
	return out
}

func principalsIn(t *testing.T, files []logFile) map[string]bool {
	out := map[string]bool{}
	for _, s := range recordsOf(t, files) {
		for _, arn := range []string{s.UserIdentity.ARN, s.UserIdentity.SessionContext.SessionIssuer.ARN} {
			out[arn] = true
		}
	}
	return out
}

func lastEvent(t *testing.T, files []logFile) (last time.Time) {
	for _, s := range recordsOf(t, files) {
		if at := mustTime(t, s.EventTime); at.After(last) {
			last = at
		}
	}
	return last
}

func nameOf(t *testing.T, files []logFile, id string) string {
	all := recordsOf(t, files)
	return all[slices.IndexFunc(all, func(s said) bool { return s.EventID == id })].EventName
}

func timeOf(t *testing.T, files []logFile, id string) string {
	all := recordsOf(t, files)
	return all[slices.IndexFunc(all, func(s said) bool { return s.EventID == id })].EventTime
}

func persistenceOf(t *testing.T, r *report.Report, kind string) *ledger.Persistence {
	t.Helper()
	for i := range r.Persistence {
		if r.Persistence[i].Kind == kind {
			return &r.Persistence[i]
		}
	}
	t.Fatalf("no persistence of kind %s", kind)
	return nil
}

// liveKey is a key that the intruder holds and that is active by its calls.
func liveKey(r *report.Report) string {
	for _, c := range r.Credentials {
		if c.Kind == "access_key" && c.HeldBy == "intruder" && c.State == "active" {
			return c.ID
		}
	}
	return ""
}

func stateOf(r *report.Report, key string) string {
	for _, c := range r.Credentials {
		if c.ID == key {
			return c.State
		}
	}
	return ""
}
