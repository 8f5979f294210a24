package github

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
)

const canary = "ghp_c4n4ry"

// fake is a GitHub that has these answers and writes down what it was asked.
type fake struct {
	mu      sync.Mutex
	answers map[string]string
	asked   []string
	busy    int // how often to say so first
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	if r.Header.Get("Authorization") != "Bearer "+canary {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if f.busy > 0 {
		f.busy--
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	path := r.URL.Path
	if p := r.URL.Query().Get("page"); p != "" {
		path += "?page=" + p
	}
	body, ok := f.answers[path]
	switch {
	case body == "REFUSED":
		w.WriteHeader(http.StatusForbidden)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	default:
		if _, more := f.answers[path+"?page=2"]; more {
			w.Header().Set("Link", `<https://elsewhere.example`+path+`?page=2>; rel="next"`)
		}
		_, _ = w.Write([]byte(body))
	}
}

func serve(t *testing.T, f *fake) *Client {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	var waited time.Duration
	c, err := New(srv.URL, canary, func(_ context.Context, d time.Duration) error { waited += d; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func github() *fake {
	return &fake{answers: map[string]string{
		"/repos/acme/app": `{"full_name":"acme/app","private":false,"visibility":"public","allow_forking":true}`,
		"/repos/acme/app/actions/permissions/fork-pr-contributor-approval": `{"approval_policy":"all_external_contributors"}`,
		"/repos/acme/app/hooks":                        `[{"id":7,"active":true,"events":["push"],"url":"https://api.github.com/repos/acme/app/hooks/7","config":{"url":"https://codebuild.example/h","insecure_ssl":"0","secret":"********"}}]`,
		"/repos/acme/app/hooks?page=2":                 `[{"id":8,"active":true,"events":["push"],"config":{"url":"https://other.example","secret":"x"}}]`,
		"/repos/acme/app/hooks/7/deliveries":           `[{"id":70,"guid":"a"},{"id":71,"guid":"b"},{"id":72,"guid":"a"}]`,
		"/repos/acme/app/hooks/7/deliveries/70":        `{"id":70,"guid":"a","delivered_at":"2026-10-01T00:00:00Z","event":"push","request":{"payload":{"ref":"refs/heads/x","sender":{"id":1},"repository":{"name":"app"}}}}`,
		"/repos/acme/app/hooks/7/deliveries/71":        `{"id":71,"guid":"b","delivered_at":"2026-10-01T00:00:00Z","event":"push","request":{"payload":{"ref":"refs/heads/main","sender":{"id":1},"repository":{"name":"app"}}}}`,
		"/user/1":                                      `{"id":1,"login":"kim","type":"User"}`,
		"/repos/acme/app/collaborators/kim/permission": `{"permission":"write"}`,
		"/user/3": `{"id":3,"login":"dep[bot]","type":"Bot"}`,
		"/user/4": `{"id":4,"login":"left","type":"User"}`,
		"/repos/acme/app/collaborators/left/permission": `{"permission":"read"}`,
		"/users/kim":  `{"id":1,"login":"kim","type":"User"}`,
		"/users/acme": `{"id":9,"login":"acme","type":"Organization"}`,
	}}
}

func TestRead(t *testing.T) {
	f := github()
	f.busy = 1
	got, err := Read(t.Context(), serve(t, f), []Wanted{{Repo: "acme/app", Accounts: []string{"1", "2", "3", "4"}, Payload: []string{"https://codebuild.example/h"}, Deliveries: 10},
		{Repo: "acme/secret"}})
	if err != nil {
		t.Fatal(err)
	}
	inv := got.Inventory
	var who []string
	for _, c := range inv.Contributors {
		s := c.ID.V + " " + c.Login.V
		if c.Gone.Or(false) {
			s += " gone"
		}
		if c.Writer.Known() && c.Writer.V {
			s += " writes"
		}
		who = append(who, s)
	}
	if !slices.Equal(who, []string{"1 kim writes", "2 (gone) gone", "3 dep[bot]", "4 left"}) {
		t.Errorf("accounts %q", who)
	}
	if len(inv.Hooks) != 2 || inv.Hooks[0].Repo != "acme/app" || inv.Forks["acme/app"] != "all_external_contributors" {
		t.Errorf("hooks %+v, forks %v", inv.Hooks, inv.Forks)
	}
	if repo, _ := got.Settings.For("https://github.com/acme/app", inv.Forks); repo.Visibility != "public" || repo.Forks != "allowed" {
		t.Errorf("repository %+v", repo)
	}
	if len(inv.Gaps) != 1 || !strings.Contains(inv.Gaps[0].What, "acme/secret") {
		t.Errorf("gaps %+v", inv.Gaps)
	}
	if len(got.Deliveries) != 2 {
		t.Fatalf("%d deliveries", len(got.Deliveries))
	}
	for _, d := range got.Deliveries {
		if list, err := ladder.ReadDeliveries(d); err != nil || len(list) != 1 || list[0].Event != "PUSH" {
			t.Errorf("%s: %v, %v", d, list, err)
		}
	}
	for _, a := range f.asked {
		if !strings.HasPrefix(a, "GET ") {
			t.Errorf("it did more than read: %s", a)
		}
	}
}

func TestRefusedIsAGapAndShowsNoToken(t *testing.T) {
	f := github()
	f.answers["/repos/acme/app/hooks"] = "REFUSED"
	got, err := Read(t.Context(), serve(t, f), []Wanted{{Repo: "acme/app"}})
	if err != nil || len(got.Inventory.Gaps) != 1 || !got.Inventory.Gaps[0].Denied || strings.Contains(got.Inventory.Gaps[0].Why, canary) {
		t.Errorf("%v, %+v", err, got.Inventory.Gaps)
	}
}

func TestIDs(t *testing.T) {
	c := serve(t, github())
	if got, err := IDs(t.Context(), c, []string{"kim", "12", "kim"}); err != nil || !slices.Equal(got, []string{"1", "12"}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"acme", "nobody", "../x"} {
		if got, err := IDs(t.Context(), c, []string{bad}); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
	}
}

func TestOnlyWhatIsListed(t *testing.T) {
	f := github()
	c := serve(t, f)
	for _, path := range []string{"/orgs/acme", "/repos/acme/app/hooks/7/deliveries/70/attempts", "/repos/acme/app/../../user", "/repos/acme/app?x=1", ""} {
		if _, _, err := c.Get(t.Context(), path, nil); err == nil {
			t.Errorf("%s was asked for", path)
		}
	}
	if len(f.asked) != 0 {
		t.Errorf("asked %v", f.asked)
	}
	for _, base := range []string{"http://github.example", "ftp://x", "", "http://10.0.0.1"} {
		if _, err := New(base, canary, nil); err == nil {
			t.Errorf("a token would go to %s", base)
		}
	}
}
