package access

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// target is one thing that a primitive may act on.
type target struct {
	arn       string
	principal *Principal // if it is one
	policy    *Policy    // own-version: the version; own-denying-…: the policy
	provider  string
	doubt     string // why it may be none
}

// targets lists what a primitive may act on for a principal, in order of name.
func (g *Graph) targets(prim *Primitive, p *Principal) (out []target) {
	switch prim.Target {
	case "none":
		return []target{{}}
	case "self-user", "self-role", "self-bounded":
		kind := map[string]policy.CallerKind{"self-user": policy.User, "self-role": policy.Role, "self-bounded": p.Kind}[prim.Target]
		if p.Kind == kind && (prim.Target != "self-bounded" || p.Boundary != nil) {
			out = append(out, target{arn: p.ARN, principal: p})
		}
	case "own-policy", "own-version":
		return g.ownPolicies(prim, p)
	case "own-denying-policy", "own-denying-inline":
		for i := range p.Identity {
			d := &p.Identity[i]
			if d.On == p.ARN && denies(d) && strings.HasPrefix(d.Name, "arn:") == (prim.Target == "own-denying-policy") {
				out = append(out, target{arn: d.Name, policy: d})
			}
		}
	case "own-group", "other-group":
		for _, group := range g.world.Groups {
			if p.Kind == policy.User && group.Account == p.Account && slices.Contains(p.Groups, group.ARN) == (prim.Target == "own-group") {
				out = append(out, target{arn: group.ARN, principal: group})
			}
		}
	case "user", "role":
		for _, x := range g.world.Principals {
			if string(x.Kind) == prim.Target && !p.isSelf(x) && !x.Linked() {
				out = append(out, target{arn: x.ARN, principal: x})
			}
		}
	case "service-role", "profile-role":
		return g.serviceRoles(prim, p)
	case "federated-role":
		for _, x := range g.world.Principals {
			for _, provider := range x.providers() {
				if strings.HasPrefix(provider, "arn:") && !p.isSelf(x) {
					out = append(out, target{arn: x.ARN, principal: x, provider: provider})
				}
			}
		}
	}
	return out
}

// denies says whether removing the policy could lift a deny.
func denies(p *Policy) bool {
	return p.Doc != nil && slices.ContainsFunc(p.Doc.Statements, func(s policy.Statement) bool { return s.Effect == policy.Deny })
}

// ownPolicies are the customer-managed policies that hang on the principal or
// its groups, or their other versions. AWS's own cannot be changed.
func (g *Graph) ownPolicies(prim *Primitive, p *Principal) (out []target) {
	for i := range p.Identity {
		d := &p.Identity[i]
		m := g.world.policies[d.Name]
		if m == nil || strings.Contains(d.Name, ":iam::aws:") || slices.ContainsFunc(out, func(t target) bool { return t.arn == d.Name }) {
			continue
		}
		if prim.Target == "own-policy" {
			out = append(out, target{arn: d.Name})
			continue
		}
		for j := range m.Versions {
			out = append(out, target{arn: d.Name, policy: &m.Versions[j]})
		}
	}
	return out
}

// serviceRoles are the roles that a service can be given.
func (g *Graph) serviceRoles(prim *Primitive, p *Principal) (out []target) {
	for _, x := range g.world.Principals {
		if x.Kind != policy.Role || x.Account != p.Account || p.isSelf(x) || x.Linked() {
			continue
		}
		var ctx policy.Context
		// Trust policies of service roles are often bound to their own account, against the
		// confused deputy; a service that is handed the role acts for that account.
		ctx.Set("aws:SourceAccount", x.Account)
		for _, service := range prim.Service {
			d := Evaluate(Request{Caller: policy.Caller{Kind: policy.Service, Service: service}, Action: "sts:AssumeRole", Resource: x.ARN, Context: ctx},
				Policies{Resource: []Policy{*x.Trust}, ResourceKnown: true})
			t := target{arn: x.ARN, principal: x}
			if d.Effect == CannotTell {
				t.doubt = "whether the role trusts " + service + ": " + d.Reasons[0].Text
			}
			if d.Effect != Deny {
				out = append(out, t)
				break
			}
		}
	}
	return out
}

// providers are the identity providers that a role trusts.
func (p *Principal) providers() (out []string) {
	if p.Trust == nil || p.Trust.Doc == nil {
		return nil
	}
	for i := range p.Trust.Doc.Statements {
		if s := &p.Trust.Doc.Statements[i]; s.Effect == policy.Allow && s.Principals != nil {
			out = append(out, s.Principals.Federated...)
		}
	}
	return out
}

// gain is the principal that there is after the primitive.
// It is judged by policies alone: that a new version or a new key takes effect is taken
// for granted, and what else it takes is in the primitive's unseen.
func (g *Graph) gain(prim *Primitive, p *Principal, t *target) *node {
	switch prim.Gains {
	case "administrator":
		return administrator(p.Account)
	case "itself":
		return g.settle(p.changed("with any policy", func(c *Principal) { c.add(everything(p.ARN)) }))
	case "version":
		return g.settle(p.changed("with "+t.policy.Name, func(c *Principal) {
			c.drop(t.arn)
			v := *t.policy
			v.On = p.ARN
			c.add(v)
		}))
	case "unbounded":
		return g.settle(p.changed("without its boundary", func(c *Principal) { c.Boundary = nil }))
	case "undenied":
		return g.settle(p.changed("without "+t.policy.Name, func(c *Principal) { c.drop(t.policy.Name) }))
	case "target-anything":
		return g.settle(t.principal.changed("with any policy", func(c *Principal) { c.add(everything(c.ARN)) }))
	}
	if prim.Target == "other-group" {
		return g.settle(p.changed("in "+t.arn, func(c *Principal) { c.Identity = append(c.Identity, t.principal.Identity...) }))
	}
	return g.settle(&node{key: t.arn, p: t.principal})
}

var everythingDoc = ParsePolicy(Identity, "a policy it writes", []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`))

func everything(on string) Policy {
	p := everythingDoc
	p.On = on
	return p
}

// changed is the principal with other policies; the original stays.
func (p *Principal) changed(how string, change func(*Principal)) *node {
	c := *p
	c.Identity = slices.Clone(p.Identity)
	change(&c)
	return &node{key: p.label() + " " + how, p: &c}
}

func (p *Principal) add(d Policy) { p.Identity = append(p.Identity, d) }

func (p *Principal) drop(name string) {
	p.Identity = slices.DeleteFunc(p.Identity, func(d Policy) bool { return d.Name == name })
}
