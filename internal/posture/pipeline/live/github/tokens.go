package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// What a token may do is told at four levels, each by what it is known from: its
// prefix says the kind; the headers of any answer to it say scopes and expiry, but
// scopes only of classic and OAuth tokens; the organisation says the permissions of
// fine-grained ones, to a GitHub App; and trying says what it can read. A fine-grained
// token that only was tried may be able to do more than was found, so then it is not
// known that it cannot. Source: GitHub REST API reference, 2022-11-28.

// Token is a token that GitHub is asked about, by itself.
type Token struct {
	For    string   // ARN or name of the credential or secret that holds it
	Client *Client  // that asks with it
	Try    []string // repositories to try it on, owner/name; none: it is not tried
}

// tried are the permissions that a GET tells of, even on a public repository, where
// most of what there is can be read without any.
var tried = []struct{ permission, path string }{
	{"administration", "/actions/permissions"}, {"repository_hooks", "/hooks"}, {"secrets", "/actions/secrets"},
	{"actions_variables", "/actions/variables"}, {"dependabot_secrets", "/dependabot/secrets"},
}

// maxTried bounds the repositories that one token is tried on.
const maxTried = 10

// Tokens asks GitHub about tokens. One that GitHub refuses is a gap. Nothing that is
// returned holds a token.
func Tokens(ctx context.Context, list []Token) *model.Inventory {
	inv := &model.Inventory{}
	for _, t := range list {
		// /rate_limit needs no permission and counts against no limit, and its
		// headers tell what every answer's do.
		_, h, err := t.Client.ask(ctx, "/rate_limit", nil)
		if err != nil {
			var s *Status
			inv.Gaps = append(inv.Gaps, model.Gap{What: "what the token of " + t.For + " may do", At: "GitHub", Why: err.Error(), Denied: errors.As(err, &s) && s.Code == http.StatusUnauthorized})
			continue
		}
		tok := told(t, h)
		if !tok.Scopes.Known() && len(t.Try) > 0 {
			t.try(ctx, tok)
		}
		inv.Tokens = append(inv.Tokens, tok)
	}
	return inv
}

// told is what prefix and headers tell.
func told(t Token, h http.Header) *model.Token {
	tok := &model.Token{At: model.Location{File: "GitHub /rate_limit"}, For: t.For, Evidence: "headers"}
	kind := read.TokenKind(t.Client.token)
	if kind != "" {
		tok.Kind = model.Of(kind)
	}
	// The header may be there and empty: a classic token without scopes, which is
	// known to be able to do little. Without the header nothing is known.
	if scopes, ok := h[http.CanonicalHeaderKey("X-OAuth-Scopes")]; ok {
		tok.Scopes = model.Of(strings.FieldsFunc(strings.Join(scopes, ","), func(r rune) bool { return r == ',' || r == ' ' }))
	}
	end := h.Get("GitHub-Authentication-Token-Expiration")
	switch at, err := expiry(end); {
	case end != "" && err == nil:
		tok.Expires = model.Of(at)
	case end == "" && (kind == "classic" || kind == "fine-grained"): // then it is never
	default:
		tok.Expires = model.Cannot[time.Time]("GitHub does not say when it expires")
	}
	return tok
}

// expiry reads the header, which GitHub writes in UTC or with an offset.
func expiry(s string) (time.Time, error) {
	at, err := time.Parse("2006-01-02 15:04:05 MST", s)
	if err != nil {
		at, err = time.Parse("2006-01-02 15:04:05 -0700", s)
	}
	return at, err
}

// try asks for what each permission opens. What is answered is permitted; what is not
// may be hidden, or the permission may be for writing alone.
func (t *Token) try(ctx context.Context, tok *model.Token) {
	found := map[string]string{}
	for _, repo := range t.Try[:min(len(t.Try), maxTried)] {
		for _, p := range tried {
			if found[p.permission] != "" {
				continue
			}
			if _, _, err := t.Client.ask(ctx, "/repos/"+repo+p.path, url.Values{"per_page": {"1"}}); err == nil {
				found[p.permission] = "read"
			}
		}
	}
	tok.Evidence = "probe"
	// Unknown with a value: what was found is certain, and whether there is more is
	// not.
	tok.Permissions = model.Value[map[string]string]{State: model.Unknown, V: found, Why: "trying tells what a token can read, and not what else it may do"}
}

// OrgTokens asks organisations which fine-grained tokens may reach into them. Only a
// GitHub App may ask; whoever may not has a gap.
func OrgTokens(ctx context.Context, api API, orgs []string) *model.Inventory {
	r := &reader{api: api}
	for _, org := range orgs {
		query := url.Values{"per_page": {"100"}}
		for page := 0; ; page++ {
			if page == maxPages {
				r.gap("the fine-grained tokens of "+org, errMore)
				break
			}
			body, next, err := api.Get(ctx, "/orgs/"+org+"/personal-access-tokens", query)
			if err != nil {
				r.gap("the fine-grained tokens of "+org, fmt.Errorf("%w; only a GitHub App may ask", err))
				break
			}
			var list []json.RawMessage
			if json.Unmarshal(body, &list) == nil && len(list) > 0 {
				r.answers = append(r.answers, read.Answer{Name: "GitHub tokens of " + org, Data: body})
			}
			if query = next; query == nil {
				break
			}
		}
	}
	inv := read.Answers(r.answers).Inventory
	inv.Gaps = append(r.gaps, inv.Gaps...)
	return inv
}
