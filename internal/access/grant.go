package access

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// layer is one set of policies that the caller's side must pass.
type layer struct {
	kind    Kind
	answer  policy.Answer
	reasons []Reason
}

// granted decides what is left once nothing denies and the organisation allows.
// Within one account there are two ways to an allow: the caller's own side, or a grant
// of the resource's policy, which may pass over some layers of the caller's side. Each
// is tried by itself and the best answer counts, so a grant never takes away.
func (e *evaluation) granted() policy.Answer {
	grants := e.grants()
	if !e.hasIdentity() && e.req.Caller.Kind != policy.Root {
		return e.byResourceOnly(grants)
	}
	own := e.ownSide()
	if e.cross {
		return e.bothSides(own, grants)
	}
	// Where the resource's policy must allow, the caller's own side alone is no way.
	must := e.resourceMust()
	best := policy.Answer{}
	var reasons []Reason
	consider := func(a policy.Answer, r []Reason) {
		if a.Truth == policy.Yes && best.Truth != policy.Yes {
			best, reasons = a, r
		} else if a.Truth == policy.Unknown && best.Truth != policy.Yes {
			best, reasons = best.Or(a), append(reasons, r...)
		}
	}
	if !must {
		consider(passed(own))
	}
	for _, g := range grants {
		a, r := passed(append(e.stillAsked(g.by, own), layer{Resource, g.answer, []Reason{g.reason}}))
		consider(a, r)
	}
	// No trust or key policy is known, and there must be one: what the caller's side
	// allows stays open on it.
	if must && !e.ps.ResourceKnown && len(e.ps.Resource) == 0 {
		consider(passed(slices.Concat(own, []layer{e.missingResource()})))
	}
	if !e.ps.ResourceKnown && (must || hasResourcePolicies(e.req.Action)) {
		does := "grants or denies"
		if best.Truth == policy.Yes {
			does = "denies"
		}
		e.assumed = append(e.assumed, "no resource policy "+does+" it: none of the resource is in the evidence")
	}
	e.reasons, e.onlyPart = reasons, best.Part
	if best.Truth == policy.No {
		e.reasons = e.why(own, must, grants)
	}
	return best
}

// passed joins layers that all must allow: what fails, what is open, or who
// allowed.
// Reasons are those of the outcome: for an open answer, what is open.
func passed(layers []layer) (policy.Answer, []Reason) {
	answer := policy.Answer{Truth: policy.Yes}
	var open, allowed []Reason
	for _, l := range layers {
		answer = answer.And(l.answer)
		if l.answer.Truth == policy.Unknown {
			open = append(open, l.reasons...)
		} else {
			allowed = append(allowed, l.reasons...)
		}
	}
	if answer.Truth == policy.Unknown {
		return answer, open
	}
	return answer, allowed
}

// ownSide are the layers of the caller: identity policies, then boundary and
// session policies if there are any.
func (e *evaluation) ownSide() []layer {
	if e.req.Caller.Kind == policy.Root {
		return []layer{{Identity, policy.Answer{Truth: policy.Yes}, []Reason{{Text: "the root user may do everything in its account"}}}}
	}
	var out []layer
	add := func(kind Kind, list []Policy) {
		a, r := e.allows(list)
		out = append(out, layer{kind, a, r})
	}
	add(Identity, e.ps.Identity)
	if e.ps.Boundary != nil {
		add(Boundary, e.ps.Boundary)
	}
	if e.ps.Session != nil || e.req.Caller.Kind == policy.FederatedUser {
		add(Session, e.ps.Session)
	}
	return out
}

// stillAsked are the layers of the caller that a grant of the resource's own
// account does not pass over. Source: IAM User Guide, "How AWS enforcement code
// logic evaluates requests", resource-based policies within one account.
func (e *evaluation) stillAsked(by policy.Grant, own []layer) (out []layer) {
	for _, l := range own {
		switch {
		case by == policy.BySession:
			continue // nothing implicit stands against a grant to the session
		case by == policy.ByUser && (e.req.Caller.Kind != policy.FederatedUser || l.kind != Session):
			continue // but the session policies of a federated user do
		case by == policy.ByRole && l.kind == Identity:
			continue
		case by == policy.ByEveryone && l.kind == Identity:
			continue
		case by == policy.ByEveryone && l.answer.Truth == policy.No:
			l.answer = policy.Answer{Truth: policy.Unknown, Why: "undocumented"}
			l.reasons = []Reason{{Text: "the resource policy allows everyone but the " + string(l.kind) + " does not allow it, and AWS does not document which of the two counts"}}
		}
		out = append(out, l)
	}
	return out
}

// grant is one statement of a resource policy with how it names the caller: by that
// AWS decides which layers of the caller are still asked.
type grant struct {
	by     policy.Grant
	answer policy.Answer
	reason Reason
}

