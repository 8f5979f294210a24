package access

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// Evaluate decides a request in AWS's order: an explicit deny of any policy;
// the control policies of the organisation; then resource policy, identity
// policies, boundary and session policies as the sort of caller and the two
// accounts have it. Order of policies and statements never matters.
// It is a pure function of its arguments and safe to call from several goroutines.
// The cost is that of matching every statement once or twice.
func Evaluate(req Request, ps Policies) Decision {
	e := evaluation{req: req, ps: &ps}
	e.ask = policy.NewRequest(req.Caller, req.Action, req.Resource, req.Context)
	if req.Exact {
		e.ask = e.ask.Exactly()
	}
	e.cross = e.otherAccount()
	e.exempt()
	// AWS refuses it whatever policies say; no statement would tell why.
	if req.Caller.Kind == policy.Root && strings.EqualFold(req.Action, "sts:AssumeRole") {
		e.reasons = []Reason{{Text: "a root user cannot assume a role"}}
		return e.decision(Deny, false)
	}
	if e.denied() {
		return e.decision(Deny, true)
	}
	// A level that may not allow has left its doubt in e.doubts and answers Yes here.
	answer := e.organisation()
	if answer.Truth != policy.No {
		answer = e.granted()
	}
	switch {
	case answer.Truth == policy.No:
		return e.decision(Deny, false)
	case answer.Truth == policy.Yes && len(e.doubts) == 0:
		return e.decision(Allow, false)
	}
	if answer.Truth == policy.Yes { // only a possible deny stands in the way
		e.reasons = nil
	}
	partial := answer.Truth == policy.Unknown && e.onlyPart
	for _, d := range e.doubts {
		// A policy that cannot be read may allow and may deny: once is enough.
		if !slices.ContainsFunc(e.reasons, func(r Reason) bool { return r.Policy == d.Policy && r.On == d.On && r.Ref == d.Ref }) {
			e.reasons = append(e.reasons, d)
		}
	}
	d := e.decision(CannotTell, false)
	d.Partial = partial
	return d
}

// evaluation is one request on its way through. reasons are overwritten by each step
// that decides; doubts only grow, since a possible deny anywhere leaves the answer open.
type evaluation struct {
	req     Request
	ps      *Policies
	ask     *policy.Request
	cross   bool
	reasons []Reason // of the outcome as it stands
	doubts  []Reason // statements that may deny
	assumed []string

	onlyPart bool // what may allow leaves only a part of the question open
}

// decision closes the evaluation.
func (e *evaluation) decision(effect Effect, explicit bool) Decision {
	d := Decision{Effect: effect, Explicit: explicit, Reasons: e.reasons}
	if effect != Deny || !explicit { // against an explicit deny nothing helps, whatever else there is
		d.Assumed = e.assumed
	}
	return d
}

// otherAccount says whether caller and resource are of two accounts. Where one of
// them is not known they are taken to be of one, which asks less of the policies;
// buckets are the common case, whose ARN has no account.
func (e *evaluation) otherAccount() bool {
	account := e.resourceAccount()
	return account != "" && e.req.Caller.Account != "" && account != e.req.Caller.Account
}

func (e *evaluation) resourceAccount() string {
	if e.req.ResourceAccount != "" {
		return e.req.ResourceAccount
	}
	a, _ := policy.ParseARN(e.req.Resource)
	if strings.ContainsAny(a.Account, "*?") || a.Account == "aws" {
		return "" // a pattern, or AWS's own
	}
	return a.Account
}

// exempt drops the control policies where they do not reach: the management
// account, service-linked roles, services acting by themselves, and for
// resource control policies the services that do not take part.
func (e *evaluation) exempt() {
	ps := *e.ps
	service := e.req.Caller.Kind == policy.Service
	if e.req.Management || e.req.ServiceLinked || service || e.req.Caller.Kind == policy.Anonymous || e.req.Caller.Kind == policy.Federated {
		ps.SCPs, ps.MayDeny, ps.SCPsKnown = nil, nil, true
	}
	if e.req.ServiceLinked || !underRCP(e.req.Action) {
		ps.RCPs, ps.RCPsKnown = nil, true
	}
	e.ps = &ps
}

// rcpServices are the services whose resources resource control policies
// govern. Source: AWS Organizations User Guide, "Resource control policies
// (RCPs)", list of services that support them.
var rcpServices = []string{"s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss", "cognito-identity", "cognito-idp", "dynamodb", "logs"}

// underRCP errs on the side of asking: a pattern of actions is under them if any
// service that it covers is.
func underRCP(action string) bool {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	for _, s := range rcpServices {
		if policy.NewGlob(service).Match(s) {
			return true
		}
	}
	return false
}

// all lists every policy in the order of evaluation.
func (e *evaluation) all() (out []*Policy) {
	add := func(list []Policy) {
		for i := range list {
			out = append(out, &list[i])
		}
	}
	for _, l := range e.ps.RCPs {
		add(l.Policies)
	}
	for _, l := range e.ps.SCPs {
		add(l.Policies)
	}
	add(e.ps.MayDeny)
	add(e.ps.Resource)
	if e.hasIdentity() {
		add(e.ps.Identity)
		add(e.ps.Boundary)
		add(e.ps.Session)
	}
	return out
}

