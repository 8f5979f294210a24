package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/source/account"
	"github.com/trailhound/trailhound/internal/source/awsapi/awstest"
)

// liveAccount is the small AWS, reached as a user's configuration would have it.
func liveAccount(t *testing.T) *awstest.Server {
	t.Helper()
	s := awstest.New(t)
	s.Events = 60
	awayFromHome(t, "[default]\nregion = us-east-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\nmax_attempts = 2\nendpoint_url = "+s.URL+"\n")
	return s
}

func TestCollectAndHandOver(t *testing.T) {
	s := liveAccount(t)
	s.Fault = func(w http.ResponseWriter, c awstest.Call, _ int) bool {
		if c.Action == "guardduty:ListDetectors" && c.Region == "eu-west-1" {
			awstest.Refuse(w, c, "AccessDeniedException")
			return true
		}
		return false
	}
	dir := filepath.Join(t.TempDir(), "handover")
	code, out, errs := say(t, "collect", "--out", dir, "--since", "2026-11-01T00:00:00Z", "--until", "2026-11-21T00:00:00Z")
	if code != 0 || !strings.Contains(out, "of account 111122223333") || !strings.Contains(out, "1 answers are missing") ||
		!strings.Contains(errs, "missing 111122223333 eu-west-1 guardduty:ListDetectors: ListDetectors: the credentials may not make this call") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	n := len(s.Calls())
	if code, out, errs = say(t, "collect", "--out", dir); code != 0 || len(s.Calls()) != n+2 { // who am I, and what was refused
		t.Errorf("exit %d after %d more calls: %s%s", code, len(s.Calls())-n, out, errs)
	}
	// The folder alone, at another place, gives the same report as the live account.
	const sentence = "unusual calls from 198.51.100.7"
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	code, fromFolder, errs := say(t, "investigate", "--evidence", moved, "--no-input", sentence)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	code, live, errs := say(t, "investigate", "--aws", "--since", "2026-11-01T00:00:00Z", "--until", "2026-11-21T00:00:00Z", "--no-input", sentence)
	if code != 0 || !strings.Contains(strings.Join(strings.Fields(live), " "), "gave no whole answer to guardduty:ListDetectors, of account 111122223333 in eu-west-1") {
		t.Errorf("exit %d: %s%s", code, live, errs)
	}
	if live != fromFolder {
		t.Errorf("live:\n%s\nfrom the folder:\n%s", live, fromFolder)
	}
}

