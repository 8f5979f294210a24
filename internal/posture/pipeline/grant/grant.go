// Package grant says which actions a role's own policies state, as far as the
// checks ask: is this action allowed somewhere, everywhere, or not. It weighs
// Deny statements that hold everywhere and leaves conditions and boundaries out,
// both to the safe side: what a condition may allow counts as allowed.
package grant

import (
	"slices"
	"strings"

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
	allow, deny []statement
	hole        string // why something may be missing
}

type statement struct {
	actions, not, resources []string
	principals              *model.Node
	conditional             bool
	condition               *model.Node
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
		g.add(d.Body)
	}
	return g
}

// Document reads one policy document.
func Document(n *model.Node) *Grants {
	g := &Grants{}
	if n == nil {
		g.hole = "the policy was not given"
		return g
	}
	g.add(n)
	return g
}

// Hole is why the answer No may be wrong, "" when nothing is missing.
func (g *Grants) Hole() string { return g.hole }

func (g *Grants) add(doc *model.Node) {
	if holes := doc.Holes(1); len(holes) > 0 && g.hole == "" {
		g.hole = holes[0]
	}
	if !doc.Is() {
		return
	}
	for _, s := range doc.Get("Statement").Values() {
		if !s.Is() {
			continue
		}
		st := statement{actions: texts(s.Get("Action")), not: texts(s.Get("NotAction")), resources: texts(s.Get("Resource")), principals: s.Get("Principal"),
			condition: s.Get("Condition"), conditional: s.Get("Condition").Is()}
		if s.Get("NotResource").Is() {
			st.resources = []string{"*"}
		}
		if s.Get("Effect").Text().V == "Deny" {
			g.deny = append(g.deny, st)
		} else {
			g.allow = append(g.allow, st)
		}
	}
}

func texts(n *model.Node) []string {
	var out []string
	for _, v := range n.Values() {
		if t := v.Text(); t.Known() {
			out = append(out, t.V)
		}
	}
	return out
}

// Match says whether a pattern with * and ? fits, without case. It is linear in
// the text times the stars.
func Match(pattern, text string) bool {
	p, t := strings.ToLower(pattern), strings.ToLower(text)
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(p[i:], "*") == ""
}

func (s statement) covers(action string) bool {
	fits := func(p string) bool { return Match(p, action) }
	if len(s.not) > 0 {
		return !slices.ContainsFunc(s.not, fits)
	}
	return slices.ContainsFunc(s.actions, fits)
}

func (s statement) everywhere() bool { return slices.Contains(s.resources, "*") }

// Allows says whether an action is allowed on some resource.
func (g *Grants) Allows(action string) Truth {
	return g.ask(action, func(statement) bool { return true })
}

// Everywhere says whether an action is allowed on every resource.
func (g *Grants) Everywhere(action string) Truth { return g.ask(action, statement.everywhere) }

// On says whether an action is allowed on a resource.
func (g *Grants) On(action, arn string) Truth {
	return g.ask(action, func(s statement) bool {
		return slices.ContainsFunc(s.resources, func(p string) bool { return Match(p, arn) })
	})
}

func (g *Grants) ask(action string, where func(statement) bool) Truth {
	for _, s := range g.deny {
		if !s.conditional && s.everywhere() && s.covers(action) {
			return No
		}
	}
	for _, s := range g.allow {
		if s.covers(action) && where(s) {
			return Yes
		}
	}
	if g.hole != "" {
		return Unknown
	}
	return No
}

// Patterns are the action patterns of all Allow statements, lower case, sorted.
func (g *Grants) Patterns() []string {
	var out []string
	for _, s := range g.allow {
		for _, a := range s.actions {
			out = append(out, strings.ToLower(a))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Resources are the resource patterns on which an action is allowed.
func (g *Grants) Resources(action string) []string {
	var out []string
	for _, s := range g.allow {
		if s.covers(action) {
			out = append(out, s.resources...)
		}
	}
	return out
}

// Trusted lists whom a trust policy lets in, sorted, as kind:value, and whether
// every statement that lets CodeBuild in names the project or account it comes
// from.
func (g *Grants) Trusted() (who []string, bound bool) {
	bound = true
	for _, s := range g.allow {
		if !s.principals.Is() {
			continue
		}
		if s.principals.Fields == nil {
			who = append(who, "AWS:"+s.principals.Text().V)
			continue
		}
		for kind, v := range s.principals.Fields {
			for _, t := range texts(v) {
				who = append(who, kind+":"+t)
				if strings.HasPrefix(t, "codebuild.") && !names(s.condition, "aws:sourcearn", "aws:sourceaccount") {
					bound = false
				}
			}
		}
	}
	slices.Sort(who)
	return slices.Compact(who), bound
}

// Public says whether a resource policy lets everybody in without a condition.
func (g *Grants) Public() bool {
	for _, s := range g.allow {
		if s.conditional || !s.principals.Is() {
			continue
		}
		if s.principals.Text().V == "*" || slices.Contains(texts(s.principals.Get("AWS")), "*") {
			return true
		}
	}
	return false
}

func names(condition *model.Node, keys ...string) bool {
	if !condition.Is() {
		return false
	}
	for _, op := range condition.Fields {
		if !op.Is() {
			continue
		}
		for k := range op.Fields {
			if slices.Contains(keys, strings.ToLower(k)) {
				return true
			}
		}
	}
	return false
}