// grants are the statements of resource policies that allow or may allow.
func (e *evaluation) grants() (out []grant) {
	for i := range e.ps.Resource {
		p := &e.ps.Resource[i]
		if p.Doc == nil {
			a := policy.Answer{Truth: policy.Unknown, Why: p.Problem}
			// It may name the caller in the way that is worth most.
			out = append(out, grant{policy.BySession, a, p.missing("the " + p.title() + " may allow: " + p.Problem)})
			continue
		}
		for j := range p.Doc.Statements {
			s := &p.Doc.Statements[j]
			if s.Effect != policy.Allow {
				continue
			}
			by, a := s.MatchFor(e.ask)
			if a.Truth == policy.Yes && p.Maybe != "" {
				a = policy.Answer{Truth: policy.Unknown, Why: p.Maybe}
			}
			switch a.Truth {
			case policy.Yes:
				out = append(out, grant{by, a, p.reason("allowed by " + p.where(j))})
			case policy.Unknown:
				out = append(out, grant{by, a, p.reason(p.where(j) + " may allow: " + a.Why)})
			}
		}
	}
	return out
}

// byResourceOnly is for callers without identity policies: services, whoever an
// identity provider vouches for, and anonymous ones.
func (e *evaluation) byResourceOnly(grants []grant) policy.Answer {
	best := policy.Answer{}
	for _, g := range grants {
		if g.answer.Truth == policy.Yes {
			e.reasons = []Reason{g.reason}
			return g.answer
		}
		best = best.Or(g.answer)
		e.reasons = append(e.reasons, g.reason)
	}
	if len(grants) == 0 && !e.ps.ResourceKnown {
		l := e.missingResource()
		e.reasons = l.reasons
		return l.answer
	}
	if best.Truth == policy.No {
		e.reasons = []Reason{{Text: "no resource policy allows it to this caller"}}
	}
	return best
}

// bothSides is for a resource of another account: that account's policy and the
// caller's own side must both allow.
func (e *evaluation) bothSides(own []layer, grants []grant) policy.Answer {
	theirs := layer{kind: Resource}
	for _, g := range grants {
		if g.answer.Truth == policy.Yes {
			theirs.answer, theirs.reasons = g.answer, []Reason{g.reason}
			break
		}
		theirs.answer = theirs.answer.Or(g.answer)
		theirs.reasons = append(theirs.reasons, g.reason)
	}
	if len(grants) == 0 && !e.ps.ResourceKnown {
		theirs = e.missingResource()
	}
	a, r := passed(slices.Concat(own, []layer{theirs}))
	e.reasons, e.onlyPart = r, a.Part
	if a.Truth == policy.No {
		e.reasons = nil
		for _, l := range slices.Concat(own, []layer{theirs}) {
			if l.answer.Truth == policy.No {
				e.reasons = append(e.reasons, Reason{Text: "the resource is of another account, and no " + string(l.kind) + " allows it"})
			}
		}
	}
	return a
}

// missingResource is the layer of a policy that must exist and was not seen.
func (e *evaluation) missingResource() layer {
	text := "the policy of " + e.ask.Resource + " is not in the evidence, and must allow it"
	return layer{Resource, policy.Answer{Truth: policy.Unknown, Why: text}, []Reason{{Text: text}}}
}

// why says which layers do not allow.
func (e *evaluation) why(own []layer, must bool, grants []grant) (out []Reason) {
	for _, l := range own {
		if l.answer.Truth == policy.No {
			out = append(out, Reason{Text: "no " + string(l.kind) + " allows it"})
		}
	}
	if must && len(grants) == 0 {
		out = append(out, Reason{Text: "no " + string(Resource) + " allows it, and this one must"})
	}
	return out
}

// resourceMust says whether the resource's own policy must allow even within
// one account: a role's trust policy, a key's policy.
func (e *evaluation) resourceMust() bool {
	action := strings.ToLower(e.req.Action)
	a, _ := policy.ParseARN(e.ask.Resource)
	switch {
	case strings.HasPrefix(action, "sts:assumerole") && a.Service == "iam" && a.Type() == "role":
		return true
	case strings.HasPrefix(action, "kms:") && a.Service == "kms" && a.Type() == "key":
		return true
	}
	return false
}

// resourcePolicyServices are common services whose resources can carry a
// policy: for these it is worth saying that none was seen. Source: IAM User
// Guide, "AWS services that work with IAM".
var resourcePolicyServices = map[string]bool{
	"s3": true, "sqs": true, "sns": true, "kms": true, "lambda": true, "secretsmanager": true, "ecr": true, "dynamodb": true,
	"kinesis": true, "events": true, "glacier": true, "backup": true, "elasticfilesystem": true, "es": true, "execute-api": true,
	"codebuild": true, "logs": true, "iot": true, "ses": true, "sts": true, "glue": true, "signer": true, "ssm": true,
}

// hasResourcePolicies is only asked to decide whether an assumption is worth saying;
// a service missing from the list costs a sentence, not a decision.
func hasResourcePolicies(action string) bool {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	return resourcePolicyServices[service]
}
