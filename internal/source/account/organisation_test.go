package account

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/time/rate"

	"github.com/trailhound/trailhound/internal/source/awsapi/awstest"
	"github.com/trailhound/trailhound/internal/source/awsapi/mototest"
)

// organisationOptions gather the organisation of the small AWS.
func organisationOptions(s *awstest.Server, dir string) Options {
	o := options(s, dir)
	o.Regions = []string{"us-east-1"}
	o.Member = func(account string) aws.Config {
		cfg := s.Config()
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "ASIA" + account, SecretAccessKey: "s", SessionToken: "t"}, nil // as its AssumeRole names members
		})
		return cfg
	}
	return o
}

// Every permission for the organisation is asked for by a call, each call that is made
// is listed, and without any one of them something is missing and said to be.
func TestOrganisationPermissionsAreEnoughAndNoMore(t *testing.T) {
	s := awstest.New(t)
	s.Events = 1
	gatherAll(t, organisationOptions(s, filepath.Join(t.TempDir(), "out")))
	made := map[string]bool{}
	for _, c := range s.Calls() {
		if strings.HasPrefix(c.Action, "organizations:") {
			made[c.Action] = true
		}
	}
	if got := slices.Sorted(maps.Keys(made)); !slices.Equal(got, OrgActions()) {
		t.Errorf("made %q\nlisted %q", got, OrgActions())
	}
	for _, action := range OrgActions() {
		s := awstest.New(t)
		s.Events = 1
		s.Allowed = map[string]bool{}
		for _, a := range slices.Concat(Actions(), OrgActions()) {
			s.Allowed[a] = a != action
		}
		r := gatherAll(t, organisationOptions(s, filepath.Join(t.TempDir(), "out")))
		_, op, _ := strings.Cut(action, ":")
		if !slices.ContainsFunc(r.Missing, func(e Entry) bool { return e.Status == Refused && strings.HasPrefix(e.Reason, op) }) {
			t.Errorf("without %s nothing is missing: %+v", action, r.Missing)
		}
	}
}

// All that hangs on an account's way up is kept, each answer with what it was asked
// about; a unit that two accounts stand in is asked about once.
func TestControlPoliciesAreGatheredByTarget(t *testing.T) {
	s := awstest.New(t)
	dir := filepath.Join(t.TempDir(), "out")
	gatherAll(t, organisationOptions(s, dir))
	for name, want := range map[string]string{
		"list-roots.json":                    `"r-ab12"`,
		"parents/444455556666.json":          `"Target":"444455556666"`,
		"parents/ou-ab12-cdefghij.json":      `"Target":"ou-ab12-cdefghij"`,
		"policies/ou-ab12-cdefghij-scp.json": `"p-0123abcd"`,
		"policies/r-ab12-scp.json":           `"p-FullAWSAccess"`,
		"policies/111122223333-scp.json":     `"Target":"111122223333"`,
		"describe-policy/p-0123abcd.json":    `"NoUsers`,
	} {
		data, err := os.ReadFile(filepath.Join(dir, "111122223333", "global", "organizations", filepath.FromSlash(name)))
		if err != nil || !strings.Contains(strings.ReplaceAll(string(data), `\"`, `"`), want) {
			t.Errorf("%s: %v: %s", name, err, data)
		}
	}
	n := map[string]int{}
	for _, c := range s.Calls() {
		n[c.Action]++
	}
	if n["organizations:ListParents"] != 3 || n["organizations:ListPoliciesForTarget"] != 4 || n["organizations:DescribePolicy"] != 1 {
		t.Errorf("%v", n)
	}
}

// An organisation of moto's: its answers are read as ours are.
func TestOrganisationAgainstMoto(t *testing.T) {
	server := mototest.Start(t)
	post := func(operation, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSOrganizationsV20161128." + operation},
			"Authorization": {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261101/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=0"}}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		out, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", operation, out)
		}
		return string(out)
	}
	field := func(answer, name string) string {
		_, rest, _ := strings.Cut(answer, `"`+name+`": "`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	post("CreateOrganization", `{"FeatureSet":"ALL"}`)
	root := field(post("ListRoots", `{}`), "Id")
	post("EnablePolicyType", `{"RootId":"`+root+`","PolicyType":"SERVICE_CONTROL_POLICY"}`)
	fence := field(post("CreatePolicy", `{"Name":"fence","Description":"d","Type":"SERVICE_CONTROL_POLICY","Content":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"iam:CreateUser\",\"Resource\":\"*\"}]}"}`), "Id")
	post("AttachPolicy", `{"PolicyId":"`+fence+`","TargetId":"`+root+`"}`)
	dir := filepath.Join(t.TempDir(), "out")
	cfg := mototest.Config(server, "us-east-1")
	cfg.RetryMaxAttempts = 1 // what moto lacks it will not have the second time
	r := gatherAll(t, Options{Dir: dir, Config: cfg, Regions: []string{"us-east-1"}, Now: time.Now, pace: rate.Inf,
		Member: func(string) aws.Config { return cfg }})
	for _, e := range r.Missing {
		if strings.HasPrefix(e.Action, "organizations:") {
			t.Errorf("%s: %s", e.Action, e.Reason)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "111122223333", "global", "organizations", "describe-policy", url.PathEscape(fence)+".json"))
	if err != nil || !strings.Contains(string(data), "iam:CreateUser") {
		t.Errorf("%v: %s", err, data)
	}
}
