package access

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// World is the policies of the evidence at one moment: who there is and what
// decides about each. It answers alike for ever and can be used from several goroutines.
type World struct {
	At         time.Time
	Principals []*Principal // users and roles, sorted by ARN
	Groups     []*Principal // groups, as if each were a user with the group's policies; sorted by ARN
	// Notes are what holds for every answer: assumptions about the evidence.
	Notes []string

	byARN      map[string]*Principal
	policies   map[string]*Managed // customer-managed, and of AWS's those that are known
	resource   map[string][]Policy // policies of resources other than roles, by ARN
	history    *History
	management string // account of the organisation that control policies pass over
	mu         sync.Mutex
	placed     map[string]controls // by kind and account
	settled    map[string]bool     // resources whose policies are known to be all
}

// Principal is a user or role of a World.
type Principal struct {
	Kind     policy.CallerKind // User or Role
	ARN      string
	Name     string
	ID       string // AIDA…, AROA…; "" if not known
	Account  string
	Ref      string // the evidence that tells of it
	Identity []Policy
	Boundary []Policy // nil if none
	Trust    *Policy  // of a role
	Groups   []string // ARNs
	// Session is what was passed when the session was made: nil if nothing was,
	// or if no session is meant; empty for a federated user without any.
	Session    []Policy
	SessionARN string // of a session whose making is known, else ""
	Key        string // its access key, "" if not known
	Made       string // the evidence of its making, "" if no session is meant
	// Missing says why what is known of it may not be all, or is "".
	Missing string

	tags   map[string]string
	tagged bool // of a session: its tags are known
}

// Managed is a managed policy: what it says, and what hangs on it.
type Managed struct {
	ARN      string
	Default  Policy
	Versions []Policy // the others that could be made the default
}

// Principal finds a user or role by ARN, by the ARN or the key of a session, or
// by name if only one has it. nil if there is none, or several. A session is
// narrowed by what was passed with it if ReadSessions has read its making.
func (w *World) Principal(name string) *Principal {
	if p := w.byARN[name]; p != nil {
		return p
	}
	if p := w.session(name); p != nil {
		return p
	}
	a, ok := policy.ParseARN(name)
	var found *Principal
	for _, p := range w.Principals {
		match := strings.EqualFold(p.Name, name) || p.ID != "" && p.ID == name
		if ok && a.Service == "sts" && p.Kind == policy.Role && p.Account == a.Account {
			match = strings.HasPrefix(a.Resource, "assumed-role/"+p.Name+"/")
		}
		if match && found != nil {
			return nil
		}
		if match {
			found = p
		}
	}
	return found
}

// Linked says whether the role is a service-linked one.
func (p *Principal) Linked() bool { return strings.Contains(p.ARN, ":role/aws-service-role/") }

// Caller is the principal as policies name it; of a role some session of it.
func (p *Principal) Caller() policy.Caller {
	return policy.Caller{Kind: p.Kind, ARN: p.ARN, SessionARN: p.SessionARN, Account: p.Account, UniqueID: p.ID}
}

// Context is what is known of every request of the principal.
func (p *Principal) Context() policy.Context {
	var c policy.Context
	c.Set("aws:PrincipalArn", p.ARN)
	c.Set("aws:PrincipalAccount", p.Account)
	c.Set("aws:PrincipalIsAWSService", "false")
	c.Set("aws:ViaAWSService", "false")
	switch p.Kind {
	case policy.User:
		c.Set("aws:PrincipalType", "User")
		c.Set("aws:username", p.Name)
		if p.ID != "" {
			c.Set("aws:userid", p.ID)
		}
	case policy.FederatedUser:
		c.Set("aws:PrincipalType", "FederatedUser")
		c.Set("aws:PrincipalArn", p.SessionARN) // its own, not the user's
		c.SetAbsent("aws:username")
	default:
		c.Set("aws:PrincipalType", "AssumedRole")
		c.SetAbsent("aws:username")
	}
	for key, value := range p.tags {
		c.Set("aws:PrincipalTag/"+key, value)
	}
	if p.Missing == "" && (p.Kind == policy.User || p.tagged) { // a session may carry tags of its own
		c.Close("aws:PrincipalTag/")
	}
	return c
}

// Policies are all that decides about a request of the principal on a resource.
// The account of an ARN that has none (a bucket) is taken for the caller's own.
func (w *World) Policies(p *Principal, res string) Policies {
	ps := Policies{Identity: p.Identity, Boundary: p.Boundary, Session: p.Session}
	a, _ := policy.ParseARN(res)
	w.govern(&ps, p.Account, accountPart(a.Account))
	if p.Missing != "" {
		ps.Identity = append(slices.Clip(p.Identity), Policy{Kind: Identity, Name: "not in the evidence", On: p.ARN, Problem: p.Missing})
	}
	ps.Resource, ps.ResourceKnown = w.policiesOf(res)
	return ps
}

// policiesOf are the policies of a resource: of a role its trust policy, of an
// object its bucket's.
// The second result says whether they are known to be all.
func (w *World) policiesOf(arn string) ([]Policy, bool) {
	if r := w.byARN[arn]; r != nil {
		if r.Trust == nil {
			return nil, r.Kind == policy.User
		}
		return []Policy{*r.Trust}, true
	}
	a, ok := policy.ParseARN(arn)
	if !ok {
		return nil, false
	}
	if a.Service == "iam" {
		return nil, a.Type() != "role" // nothing else of IAM has a policy of its own
	}
	if bucket, _, object := strings.Cut(a.Resource, "/"); a.Service == "s3" && object {
		arn = "arn:" + a.Partition + ":s3:::" + bucket
	}
	return w.resource[arn], w.settled[arn]
}

// Decide answers whether the principal may do the action on the resource.
func (w *World) Decide(p *Principal, action, res string, ctx policy.Context) Decision {
	return Evaluate(Request{
		Caller: p.Caller(), Action: action, Resource: res, Context: p.Context().With(ctx), ServiceLinked: p.Linked(),
	}, w.Policies(p, res))
}

// At rebuilds the policies as they were at a moment.
func (h *History) At(t time.Time) *World {
	w := &World{At: t, Notes: h.notes, history: h, management: h.management, placed: map[string]controls{}, byARN: map[string]*Principal{}, policies: map[string]*Managed{},
		resource: map[string][]Policy{}, settled: map[string]bool{}}
	for _, key := range h.order {
		e := h.entities[key]
		switch e.kind {
		case "policy":
			w.policies[e.arn] = h.managedAt(e, t)
		case "resource":
			h.resourceAt(w, e, t)
		}
	}
	for _, key := range h.order {
		e := h.entities[key]
		if e.kind != "user" && e.kind != "role" && e.kind != "group" {
			continue
		}
		if exists := e.slots["exists"]; exists != nil && exists.at(t).present == policy.No {
			continue
		}
		p := h.principalAt(w, e, strings.SplitN(key, "/", 2)[0], t)
		if e.kind == "group" {
			w.Groups = append(w.Groups, p)
			continue
		}
		w.Principals = append(w.Principals, p)
		w.byARN[p.ARN] = p
	}
	slices.SortFunc(w.Principals, func(a, b *Principal) int { return cmp.Compare(a.ARN, b.ARN) })
	return w
}
