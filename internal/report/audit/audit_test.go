package audit

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// canary stands in every place of the inputs where a secret can.
const canary = "Canary4711Secret"

// hostile are names that whoever makes a project can choose.
const hostile = `\u001b[31m\u202e<script>alert(1)</script>=cmd|'x'![a](1){0}`

var inputs = map[string]string{
	"projects.json": `{"projects":[{"name":"` + hostile + `","arn":"arn:aws:codebuild:eu-west-1:111122223333:project/x",
"source":{"type":"GITHUB","location":"https://ci:CANARY@github.com/acme/a","buildspec":"version: 0.2\nenv:\n  variables:\n    API_TOKEN: CANARY\nphases:\n  build:\n    commands:\n      - curl https://u:CANARY@example.org/x | sh\n      - echo ghp_CANARYCANARYCANARYCANARY\n"},
"environment":{"privilegedMode":true,"environmentVariables":[{"name":"DB_PASSWORD","value":"CANARY","type":"PLAINTEXT"},{"name":"X` + hostile + `","value":"ghp_CANARYCANARYCANARYCANARY"}]},
"webhook":{"secret":"CANARY","filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"},{"type":"ACTOR_ACCOUNT_ID","pattern":"(?!1)"}],[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"}]]}}]}`,
	"secret.json":  `{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf","Name":"x","SecretString":"{\"token\":\"ghp_CANARYCANARYCANARYCANARY\"}"}`,
	"template.yml": "AWSTemplateFormatVersion: x\nResources:\n  T: {Type: 'AWS::CodeBuild::SourceCredential', Properties: {ServerType: GITHUB, AuthType: PERSONAL_ACCESS_TOKEN, Token: CANARY}}\n",
	"main.tf":      "variable \"t\" { default = \"CANARY\" }\nresource \"aws_codebuild_source_credential\" \"t\" {\n  server_type = \"GITHUB\"\n  auth_type = \"PERSONAL_ACCESS_TOKEN\"\n  token = var.t\n}\n",
	"broken.json":  `{"projects":[{"name":"CANARY"`,
}

func report(t *testing.T) (*pipeline.Report, Options) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range inputs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "CANARY", canary)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := read.Files(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	pack, err := check.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Audit(pipeline.Input{Inventory: in.Inventory, Settings: in.Settings, Pack: pack, Engine: "trailhound test", Now: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return r, Options{Pack: pack}
}

// TestNoSecretAndNothingActs renders hostile inputs full of secrets in every form:
// no secret shows, no control character is left, and JSON stays JSON.
func TestNoSecretAndNothingActs(t *testing.T) {
	r, o := report(t)
	fired := map[string]bool{}
	for _, f := range r.Projects[0].Findings {
		fired[f.Check] = true
	}
	if !fired["PG-CR-05"] || !fired["PG-CR-08"] || r.Complete {
		t.Fatalf("the inputs do not test what they should: %v, complete %v", fired, r.Complete)
	}
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := Write(&b, format, r, o); err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		out := b.String()
		if strings.Contains(out, canary) || strings.Contains(strings.ToLower(out), strings.ToLower(canary)) {
			t.Errorf("%s shows a secret", format)
		}
		if strings.ContainsAny(out, "\x1b\u202e") || format != "table" && strings.Contains(out, "<script") {
			t.Errorf("%s holds what acts", format)
		}
		if format != "table" && format != "html" && !json.Valid(b.Bytes()) {
			t.Errorf("%s is no JSON", format)
		}
	}
}

// TestPageIsWellFormed wants the page to be one tree, and nothing in it to point
// outside or run.
func TestPageIsWellFormed(t *testing.T) {
	r, o := report(t)
	var b bytes.Buffer
	if err := Write(&b, "html", r, o); err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`(?i)<(?:script|img|iframe|link|a)\b|\b(?:src|href|on\w+)=`).FindString(b.String()); m != "" {
		t.Errorf("the page holds %q", m)
	}
	if day := r.Made.Format("2006-01-02"); r.Made.IsZero() || !strings.Contains(b.String(), day) {
		t.Errorf("the page does not say that it was made on %s", day)
	}
	if picture := regexp.MustCompile(`viewBox="0 0 \d+ \d+"`); !picture.MatchString(b.String()) {
		t.Error("the page has no picture")
	}
	// The decoder of XML tolerates what is left open: what is opened is counted here.
	d := xml.NewDecoder(&b)
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []string
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if name := tok.Name.Local; !slices.Contains([]string{"meta", "br"}, name) { // of HTML's void elements those that the page has
				open = append(open, name)
			}
		case xml.EndElement:
			if n := len(open); n == 0 || open[n-1] != tok.Name.Local {
				if tok.Name.Local != "br" && tok.Name.Local != "meta" {
					t.Fatalf("%s is closed inside %v", tok.Name.Local, open)
				}
				continue
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v are never closed", open)
	}
}

// TestSARIFAgainstMicrosoftsValidator runs the validator of the format's editors.
// It needs npx and a network, or a cache that has it.
func TestSARIFAgainstMicrosoftsValidator(t *testing.T) {
	npx, err := exec.LookPath("npx")
	if err != nil || testing.Short() {
		t.Skip("SKIPPED, NOT PASSED: npx is missing")
	}
	r, o := report(t)
	var b bytes.Buffer
	if err := Write(&b, "sarif", r, o); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "audit.sarif"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), npx, "--yes", "@microsoft/sarif-multitool@5.7.0", "validate", "audit.sarif", "--output", "found.sarif", "--log", "ForceOverwrite")
	cmd.Dir = dir
	out, runErr := cmd.CombinedOutput()
	data, err := os.ReadFile(filepath.Join(dir, "found.sarif"))
	if err != nil {
		t.Skipf("SKIPPED, NOT PASSED: the validator did not run: %v\n%s", runErr, out)
	}
	var found struct {
		Runs []struct {
			Results []struct {
				RuleID  string `json:"ruleId"`
				Level   string
				Message struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &found); err != nil {
		t.Fatal(err)
	}
	for _, run := range found.Runs {
		for _, res := range run.Results {
			if res.Level == "error" {
				t.Errorf("the validator says %s %s", res.RuleID, res.Message.ID)
			}
		}
	}
}

// TestOCSFAgainstTheSchema holds what is written against the published schema.
func TestOCSFAgainstTheSchema(t *testing.T) {
	r, o := report(t)
	var b bytes.Buffer
	if err := Write(&b, "ocsf", r, o); err != nil {
		t.Fatal(err)
	}
	againstSchema(t, "compliance_finding", b.Bytes())
}

// againstSchema needs Python with ocsf-json-schema and jsonschema.
func againstSchema(t *testing.T, class string, data []byte) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: python3 is missing")
	}
	file := filepath.Join(t.TempDir(), "events.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), python, "testdata/ocsf.py", class, file).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 77 {
		t.Skipf("SKIPPED, NOT PASSED: %s", out)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