// hasIdentity says whether identity policies can be attached to the caller; a
// root user has none.
func (e *evaluation) hasIdentity() bool {
	switch e.req.Caller.Kind {
	case policy.User, policy.Role, policy.FederatedUser:
		return true
	}
	return false
}

// denied looks for an explicit deny, and notes what may be one.
func (e *evaluation) denied() bool {
	for _, p := range e.all() {
		if p.Doc == nil {
			e.doubts = append(e.doubts, p.missing("the "+p.title()+" may deny: "+p.Problem))
			continue
		}
		for i := range p.Doc.Statements {
			s := &p.Doc.Statements[i]
			if s.Effect != policy.Deny {
				continue
			}
			_, a := e.match(p, s)
			if a.Truth == policy.Yes && p.Maybe != "" {
				a = policy.Answer{Truth: policy.Unknown, Why: p.Maybe}
			}
			switch a.Truth {
			case policy.Yes:
				e.reasons = []Reason{p.reason("explicitly denied by " + p.where(i))}
				return true
			case policy.Unknown:
				e.doubts = append(e.doubts, p.reason(p.where(i)+" may deny: "+a.Why))
			}
		}
	}
	return false
}

// match asks a statement. Of resource policies, and of the RCPs that write one,
// the principal counts too; other policies hang on their caller and name nobody.
func (e *evaluation) match(p *Policy, s *policy.Statement) (policy.Grant, policy.Answer) {
	if p.Kind == Resource || p.Kind == RCP && s.Principals != nil {
		return s.MatchFor(e.ask)
	}
	return policy.ByNothing, s.Match(e.ask)
}

// reason is a step of the decision that rests on this policy.
func (p *Policy) reason(text string) Reason {
	return Reason{Text: text, Policy: p.Name, On: p.On, Ref: p.Ref}
}

// missing is a reason that rests on a document which is not there.
func (p *Policy) missing(text string) Reason {
	r := p.reason(text)
	r.Missing = true
	return r
}

// allows asks a set of policies of which one must allow, and says who does.
// One certain allow is the whole reason. Failing that, all that may allow are listed:
// any of them could turn the answer.
func (e *evaluation) allows(list []Policy) (policy.Answer, []Reason) {
	answer := policy.Answer{}
	var reasons []Reason
	for i := range list {
		p := &list[i]
		a, r := e.allowedBy(p)
		if a.Truth == policy.Yes {
			return a, []Reason{r}
		}
		if a.Truth == policy.Unknown {
			reasons = append(reasons, r)
		}
		answer = answer.Or(a)
	}
	return answer, reasons
}

// allowedBy asks one policy, and gives the first statement that allows or may allow.
func (e *evaluation) allowedBy(p *Policy) (policy.Answer, Reason) {
	if p.Doc == nil {
		return policy.Answer{Truth: policy.Unknown, Why: p.Problem}, p.missing("the " + p.title() + " may allow: " + p.Problem)
	}
	answer, reason := policy.Answer{}, Reason{}
	for i := range p.Doc.Statements {
		s := &p.Doc.Statements[i]
		if s.Effect != policy.Allow {
			continue
		}
		_, a := e.match(p, s)
		if a.Truth == policy.Yes && p.Maybe != "" {
			a = policy.Answer{Truth: policy.Unknown, Why: p.Maybe}
		}
		if a.Truth == policy.Yes {
			return a, p.reason("allowed by " + p.where(i))
		}
		if a.Truth == policy.Unknown && answer.Truth == policy.No {
			reason = p.reason(p.where(i) + " may allow: " + a.Why)
			reason.Part = a.Part
		}
		answer = answer.Or(a)
	}
	return answer, reason
}

// organisation asks the control policies: every level must allow. What may not
// allow is a doubt, not an answer.
func (e *evaluation) organisation() policy.Answer {
	answer := policy.Answer{Truth: policy.Yes}
	for _, set := range []struct {
		kind   Kind
		levels []Level
		known  bool
	}{{RCP, e.ps.RCPs, e.ps.RCPsKnown}, {SCP, e.ps.SCPs, e.ps.SCPsKnown}} {
		if !set.known {
			e.assumed = append(e.assumed, "no "+more(len(set.levels))+string(set.kind)+" stands against it: none is in the evidence")
		}
		for _, l := range set.levels {
			a, reasons := e.allows(l.Policies)
			if a.Truth == policy.No {
				e.reasons = []Reason{{Text: "no " + string(set.kind) + " of " + l.Name + " allows it"}}
				return a
			}
			if a.Truth == policy.Unknown {
				e.doubts = append(e.doubts, reasons...)
			}
		}
	}
	return answer
}

// more tells of policies beside those that are known.
func more(known int) string {
	if known > 0 {
		return "further "
	}
	return ""
}
