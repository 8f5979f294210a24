package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGitHubAnswersThePlan asks a GitHub of our own: who is on the list, and which
// deliveries would no longer have run.
func TestGitHubAnswersThePlan(t *testing.T) {
	answers := map[string]string{
		"/repos/acme/app":                               `{"full_name":"acme/app","private":false,"visibility":"public","allow_forking":true}`,
		"/repos/acme/app/hooks":                         `[{"id":7,"active":true,"events":["push","pull_request"],"url":"https://api.github.com/repos/acme/app/hooks/7","config":{"url":"https://codebuild.example/h","insecure_ssl":"0","secret":"********"}}]`,
		"/repos/acme/app/hooks/7/deliveries":            `[{"id":70,"guid":"g-70"}]`,
		"/repos/acme/app/hooks/7/deliveries/70":         `{"id":70,"guid":"g-70","delivered_at":"2026-10-01T00:00:00Z","event":"pull_request","request":{"payload":{"action":"opened","pull_request":{"head":{"ref":"x","repo":{"full_name":"eve/app"}},"base":{"ref":"main","repo":{"full_name":"acme/app"}}},"sender":{"id":666},"repository":{"name":"app","full_name":"acme/app"}}}}`,
		"/user/4":                                       `{"id":4,"login":"left","type":"User"}`,
		"/repos/acme/app/collaborators/left/permission": `{"permission":"read"}`,
		"/users/kim":                                    `{"id":17,"login":"kim","type":"User"}`,
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if r.Method != http.MethodGet || r.Header.Get("Authorization") != "Bearer t0ken-canary" {
			t.Errorf("%s %s with %q", r.Method, r.URL, r.Header.Get("Authorization"))
		}
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(body))
	}))
	defer srv.Close()
	dir := t.TempDir()
	token, projects := filepath.Join(dir, "token"), filepath.Join(dir, "projects.json")
	if os.WriteFile(token, []byte("t0ken-canary\n"), 0o600) != nil || os.WriteFile(projects, []byte(`{"projects":[
{"name":"open","source":{"type":"GITHUB","location":"https://github.com/acme/app"},"webhook":{"payloadUrl":"https://codebuild.example/h","filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"}]]}},
{"name":"listed","source":{"type":"GITHUB","location":"https://github.com/acme/app"},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED"},{"type":"ACTOR_ACCOUNT_ID","pattern":"^(4)$"}]]}}]}`), 0o600) != nil {
		t.Fatal("write")
	}
	do := func(args ...string) string {
		t.Helper()
		var out, said bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &said, now: time.Now, host: t.Name, width: 100}
		if code := run(t.Context(), append(args, "--github", "--github-url", srv.URL, "--github-token-file", token), a); code != 0 {
			t.Errorf("%v: %d\n%s%s", args, code, out.String(), said.String())
		}
		if strings.Contains(out.String()+said.String(), "t0ken-canary") {
			t.Errorf("%v shows the token", args)
		}
		return out.String()
	}
	if out := do("pipeline", "audit", projects); !strings.Contains(out, "PG-WH-16 medium") || !strings.Contains(out, "4 cannot write") {
		t.Errorf("the account that cannot write is not told:\n%s", out)
	}
	if out := do("pipeline", "plan", projects, "--project", "open", "--rung", "3", "--contributors", "kim", "--force"); !strings.Contains(out, "^17$") && !strings.Contains(out, "^(17)$") || !strings.Contains(out, "1 would no longer run") || !strings.Contains(out, "g-70") {
		t.Errorf("the plan:\n%s", out)
	}
}

// TestTokensAreJudged: the token of a secret is asked about by itself. What it is
// found to reach is a finding; what nobody can tell is undecided; it is shown nowhere.
func TestTokensAreJudged(t *testing.T) {
	const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-AbCdEf"
	hooks := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		build := r.Header.Get("Authorization") == "Bearer github_pat_t0ken-canary"
		switch {
		case r.URL.Path == "/repos/acme/app" && !build:
			_, _ = w.Write([]byte(`{"full_name":"acme/app","private":true,"visibility":"private"}`))
		case r.URL.Path == "/repos/acme/app/hooks" && (hooks || !build):
			_, _ = w.Write([]byte("[]"))
		case r.URL.Path == "/rate_limit" && build:
			_, _ = w.Write([]byte("{}"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	projects := write("projects.json", `{"projects":[{"name":"app","source":{"type":"GITHUB","location":"https://github.com/acme/app","auth":{"type":"SECRETS_MANAGER","resource":"`+secret+`"}},"webhook":{"filterGroups":[[{"type":"EVENT","pattern":"PUSH"}]]}}]}`)
	ours, theirs := write("ours", "t0ken-canary-ours"), write("theirs", "github_pat_t0ken-canary\n")
	do := func(code int, args ...string) string {
		t.Helper()
		var out, said bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &said, now: time.Now, host: t.Name, width: 100}
		if got := run(t.Context(), append([]string{"pipeline", "audit", projects, "--format", "json"}, args...), a); got != code {
			t.Errorf("%v: %d\n%s", args, got, said.String())
		}
		if strings.Contains(out.String()+said.String(), "t0ken-canary") {
			t.Errorf("%v shows a token", args)
		}
		return out.String()
	}
	ask := []string{"--github", "--github-url", server.URL, "--github-token-file", ours, "--token-file", secret + "=" + theirs}
	if out := do(0, ask...); !strings.Contains(out, "headers do not say what a token of this kind may do") || !strings.Contains(out, `"check": "PG-CR-04"`) {
		t.Errorf("a token that never expires and that nobody can tell of:\n%s", out)
	}
	if out := do(0, append(ask, "--try-tokens")...); !strings.Contains(out, "trying tells what a token can read") {
		t.Errorf("nothing found is taken for nothing there:\n%s", out)
	}
	hooks = true
	if out := do(0, append(ask, "--try-tokens")...); !strings.Contains(out, "(probe) may also do: repository_hooks:read") {
		t.Errorf("what was found:\n%s", out)
	}
	do(2, "--token-file", secret+"="+theirs)
	do(2, "--github", "--github-token-file", ours, "--token-file", "github_pat_t0ken-canary")
}
