package mend

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
)

func TestText(t *testing.T) {
	const push = "ecr:InitiateLayerUpload ecr:UploadLayerPart"
	for name, c := range map[string]struct{ in, as, from, to, want, why string }{
		"word":               {`{"type":"GITHUB_ACTOR_ACCOUNT_ID"}`, check.AsWord, "GITHUB_ACTOR_ACCOUNT_ID", "ACTOR_ACCOUNT_ID", `{"type":"ACTOR_ACCOUNT_ID"}`, ""},
		"part of a word":     {`GITHUB_MAINTAINERS`, check.AsWord, "GITHUB_MAINTAINER", "GITHUB_MAINTAIN", "", "does not stand there"},
		"twice":              {`a b a`, check.AsWord, "a", "c", "", "more than once"},
		"pattern":            {`pattern: "12|34"`, check.AsWord, "12|34", "^(12|34)$", `pattern: "^(12|34)$"`, ""},
		"auth":               {`{"sourceCredentialsOverride": {"token": "a}b"}, "x": 1}`, check.AsAuth, "sourceCredentialsOverride", "arn:aws:secretsmanager:r:1:secret:s", `{"auth": {"type":"SECRETS_MANAGER","resource":"arn:aws:secretsmanager:r:1:secret:s"}, "x": 1}`, ""},
		"auth is there":      {`{"sourceCredentialsOverride": {"token": "a"}, "auth": {"type": "OAUTH"}}`, check.AsAuth, "sourceCredentialsOverride", "", `{"auth": {"type": "OAUTH"}}`, ""},
		"auth is before":     {`{"auth": {"type": "OAUTH"}, "sourceCredentialsOverride": {"token": "a"}}`, check.AsAuth, "sourceCredentialsOverride", "", `{"auth": {"type": "OAUTH"}}`, ""},
		"no secret":          {`{"sourceCredentialsOverride": {}}`, check.AsAuth, "sourceCredentialsOverride", "", "", "ARN of the secret is not known"},
		"no object":          {`{"sourceCredentialsOverride": 1}`, check.AsAuth, "sourceCredentialsOverride", "arn:x", "", "no object"},
		"JSON list":          {`{"Action": ["ecr:PutImage"]}`, check.AsActions, "ecr:PutImage", push, `{"Action": ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"]}`, ""},
		"a longer name":      {`{"Action": ["ecr:PutImageTagMutability", "ecr:PutImage"]}`, check.AsActions, "ecr:PutImage", push, `{"Action": ["ecr:PutImageTagMutability", "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"]}`, ""},
		"YAML flow":          {"Action: [ecr:PutImage]", check.AsActions, "ecr:PutImage", push, "Action: [ecr:PutImage, ecr:InitiateLayerUpload, ecr:UploadLayerPart]", ""},
		"YAML block":         {"Action:\n  - ecr:PutImage\n", check.AsActions, "ecr:PutImage", push, "Action:\n  - ecr:PutImage\n  - ecr:InitiateLayerUpload\n  - ecr:UploadLayerPart\n", ""},
		"alone":              {`{"Action": "ecr:PutImage"}`, check.AsActions, "ecr:PutImage", push, "", "not in a list"},
		"JSON statement":     {`{"Statement": [{"Effect": "Allow", "Action": ["ecr:PutImage"]}]}`, check.AsStatement, "ecr:PutImage", "ecr:X", `{"Statement": [{"Effect": "Allow", "Action": ["ecr:X"], "Resource": "*"}, {"Effect": "Allow", "Action": ["ecr:PutImage"]}]}`, ""},
		"HCL statement":      {`Statement = [{ Effect = "Allow", Action = ["ecr:PutImage"] }]`, check.AsStatement, "ecr:PutImage", "ecr:X", `Statement = [{ Effect = "Allow", Action = ["ecr:X"], Resource = "*" }, { Effect = "Allow", Action = ["ecr:PutImage"] }]`, ""},
		"YAML statement":     {"Statement:\n  - Effect: Allow\n    Action:\n      - ecr:PutImage\n", check.AsStatement, "ecr:PutImage", "ecr:X", "Statement:\n  - Effect: Allow\n    Action: ecr:X\n    Resource: \"*\"\n  - Effect: Allow\n    Action:\n      - ecr:PutImage\n", ""},
		"statement unlisted": {`{"Statement": {"Action": ["ecr:PutImage"]}}`, check.AsStatement, "ecr:PutImage", "ecr:X", "", "not in a list"},
		"unknown kind":       {"a", "magic", "a", "b", "", "no edit of the kind"},
	} {
		out, made, left := Text([]byte(c.in), []check.Edit{{File: "f", Line: 1, As: c.as, From: c.from, To: c.to}})
		switch {
		case c.why != "" && (made != 0 || len(left) != 1 || !strings.Contains(left[0].Why, c.why) || string(out) != c.in):
			t.Errorf("%s: %q, %d made, left %+v, want it left: %s", name, out, made, left, c.why)
		case c.why == "" && string(out) != c.want:
			t.Errorf("%s:\n%s\nwant\n%s\nleft %+v", name, out, c.want, left)
		}
	}
}

// TestNothingElseChanges holds that edits of one line leave every other line alone,
// whatever stands there.
func TestNothingElseChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringMatching(`[a-z"{}:,\[\] ]{0,20}`), 1, 8).Draw(t, "lines")
		n := rapid.IntRange(1, len(lines)).Draw(t, "line")
		lines[n-1] = "type: " + "WRONG"
		out, made, _ := Text([]byte(strings.Join(lines, "\n")), []check.Edit{{Line: n, As: check.AsWord, From: "WRONG", To: "RIGHT"}})
		lines[n-1] = "type: RIGHT"
		if made != 1 || string(out) != strings.Join(lines, "\n") {
			t.Fatalf("%q", out)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte(`{"a": ["ecr:PutImage"]}`), 1)
	f.Fuzz(func(t *testing.T, data []byte, line int) {
		for _, as := range []string{check.AsWord, check.AsAuth, check.AsActions, check.AsStatement} {
			Text(data, []check.Edit{{Line: line, As: as, From: "ecr:PutImage", To: "ecr:X"}})
		}
	})
}