// Whatever is refused is a limit of its own: which call, where, and what cannot be
// said for that.
func TestEveryRefusalIsALimit(t *testing.T) {
	s := liveAccount(t)
	s.Allowed = map[string]bool{"cloudtrail:LookupEvents": true, "sts:AssumeRole": true}
	code, out, errs := say(t, "investigate", "--aws", "--organization", "--regions", "us-east-1,eu-west-1", "--no-input", "--format", "json", "unusual calls from 198.51.100.7")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var report struct {
		Limits []struct{ Kind, Text, Effect string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, l := range report.Limits {
		if l.Kind == "unreadable_input" {
			said[strings.TrimSuffix(strings.Fields(strings.TrimPrefix(l.Text, "The live account gave no whole answer to "))[0], ",")] = l.Text + " " + l.Effect
		}
	}
	for _, action := range account.Questions() {
		if s.Allowed[action] || action == "ec2:DescribeRegions" { // which was not asked: regions were named
			continue
		}
		text := said[action]
		if !strings.Contains(text, "111122223333") || !strings.Contains(text, "the credentials may not make this call") || strings.Contains(text, "What the call would have told") {
			t.Errorf("%s: %q", action, text)
		}
		if strings.HasPrefix(action, "ec2:") && !strings.Contains(text, "eu-west-1") {
			t.Errorf("%s names no region: %q", action, text)
		}
	}
}

func TestCollectGoesOnWithNewCredentials(t *testing.T) {
	s := liveAccount(t)
	s.Fault = func(w http.ResponseWriter, c awstest.Call, _ int) bool {
		if c.Action == "ec2:DescribeVolumes" {
			awstest.Refuse(w, c, "RequestExpired")
			return true
		}
		return false
	}
	dir := filepath.Join(t.TempDir(), "out")
	code, _, errs := say(t, "collect", "--out", dir, "--regions", "us-east-1")
	if code != exitFailed || !strings.Contains(errs, "the AWS credentials ran out (RequestExpired)") || !strings.Contains(errs, "hint: sign in again") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	s.Fault = nil
	s.Forget()
	store := filepath.Join(t.TempDir(), "st")
	code, out, errs := say(t, "import", "--store", store, "--aws", "--keep", dir, "--regions", "us-east-1")
	if code != 0 || !strings.Contains(out, "the store holds 60 events") || strings.Contains(errs, "gathered") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	for _, c := range s.Calls() {
		if strings.HasPrefix(c.Action, "iam:") || c.Region == "eu-west-1" {
			t.Errorf("%s in %s was asked", c.Action, c.Region)
		}
	}
}

func TestCollectOrganization(t *testing.T) {
	s := liveAccount(t)
	s.Fault = func(w http.ResponseWriter, c awstest.Call, _ int) bool {
		if c.Action == "sts:AssumeRole" {
			awstest.Refuse(w, c, "AccessDenied")
			return true
		}
		return false
	}
	dir := filepath.Join(t.TempDir(), "out")
	code, out, errs := say(t, "collect", "--out", dir, "--regions", "us-east-1", "--organization")
	if code != 0 || !strings.Contains(errs, "missing 444455556666 global sts:AssumeRole: the role in it may not be assumed (AccessDenied)") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	asked := false
	for _, c := range s.Calls() {
		asked = asked || c.Action == "sts:AssumeRole" && strings.Contains(c.Input, "444455556666%3Arole%2Ftrailhound-read-only")
	}
	if !asked {
		t.Error("nobody asked for the role in the other account")
	}
}

// Every account of the organisation that the role leads into is gathered, in a
// folder of its own, and read as evidence of that account.
func TestCollectWholeOrganization(t *testing.T) {
	s := liveAccount(t)
	s.Events = 5
	dir := filepath.Join(t.TempDir(), "out")
	code, out, errs := say(t, "collect", "--out", dir, "--regions", "us-east-1", "--organization")
	if code != 0 || !strings.Contains(out, "of account 111122223333, 444455556666 into") || !strings.Contains(out, "0 answers are missing") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, account := range []string{"111122223333", "444455556666"} {
		data, err := os.ReadFile(filepath.Join(dir, account, "global", "iam", "get-account-authorization-details.json"))
		if err != nil || !strings.Contains(string(data), "arn:aws:iam::"+account+":user/ann") {
			t.Errorf("%s: %v", account, err)
		}
	}
	for _, c := range s.Calls() {
		if c.Action == "sts:AssumeRole" && !strings.Contains(c.Input, "444455556666%3Arole%2Ftrailhound-read-only") {
			t.Errorf("assumed %s", c.Input)
		}
	}
	code, out, errs = say(t, "access", "who-can", "--evidence", dir, "iam:CreateUser", "*", "--all")
	if code != 0 || !strings.Contains(out, "111122223333") || !strings.Contains(out, "444455556666") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	// The control policy of the unit that both stand in reaches the member alone.
	denied := regexp.MustCompile(`(?m)^deny +(\S+) .*\n +explicitly denied by statement NoUsers of service control policy fence`).FindAllStringSubmatch(out, -1)
	for _, d := range denied {
		if !strings.Contains(d[1], ":444455556666:") {
			t.Errorf("%s is denied by a control policy that does not stand over it", d[1])
		}
	}
	if len(denied) != 3 || strings.Contains(out, "no service control policy stands against it") { // ann, build and the root user
		t.Errorf("%d are denied by the control policy: %s", len(denied), out)
	}
}

func TestCollectUsage(t *testing.T) {
	s := liveAccount(t)
	for want, args := range map[string][]string{
		"no folder was given":            {"collect"},
		"there is no role template":      {"collect", "--print-role", "pulumi"},
		"say how to gather a live":       {"investigate", "--keep", t.TempDir(), "a key leaked"},
		"the evidence to import is miss": {"import", "--store", filepath.Join(t.TempDir(), "st")},
	} {
		if code, _, errs := say(t, args...); code != exitUsage || !strings.Contains(errs, want) || !strings.Contains(errs, "hint: ") {
			t.Errorf("%v: exit %d: %s", args, code, errs)
		}
	}
	if code, out, _ := say(t, "collect", "--print-role", "terraform"); code != 0 || !strings.Contains(out, `"cloudtrail:LookupEvents",`) {
		t.Errorf("exit %d: %s", code, out)
	}
	if len(s.Calls()) > 0 {
		t.Errorf("AWS was asked: %v", s.Calls())
	}
	code, _, errs := say(t, "collect", "--out", filepath.Join(t.TempDir(), "x"), "--regions", "us-east-1", "--accounts", "999900001111")
	if code != exitFailed || !strings.Contains(errs, "the credentials belong to account 111122223333") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
