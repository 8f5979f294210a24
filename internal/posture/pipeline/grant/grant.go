// Package grant asks the project's one policy engine, internal/access, what the
// policies of a build's role state: is this action allowed somewhere, everywhere,
// on this. A template's policies have holes and symbols, so each statement is read
// by itself: what is known of the others still counts.
//
// Answers lean to the safe side of an audit: what a condition may allow counts as
// allowed, and boundaries and the organisation's policies are left out, for they are
// changed by others than the role's owner.
package grant

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// Truth is an answer in three values.
type Truth int8

// The answers.
const (
	No Truth = iota
	Yes
	Unknown
)

// Grants are the statements of a role.
type Grants struct {
	policies []access.Policy // one for each statement
	hole     string          // why something may be missing
}

// Of reads a role's policies. A nil role, of which nothing was given, is all holes.
func Of(r *model.Role) *Grants {
	g := &Grants{}
	if r == nil {
		g.hole = "the role was not given"
		return g
	}
	if r.Policies.Unknown() {
		g.hole = r.Policies.Why
	}
	for _, d := range r.Policies.V {
		g.add(access.Identity, d.Body)
	}
	return g
}

// Document reads one policy document of a resource, a trust policy too.
func Document(n *model.Node) *Grants {
	g := &Grants{}
	if n == nil {
		g.hole = "the policy was not given"
		return g
	}
	g.add(access.Resource, n)
	return g
}

// Hole is why the answer No may be wrong, "" when nothing is missing.
func (g *Grants) Hole() string { return g.hole }

func (g *Grants) missing(why string) {
	if g.hole == "" {
		g.hole = why
	}
}

func (g *Grants) add(kind access.Kind, doc *model.Node) {
	if holes := doc.Holes(1); len(holes) > 0 {
		g.missing(holes[0])
	}
	if !doc.Is() {
		return
	}
	version := doc.Get("Version").Text().V
	for _, s := range doc.Get("Statement").Values() {
		if !s.Is() {
			continue
		}
		// A symbol of a template, ${Role.Arn}, is no variable of the policy language:
		// a document without a version has none.
		v := version
		if symbolic(s) {
			v = ""
		}
		text, err := json.Marshal(map[string]any{"Version": v, "Statement": []any{known(s)}})
		if err != nil {
			g.missing("a statement cannot be read")
			continue
		}
		p := access.ParsePolicy(kind, "", text)
		if p.Doc == nil {
			g.missing(p.Problem)
			continue
		}
		g.policies = append(g.policies, p)
	}
}

// symbolic says whether anything below refers to what only a deployment knows.
func symbolic(n *model.Node) bool {
	if !n.Is() {
		return false
	}
	if n.Symbolic || slices.ContainsFunc(n.Items, symbolic) {
		return true
	}
	for _, f := range n.Fields {
		if symbolic(f) {
			return true
		}
	}
	return false
}

// known is a statement without what is not known of its lists. A condition of which
// something is not known becomes one that cannot be told.
func known(s *model.Node) map[string]any {
	out := map[string]any{}
	for key, f := range s.Fields {
		switch {
		case key == "Condition" && len(f.Holes(1)) > 0:
			out[key] = map[string]any{"StringEquals": map[string]any{"trailhound:unknown": "x"}}
		case f.Is():
			if v := kept(f.Plain()); v != nil {
				out[key] = v
			}
		}
	}
	return out
}

// kept drops what Plain made null.
func kept(v any) any {
	switch v := v.(type) {
	case []any:
		return slices.DeleteFunc(v, func(e any) bool { return e == nil })
	case map[string]any:
		for k, e := range v {
			if v[k] = kept(e); v[k] == nil {
				delete(v, k)
			}
		}
	}
	return v
}

// Match says whether a pattern with * and ? fits, without case.
func Match(pattern, text string) bool {
	return policy.NewGlob(strings.ToLower(pattern)).Match(strings.ToLower(text))
}

// Everywhere says whether an action is allowed on every resource.
func (g *Grants) Everywhere(action string) Truth { return g.On(action, "*") }

// On says whether an action is allowed on a resource, which may be a pattern: then
// on all of it.
func (g *Grants) On(action, arn string) Truth {
	d := access.Evaluate(access.Request{Caller: caller, Action: action, Resource: arn}, access.Policies{Identity: g.policies})
	switch {
	case d.Effect == access.Allow, d.Effect == access.CannotTell && !d.Partial:
		return Yes
	case g.hole != "":
		return Unknown
	}
	return No
}

// caller is any role: nothing is asked that depends on which.
var caller = policy.Caller{Kind: policy.Role, ARN: "arn:aws:iam::000000000000:role/build", Account: "000000000000"}

// maxTried bounds the resources that are tried for one action.
const maxTried = 200

// Allows says whether an action is allowed on some resource: those that its
// statements name are tried.
func (g *Grants) Allows(action string) Truth {
	best := g.Everywhere(action)
	request := policy.NewRequest(caller, action, "*", policy.Context{})
	tried := 0
	for i := range g.policies {
		for j := range g.policies[i].Doc.Statements {
			s := &g.policies[i].Doc.Statements[j]
			if best == Yes || s.Effect != policy.Allow || s.MatchesAction(request) == policy.No {
				continue
			}
			for _, arn := range s.Patterns(&policy.Context{}) {
				if tried++; tried > maxTried {
					return best
				}
				if g.On(action, arn) == Yes {
					best = Yes
				}
			}
		}
	}
	return best
}

func (g *Grants) allowing(f func(*policy.Statement)) {
	for i := range g.policies {
		for j := range g.policies[i].Doc.Statements {
			if s := &g.policies[i].Doc.Statements[j]; s.Effect == policy.Allow {
				f(s)
			}
		}
	}
}

// Patterns are the action patterns of all Allow statements, lower case, sorted.
func (g *Grants) Patterns() []string {
	var out []string
	g.allowing(func(s *policy.Statement) {
		for i := range s.Actions {
			out = append(out, strings.ToLower(s.ActionTexts[i]))
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// Trusted lists whom a trust policy lets in, sorted, as kind:value, and whether
// every statement that lets CodeBuild in names the project or account it comes
// from.
func (g *Grants) Trusted() (who []string, bound bool) {
	bound = true
	g.allowing(func(s *policy.Statement) {
		p := s.Principals
		if p == nil {
			return
		}
		if p.Everyone && len(p.AWS) == 0 {
			who = append(who, "AWS:*")
		}
		for kind, list := range map[string][]string{"AWS": p.AWS, "Service": p.Service, "Federated": p.Federated, "CanonicalUser": p.Canonical} {
			for _, v := range list {
				who = append(who, kind+":"+v)
			}
		}
		named := slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool {
			return slices.Contains([]string{"aws:sourcearn", "aws:sourceaccount"}, strings.ToLower(c.Key))
		})
		if slices.ContainsFunc(p.Service, func(v string) bool { return strings.HasPrefix(v, "codebuild.") }) && !named {
			bound = false
		}
	})
	slices.Sort(who)
	return slices.Compact(who), bound
}

// Public says whether a resource policy lets everybody in without a condition.
func (g *Grants) Public() bool {
	public := false
	g.allowing(func(s *policy.Statement) {
		public = public || len(s.Conditions) == 0 && s.Principals != nil && s.Principals.Everyone
	})
	return public
}
