package github

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// kinds are tokens of every kind with what a GitHub of our own answers to them.
var kinds = []struct {
	token, scopes, expires string   // headers; scopes "-" for no such header
	may                    []string // paths that are answered; the rest is hidden
	want                   string   // kind, scopes, permissions found, when it expires
}{
	{"ghp_c4n4ry", "repo, admin:repo_hook", "-", nil, "classic [repo admin:repo_hook] map[] never"},
	{"ghp_c4n4ry2", "", "2026-12-01 00:00:00 UTC", nil, "classic [] map[] 2026-12-01"},
	{"gho_c4n4ry", "repo:status", "-", nil, "oauth [repo:status] map[] unknown"},
	{"ghu_c4n4ry", "-", "2026-11-02 18:00:00 +0200", nil, "app user ? map[] 2026-11-02"},
	{"ghs_c4n4ry", "-", "-", []string{"/repos/acme/app/hooks"}, "app ? map[repository_hooks:read] unknown"},
	{"github_pat_c4n4ry", "-", "2027-01-01 00:00:00 UTC", []string{"/repos/acme/app/actions/secrets", "/repos/acme/site/actions/permissions"}, "fine-grained ? map[administration:read secrets:read] 2027-01-01"},
	{"github_pat_c4n4ry2", "-", "-", nil, "fine-grained ? map[] never"},
	{"c4n4ry", "-", "-", nil, " ? map[] unknown"},
}

// TestTokenKinds: what prefix, headers and trying tell of each kind, and no token in
// what comes out.
func TestTokenKinds(t *testing.T) {
	for _, k := range kinds {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.Header.Get("Authorization") != "Bearer "+k.token {
				t.Errorf("%s %v", r.Method, r.Header)
			}
			if k.scopes != "-" {
				w.Header().Set("X-OAuth-Scopes", k.scopes)
			}
			if k.expires != "-" {
				w.Header().Set("github-authentication-token-expiration", k.expires)
			}
			for _, p := range append(k.may, "/rate_limit") {
				if r.URL.Path == p {
					fmt.Fprint(w, "{}")
					return
				}
			}
			w.WriteHeader(http.StatusNotFound)
		}))
		c, err := New(server.URL, k.token, nil)
		if err != nil {
			t.Fatal(err)
		}
		inv := Tokens(t.Context(), []Token{{For: "arn", Client: c, Try: []string{"acme/app", "acme/site"}}})
		server.Close()
		if len(inv.Gaps) > 0 || len(inv.Tokens) != 1 {
			t.Fatalf("%s: %+v", k.token, inv)
		}
		tok := inv.Tokens[0]
		scopes, until := "?", "unknown"
		if tok.Scopes.Known() {
			scopes = fmt.Sprint(tok.Scopes.V)
		}
		if tok.Expires.Known() {
			until = tok.Expires.V.UTC().Format(time.DateOnly)
		} else if tok.Expires.Absent() {
			until = "never"
		}
		if got := fmt.Sprint(tok.Kind.V, " ", scopes, " ", tok.Permissions.V, " ", until); got != k.want {
			t.Errorf("%s: %s, want %s", k.token, got, k.want)
		}
		if tok.Permissions.Known() {
			t.Errorf("%s: trying is taken for all there is", k.token)
		}
		if strings.Contains(fmt.Sprintf("%+v", *tok), "c4n4ry") {
			t.Errorf("%s comes out", k.token)
		}
	}
}

func TestTokenThatIsRevoked(t *testing.T) {
	f := github()
	c := serve(t, f)
	c.token = "ghp_c4n4ry_other"
	inv := Tokens(t.Context(), []Token{{For: "arn", Client: c}})
	if len(inv.Tokens) != 0 || len(inv.Gaps) != 1 || !inv.Gaps[0].Denied || strings.Contains(fmt.Sprintf("%+v", inv.Gaps), "c4n4ry") {
		t.Errorf("%+v", inv)
	}
}

// TestOrganisationsTokens: every page is read, the declared name says whose a token is,
// and who may not ask has a gap.
func TestOrganisationsTokens(t *testing.T) {
	one := func(name string) string {
		return `[{"id":1,"token_name":"` + name + `","repository_selection":"all","permissions":{"repository":{"contents":"write"}},"token_expires_at":null,"token_last_used_at":"2026-10-01T00:00:00Z"}]`
	}
	f := github()
	f.answers["/orgs/acme/personal-access-tokens"], f.answers["/orgs/acme/personal-access-tokens?page=2"] = one("build"), one("other")
	f.answers["/orgs/empty/personal-access-tokens"] = "[]"
	f.answers["/orgs/closed/personal-access-tokens"] = "REFUSED"
	inv := OrgTokens(t.Context(), serve(t, f), []string{"acme", "closed", "empty"})
	(&read.Settings{Tokens: []read.DeclaredToken{{For: "arn:secret", Name: "build"}}}).Link(inv)
	if len(inv.Tokens) != 2 || inv.Tokens[0].For != "arn:secret" || inv.Tokens[0].Permissions.V["contents"] != "write" || inv.Tokens[1].For != "other" {
		t.Errorf("%+v", inv.Tokens)
	}
	if len(inv.Gaps) != 1 || !inv.Gaps[0].Denied || !strings.Contains(inv.Gaps[0].What, "closed") {
		t.Errorf("%+v", inv.Gaps)
	}
}
