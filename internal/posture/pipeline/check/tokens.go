package check

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// credential is one of the account's source credentials with the projects that fetch
// their code with it.
func (s *Scene) credential(c *model.Credential) *Subject {
	var names []string
	var projects []*model.Project
	open := false
	for _, o := range s.owners {
		if slices.Contains(o.creds, c) {
			names, projects = append(names, o.name()), append(projects, o.Project)
			open = open || o.isOpen()
		}
	}
	v := view{"auth": put(s.r, c.AuthType), "server": put(s.r, c.Server), "projects": notNil(names), "open": open,
		"literal": c.Form.Template() && c.Token.Known() && c.Resource.Absent(), "dynamic": c.Form != model.CloudFormation && strings.Contains(c.Token.V.Reveal(), "{{resolve:")}
	sub := s.subject("credential", "source credential "+model.LastPart(c.ARN.V), c.At, nil, v, map[string]string{"credential": c.ARN.V, "server": c.Server.V, "auth": c.AuthType.V,
		"projects": strings.Join(names[:min(len(names), 8)], ", ")})
	sub.Also = projects
	return sub
}

// least is what a build's token needs.
var least = map[string]string{"contents": "read", "statuses": "write", "metadata": "read"}

// tokenSubject is a token with what it may do beyond need. What a prefix tells is its
// kind alone.
func (s *Scene) tokenSubject(t *model.Token) *Subject {
	var names []string
	var projects []*model.Project
	open := false
	for _, o := range s.owners {
		// Several pieces of evidence about one token are several Tokens of the same
		// For.
		if o.token == t || o.token != nil && o.token.For == t.For {
			names, projects = append(names, o.name()), append(projects, o.Project)
			open = open || o.isOpen()
		}
	}
	extra := any(notNil(broad(t)))
	if len(broad(t)) == 0 && !t.Permissions.Known() && !t.Scopes.Known() {
		why := "a token's prefix does not say what it may do"
		if t.Permissions.Unknown() {
			why = t.Permissions.Why
		} else if t.Evidence == "headers" {
			why = "GitHub's headers do not say what a token of this kind may do; only the organisation or a trial does"
		}
		extra = s.unknown("%s", why)
	}
	v := view{"kind": put(s.r, t.Kind), "extra": extra, "evidence": t.Evidence, "open": open, "never": t.Expires.Absent() && t.Evidence != "prefix" && t.Evidence != "",
		"expires_in": nil, "unused": s.age(t.LastUsed)}
	if age := s.age(t.Expires); age != nil {
		v["expires_in"] = age
		if days, ok := age.(float64); ok {
			// age counts backwards from now; days to come are wanted.
			v["expires_in"] = -days
		}
	}
	sub := s.subject("token", "token of "+t.For, t.At, nil, v, map[string]string{"token": t.For, "kind": t.Kind.V, "evidence": t.Evidence, "projects": strings.Join(names[:min(len(names), 8)], ", ")})
	addList(sub.Words, "extra", extra)
	sub.Also = projects
	return sub
}

// broad lists what a token may do beyond what builds need.
func broad(t *model.Token) []string {
	var out []string
	for _, sc := range t.Scopes.Or(nil) {
		if sc == "repo" || strings.HasPrefix(sc, "admin:") || strings.HasPrefix(sc, "write:") || strings.HasPrefix(sc, "delete_") || sc == "workflow" {
			out = append(out, sc)
		}
	}
	for k, v := range t.Permissions.V { // what a trial found counts, though it is not all
		if want := least[k]; want != v && v != "read" || want == "" && v != "" {
			out = append(out, k+":"+v)
		}
	}
	if t.Selection.V == "all" {
		out = append(out, "every repository")
	}
	slices.Sort(out)
	return out
}
