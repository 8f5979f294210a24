package access

import (
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// WhatCan is all that a principal may do at a moment.
type WhatCan struct {
	Principal     string      `json:"principal"`
	ID            string      `json:"id"`
	Session       string      `json:"session,omitempty"` // key or ARN of the session that was asked about
	At            string      `json:"at"`                // RFC 3339; "" if the evidence gives no moment
	Administrator string      `json:"administrator"`
	Classes       []ClassCan  `json:"classes"`
	Grants        []Grant     `json:"grants"`
	Unreadable    []Reasoning `json:"unreadable"` // policies of which nothing can be told
	Assumed       []string    `json:"assumed"`
	Notes         []string    `json:"notes"`
	Evidence      []string    `json:"evidence"`
}

// ClassCan is what a principal has of one privilege class.
type ClassCan struct {
	Class   string      `json:"class"`
	Title   string      `json:"title"`
	Effect  string      `json:"effect"` // the best of its actions
	Actions []ActionCan `json:"actions"`
}

// ActionCan is one action and the resources on which it may be done.
type ActionCan struct {
	Action    string      `json:"action"`
	Effect    string      `json:"effect"`
	Resources []string    `json:"resources"`
	Reasons   []Reasoning `json:"reasons"`
}

// Grant is one statement that allows, and what the other policies leave of it.
type Grant struct {
	Policy     string      `json:"policy"`
	On         string      `json:"on"` // what the policy hangs on: the principal, or a group
	Sid        string      `json:"sid"`
	Actions    []string    `json:"actions"`     // patterns
	NotActions []string    `json:"not_actions"` // all but these
	Resources  []string    `json:"resources"`   // patterns, variables filled in
	Conditions []string    `json:"conditions"`
	Effect     string      `json:"effect"` // allow: all of it; deny: nothing of it; else cannot tell, or a part
	Reasons    []Reasoning `json:"reasons"`
	Evidence   string      `json:"evidence"`
}

// Reasoning is a reason of a decision in the report's form.
type Reasoning struct {
	Text     string `json:"text"`
	Policy   string `json:"policy,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

// reasonings writes reasons as reports do, at most maxReasons; never nil.
func reasonings(list []Reason) []Reasoning {
	out := []Reasoning{}
	for i, r := range list {
		if i == maxReasons {
			break
		}
		out = append(out, Reasoning{r.Text, r.Policy, r.Ref})
	}
	return out
}

// maxReasons bounds the reasons of one answer.
const maxReasons = 5

// WhatCan says what the principal may do: by privilege class, and statement by
// statement.
func (w *World) WhatCan(p *Principal, classes []Class) WhatCan {
	out := WhatCan{Principal: p.ARN, Session: p.session(), ID: p.ID, At: stamp(w.At), Grants: []Grant{}, Classes: []ClassCan{}, Unreadable: []Reasoning{},
		Assumed: w.assumptions(p), Notes: append([]string{}, w.Notes...), Evidence: p.cited()}
	out.Administrator = string(w.everything(p).Effect)
	for _, c := range classes {
		got := ClassCan{Class: c.ID, Title: c.Title, Effect: string(Deny), Actions: []ActionCan{}}
		for _, a := range c.Actions {
			// Without a context: a condition on an address or on MFA makes it "cannot tell".
			d, on := w.Anywhere(p, a, policy.Context{})
			if d.Effect == Deny {
				continue
			}
			if got.Effect != string(Allow) {
				got.Effect = string(d.Effect)
			}
			got.Actions = append(got.Actions, ActionCan{a, string(d.Effect), on, reasonings(d.Reasons)})
		}
		if len(got.Actions) > 0 {
			out.Classes = append(out.Classes, got)
		}
	}
	for i := range p.Identity {
		w.grants(&out, p, &p.Identity[i])
	}
	if p.Missing != "" {
		out.Unreadable = append(out.Unreadable, Reasoning{Text: "what else it may do is not known: " + p.Missing})
	}
	return out
}

// assumptions are what answers about these principals take for granted: control
// policies that the evidence does not place, and session policies of a role that
// was asked about without naming a session. The words are those of Evaluate, once for
// all of them.
func (w *World) assumptions(about ...*Principal) []string {
	kinds := []Kind{}
	for _, kind := range []Kind{SCP, RCP} {
		for _, p := range about {
			if c := w.controls(p.Account, kind); p.Account != w.management && !c.known && !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	out := []string{}
	switch more := more(len(w.history.keys("/control/"))); {
	case len(kinds) == 2:
		out = append(out, "no "+more+string(SCP)+" and no "+more+string(RCP)+" stands against it: none is in the evidence")
	case len(kinds) == 1:
		out = append(out, "no "+more+string(kinds[0])+" stands against it: none is in the evidence")
	}
	if slices.ContainsFunc(about, func(p *Principal) bool { return p.Kind == policy.Role && p.Made == "" }) {
		out = append(out, "no session policy narrows a session: they are seen only in the call that makes it, and a session is named by its key")
	}
	return out
}

// stamp writes a moment; "" for none, also for the second behind no moment at all by
// which undated snapshots are placed.
func stamp(t time.Time) string {
	if t.Year() <= 1 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// grants lists the statements of one policy that allow.
func (w *World) grants(out *WhatCan, p *Principal, from *Policy) {
	if from.Doc == nil {
		out.Unreadable = append(out.Unreadable, Reasoning{from.title() + ": " + from.Problem, from.Name, from.Ref})
		return
	}
	ctx := p.Context()
	for i := range from.Doc.Statements {
		s := &from.Doc.Statements[i]
		if s.Effect != policy.Allow {
			continue
		}
		g := Grant{Policy: from.Name, On: from.On, Sid: s.Sid, Evidence: from.Ref, Actions: []string{}, NotActions: []string{},
			Resources: s.Patterns(&ctx), Conditions: []string{}, Reasons: []Reasoning{}}
		if s.NotActions != nil {
			g.NotActions = s.ActionTexts
		} else {
			g.Actions = s.ActionTexts
		}
		for j := range s.Conditions {
			g.Conditions = append(g.Conditions, s.Conditions[j].String())
		}
		w.judge(&g, p, s)
		out.Grants = append(out.Grants, g)
	}
}

// maxPairs bounds how many pairs of action and resource of one statement are
// decided; beyond, the statement is given as "cannot tell" with that reason.
const maxPairs = 2000

// judge decides every pair of action and resource of a statement.
func (w *World) judge(g *Grant, p *Principal, s *policy.Statement) {
	actions := g.Actions
	// A statement with NotAction allows a set that cannot be listed: it is asked as all
	// actions, which it never allows whole by itself.
	if len(actions) == 0 {
		actions = []string{"*"}
	}
	if len(actions)*len(g.Resources) > maxPairs {
		g.Effect, g.Reasons = string(CannotTell), []Reasoning{{Text: "the statement is too large to be decided pair by pair"}}
		return
	}
	effects := map[Effect]int{}
	for _, a := range actions {
		for _, r := range g.Resources {
			d := w.Decide(p, a, r, policy.Context{})
			effects[d.Effect]++
			if d.Effect != Allow && len(g.Reasons) < maxReasons {
				g.Reasons = append(g.Reasons, reasonings(d.Reasons)...)
			}
		}
	}
	switch {
	case len(effects) == 1 && effects[Allow] > 0:
		g.Effect = string(Allow)
	case len(effects) == 1 && effects[Deny] > 0:
		g.Effect = string(Deny)
	default:
		g.Effect = string(CannotTell)
	}
	g.Reasons = uniqueReasons(g.Reasons)
}

// uniqueReasons drops repetitions; one missing document is the reason of every pair.
func uniqueReasons(list []Reasoning) []Reasoning {
	out := []Reasoning{}
	seen := map[Reasoning]bool{}
	for _, r := range list {
		if !seen[r] && len(out) < maxReasons {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

// everything answers whether the principal may do all there is. Statements that
// allow some of it are no answer to that.
func (w *World) everything(p *Principal) Decision {
	d := w.Decide(p, "*", "*", policy.Context{})
	// That a statement covers a part of everything is no reason to ask.
	if d.Effect == CannotTell {
		d.Reasons = slices.DeleteFunc(d.Reasons, func(r Reason) bool { return r.Part })
	}
	if d.Effect == CannotTell && (d.Partial || len(d.Reasons) == 0) {
		d = Decision{Effect: Deny, Reasons: []Reason{{Text: "no statement allows everything"}}}
	}
	return d
}
