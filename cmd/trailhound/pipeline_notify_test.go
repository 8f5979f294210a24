package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNotices: a weakened webhook is told of once, only when it is asked for, and no
// notice, line or memory holds a secret: neither of the project nor the address.
func TestNotices(t *testing.T) {
	const canary = "c4n4ry"
	var got []string
	answer := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Webhook-Signature"), "v1,") {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		w.WriteHeader(answer)
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
	project := func(filter string) string {
		return `{"projects":[{"name":"web","arn":"arn:aws:codebuild:eu-west-1:111122223333:project/web","source":{"type":"GITHUB","location":"https://u:` + canary + `@github.com/acme/web","buildspec":"version: 0.2\nenv:\n  variables: {T: ` + canary + `}\n"},
"environment":{"environmentVariables":[{"name":"T","value":"` + canary + `"}]},"webhook":{"secret":"` + canary + `","filterGroups":[[{"type":"EVENT","pattern":"` + filter + `"}]]}}]}`
	}
	before, after := write("before.json", project("PUSH")), write("after.json", project("PULL_REQUEST_CREATED"))
	hook, key := write("hook", server.URL+"/"+canary+"\n"), write("key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
	base := filepath.Join(dir, "base.json")
	do := func(code int, args ...string) string {
		t.Helper()
		var out, said bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &said, now: time.Now, host: t.Name, width: 100}
		if got := run(t.Context(), append([]string{"pipeline", "drift"}, args...), a); got != code {
			t.Errorf("%v: %d\n%s%s", args, got, out.String(), said.String())
		}
		if all := out.String() + said.String(); strings.Contains(all, canary) {
			t.Errorf("%v shows a secret:\n%s", args, all)
		}
		return out.String() + said.String()
	}
	do(0, before, "--approve", base)
	tell := []string{after, "--baseline", base, "--notify", "@" + hook, "--notify-key-file", key}
	if out := do(0, tell...); len(got) != 0 || !strings.Contains(out, "would tell 127.0.0.1") || !strings.Contains(out, "[critical] Build project web") {
		t.Errorf("the dry run sent %d:\n%s", len(got), out)
	}
	answer = http.StatusForbidden
	if out := do(1, append(tell, "--send")...); len(got) != 1 || !strings.Contains(out, "failed 127.0.0.1") || !strings.Contains(out, "1 of 1 notices could not be sent") {
		t.Errorf("%d sent:\n%s", len(got), out)
	}
	answer = http.StatusOK
	if out := do(0, append(tell, "--send")...); len(got) != 2 || !strings.Contains(out, "sent 127.0.0.1") {
		t.Errorf("%d sent:\n%s", len(got), out)
	}
	if out := do(0, append(tell, "--send")...); len(got) != 2 || !strings.Contains(out, "told before") {
		t.Errorf("it is told again: %d:\n%s", len(got), out)
	}
	if out := do(0, append(tell, "--format", "json")...); !strings.Contains(out, `"state": "told_before"`) {
		t.Error(out)
	}
	memory, err := os.ReadFile(base + ".notified")
	if all := string(memory) + strings.Join(got, ""); err != nil || strings.Contains(all, canary) {
		t.Errorf("a secret went out: %v %s", err, all)
	}
	// A topic is shown the command, and never published to.
	arn := "arn:aws:sns:eu-west-1:111122223333:alarms"
	if out := do(0, after, "--baseline", base, "--notify", arn); !strings.Contains(out, "aws sns publish --region eu-west-1 --topic-arn "+arn) {
		t.Error(out)
	}
	do(2, after, "--baseline", base, "--notify", arn, "--send")
	do(2, after, "--baseline", base, "--send")
	do(2, after, "--baseline", base, "--notify", "http://hooks.example/"+canary)
	do(1, after, "--baseline", base, "--notify", "@"+filepath.Join(dir, "nowhere"))
	if len(got) != 2 {
		t.Errorf("%d were sent", len(got))
	}
}
