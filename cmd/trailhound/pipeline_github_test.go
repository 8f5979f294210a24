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
