package account

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/trailhound/trailhound/internal/source/awsapi/awstest"
	"github.com/trailhound/trailhound/internal/source/awsapi/mototest"
)

// cli runs the AWS CLI against a server and gives what it prints.
func cli(t *testing.T, url, region string, args ...string) any {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: the AWS CLI is not installed")
	}
	cmd := exec.CommandContext(t.Context(), path, append([]string{"--endpoint-url", url, "--region", region, "--output", "json"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true"}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("aws %s: %v: %s", strings.Join(args, " "), err, errs.String())
	}
	return decoded(t, out)
}

// decoded reads JSON with all times written alike, and without our own note.
func decoded(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	var even func(any) any
	even = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "Collected")
			for k := range v {
				v[k] = even(v[k])
			}
		case []any:
			for i := range v {
				v[i] = even(v[i])
			}
		case string:
			if at, err := time.Parse(time.RFC3339, v); err == nil {
				return at.UTC().Format(time.RFC3339Nano)
			}
		}
		return v
	}
	return even(v)
}

func gatheredFile(t *testing.T, dir, name string) any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "111122223333", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, data)
}

// What we keep is what the AWS CLI prints, from a server that both believe.
func TestAnswersAreWhatTheCLIPrints(t *testing.T) {
	s := awstest.New(t)
	s.Events = 75
	dir := filepath.Join(t.TempDir(), "out")
	o := options(s, dir)
	o.Regions = []string{"us-east-1"}
	gatherAll(t, o)
	for name, args := range map[string]string{
		"global/iam/get-account-authorization-details.json":    "iam get-account-authorization-details",
		"global/iam/users/ann/list-access-keys.json":           "iam list-access-keys --user-name ann",
		"us-east-1/ec2/describe-instances.json":                "ec2 describe-instances",
		"us-east-1/ec2/describe-launch-template-versions.json": "ec2 describe-launch-template-versions --versions $Latest $Default",
		"us-east-1/ec2/user-data/i-0123456789abcdef0.json":     "ec2 describe-instance-attribute --attribute userData --instance-id i-0123456789abcdef0",
	} {
		t.Run(args, func(t *testing.T) {
			want, got := cli(t, s.URL, "us-east-1", strings.Fields(args)...), gatheredFile(t, dir, name)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("the CLI (-) and we (+) differ:\n%s", d)
			}
		})
	}
	t.Run("cloudtrail lookup-events", func(t *testing.T) { // which moto lacks
		want := cli(t, s.URL, "us-east-1", "cloudtrail", "lookup-events")
		data, err := os.ReadFile(filepath.Join(dir, "111122223333/us-east-1/cloudtrail/lookup-events-0001.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		events := []any{}
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			events = append(events, decoded(t, []byte(line)).(map[string]any)["Events"].([]any)...)
		}
		if d := cmp.Diff(want.(map[string]any)["Events"], any(events)); d != "" || len(events) != 75 {
			t.Errorf("the CLI (-) and we (+) differ:\n%s", d)
		}
	})
	t.Run("guardduty get-findings", func(t *testing.T) { // in the API's own spelling
		want := cli(t, s.URL, "us-east-1", "guardduty", "get-findings", "--detector-id", "12abc34d567e8fa901bc2d34e56789f0", "--finding-ids", "x")
		got := gatheredFile(t, dir, "us-east-1/guardduty/get-findings-12abc34d567e8fa901bc2d34e56789f0-0001.json")
		if d := cmp.Diff(want, capital(got)); d != "" {
			t.Errorf("the CLI (-) and we (+) differ:\n%s", d)
		}
	})
}

// capital spells the API's members as the CLI does.
func capital(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, x := range v {
			m[strings.ToUpper(k[:1])+k[1:]] = capital(x)
		}
		return m
	case []any:
		for i := range v {
			v[i] = capital(v[i])
		}
	}
	return v
}

// An AWS that others wrote, as far as it goes: what it does not know is missing
// and said to be.
func TestAgainstMoto(t *testing.T) {
	server := mototest.Start(t)
	seed := func(service string, form url.Values) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v: %v, %v", form, resp, err)
		}
		resp.Body.Close()
	}
	for _, name := range []string{"ann", "bob"} {
		seed("iam", url.Values{"Action": {"CreateUser"}, "UserName": {name}, "Version": {"2010-05-08"}})
		seed("iam", url.Values{"Action": {"CreateAccessKey"}, "UserName": {name}, "Version": {"2010-05-08"}})
	}
	seed("ec2", url.Values{"Action": {"RunInstances"}, "ImageId": {"ami-12c6146b"}, "MinCount": {"2"}, "MaxCount": {"2"}, "Version": {"2016-11-15"}})
	dir := filepath.Join(t.TempDir(), "out")
	r := gatherAll(t, Options{Dir: dir, Config: mototest.Config(server, "us-east-1"), Regions: []string{"us-east-1"}, Now: time.Now, pace: rate.Inf})
	missing := map[string]bool{}
	for _, e := range r.Missing {
		missing[e.Action] = true
	}
	t.Logf("moto does not answer: %v", missing)
	for _, action := range []string{"iam:GetAccountAuthorizationDetails", "ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:DescribeAddresses", "cloudtrail:DescribeTrails", "codebuild:ListProjects"} {
		if missing[action] {
			t.Errorf("%s brought nothing", action)
		}
	}
	for name, args := range map[string]string{
		"global/iam/get-account-authorization-details.json": "iam get-account-authorization-details",
		"us-east-1/ec2/describe-instances.json":             "ec2 describe-instances",
	} {
		t.Run(args, func(t *testing.T) {
			if d := cmp.Diff(cli(t, server, "us-east-1", strings.Fields(args)...), gatheredFile(t, dir, name)); d != "" {
				t.Errorf("the CLI (-) and we (+) differ:\n%s", d)
			}
		})
	}
}
