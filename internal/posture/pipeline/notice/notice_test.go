package notice

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
)

var now = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

func clean(s string) string { return strings.ReplaceAll(s, "\x1b", "") }

func alert(after string) drift.Alert {
	c := drift.Change{Account: "111122223333", Region: "eu-west-1", Project: "web", By: "arn:aws:sts::111122223333:assumed-role/x/<!channel>\x1b", From: "203.0.113.9", Event: "e1"}
	c.Path, c.Before, c.After, c.Effect, c.Why = "webhook", "old", after, drift.Weakens, "anybody gets in"
	return drift.Alert{Change: c, Severity: "critical"}
}

// TestKeyTellsTheState: project, what was looked at and what it became make the key;
// who did it and when do not.
func TestKeyTellsTheState(t *testing.T) {
	base := alert("x")
	same, other, project, check := alert("x"), alert("y"), alert("x"), alert("x")
	same.Change.By, same.Change.Event, same.Change.At, same.Change.Before = "somebody else", "e2", now, "older"
	project.Change.Project, check.Change.Path = "app", "serviceRole"
	list := Make([]drift.Alert{base, same, other, project, check}, now, clean)
	if list[0].Key != list[1].Key {
		t.Error("the same state has two keys")
	}
	for i, n := range list[2:] {
		if n.Key == list[0].Key {
			t.Errorf("%d: another state has the same key", i)
		}
	}
}

// TestNoticeSaysNoValues: what stood and stands in the project does not go out, and
// text of the intruder's neither mentions nor links nor moves the cursor.
func TestNoticeSaysNoValues(t *testing.T) {
	a := alert(`{"secret":"c4n4ry"}`)
	a.Change.Before = "c4n4ry"
	n := Make([]drift.Alert{a}, now, clean)[0]
	body, err := n.Body()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "c4n4ry") || strings.Contains(n.Text, "<!channel>") || strings.Contains(string(body), "\x1b") {
		t.Errorf("%s", body)
	}
	if !strings.Contains(n.Text, "[critical] Build project web in eu-west-1 of 111122223333: anybody gets in (webhook), by arn:aws:sts::") {
		t.Error(n.Text)
	}
}

// key is that of the example in the Standard Webhooks specification.
const key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// TestSignatureIsTheStandards holds the signature against the specification's example.
func TestSignatureIsTheStandards(t *testing.T) {
	s, err := NewSender("https://hooks.example/x", key, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := sign(s.key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}

// receiver answers by turns and keeps what came.
type receiver struct {
	answers []int
	got     []*http.Request
	bodies  []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.got, r.bodies = append(r.got, req), append(r.bodies, string(body))
	code := r.answers[min(len(r.got), len(r.answers))-1]
	w.Header().Set("Retry-After", "7")
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(code)
}

func TestSend(t *testing.T) {
	for _, c := range []struct {
		answers []int
		calls   int
		fails   bool
		waits   time.Duration
	}{
		{[]int{200}, 1, false, 0},
		{[]int{204}, 1, false, 0},
		{[]int{429, 200}, 2, false, 7 * time.Second},
		{[]int{500, 503, 500}, 3, true, 14 * time.Second},
		{[]int{404}, 1, true, 0},
		{[]int{302, 200}, 1, true, 0}, // followed nowhere
	} {
		r := &receiver{answers: c.answers}
		server := httptest.NewServer(r)
		waited := time.Duration(0)
		s, err := NewSender(server.URL+"/s3cr3t", key, func() time.Time { return now }, func(_ context.Context, d time.Duration) error { waited += d; return nil })
		if err != nil {
			t.Fatal(err)
		}
		n := Make([]drift.Alert{alert("x")}, now, clean)[0]
		err = s.Send(t.Context(), &n)
		server.Close()
		if (err != nil) != c.fails || len(r.got) != c.calls || waited != c.waits {
			t.Errorf("%v: %v after %d calls and %s", c.answers, err, len(r.got), waited)
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("the error repeats the address: %v", err)
		}
		h := r.got[0].Header
		if h.Get("Webhook-Id") != n.Key || h.Get("Webhook-Timestamp") != "1793613600" || h.Get("Webhook-Signature") != sign(s.key, n.Key, "1793613600", []byte(r.bodies[0])) || !json.Valid([]byte(r.bodies[0])) {
			t.Errorf("%v %s", h, r.bodies[0])
		}
	}
}

func TestUnreachableKeepsTheAddress(t *testing.T) {
	s, err := NewSender("http://127.0.0.1:1/s3cr3t", "", time.Now, func(context.Context, time.Duration) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	n := Make([]drift.Alert{alert("x")}, now, clean)[0]
	if err := s.Send(t.Context(), &n); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Error(err)
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	for _, bad := range []string{"", "hooks.example", "http://hooks.example/x", "ftp://hooks.example", "https://me:pw@hooks.example", "http://10.0.0.1"} {
		if _, err := NewSender(bad, "", nil, nil); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, bad := range []string{"whsec_", "x", "whsec_AAAA"} {
		if _, err := NewSender("https://hooks.example", bad, nil, nil); err == nil && bad != "" {
			t.Errorf("the key %s is taken", bad)
		}
	}
	// What a name resolves to is looked at when it is called.
	for address, ok := range map[string]bool{"169.254.169.254:80": false, "[fe80::1]:443": false, "[::ffff:169.254.170.2]:80": false, "[fd00:ec2::254]:80": false, "0.0.0.0:443": false, "224.0.0.1:1": false, "x": false,
		"203.0.113.9:443": true, "10.1.2.3:443": true} {
		if err := reachable(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	s, err := NewSender("https://169.254.169.254/latest", "", time.Now, func(context.Context, time.Duration) error { return errors.New("no") })
	if err != nil {
		t.Fatal(err)
	}
	n := Make([]drift.Alert{alert("x")}, now, clean)[0]
	if err := s.Send(t.Context(), &n); err == nil {
		t.Error("the metadata service was called")
	}
}

func TestTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "told")
	told, err := OpenTold(path)
	if err != nil || told.Knows("h", "k") {
		t.Fatal(err)
	}
	if err := told.Add("h", "k", now); err != nil || !told.Knows("h", "k") || told.Knows("other", "k") {
		t.Error(err)
	}
	data, _ := os.ReadFile(path)
	if err := os.WriteFile(path, append(data, `{"key":"cut`...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"k", "k2"} { // also behind a line that a crash cut off
		again, err := OpenTold(path)
		if err != nil || !again.Knows("h", k) {
			t.Errorf("%s: %v", k, err)
		}
		if err := again.Add("h", "k2", now); err != nil {
			t.Error(err)
		}
	}
	if _, err := OpenTold(t.TempDir()); err == nil {
		t.Error("a folder is no memory")
	}
}
