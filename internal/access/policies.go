package access

import (
	"fmt"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// Kind is a type of policy, by the part it has in a decision.
type Kind string

// The kinds of policy.
const (
	Identity Kind = "identity policy"
	Boundary Kind = "permissions boundary"
	Session  Kind = "session policy"
	SCP      Kind = "service control policy"
	RCP      Kind = "resource control policy"
	Resource Kind = "resource policy" // a role's trust policy and a key's policy too
)

// Policy is one policy and where it hangs.
type Policy struct {
	Kind Kind
	Name string // ARN of a managed policy, name of an inline one
	On   string // ARN of what it hangs on: a user, a group, a role, a resource
	Ref  string // where the evidence says so, as a report cites it: "event:…", "snapshot:…"
	// Doc is nil if the document could not be read, or is not in the evidence;
	// Problem then says why. Such a policy may allow or deny anything.
	Doc     *policy.Document
	Problem string
	// Maybe, if not "", says why it is not certain that the policy hangs there.
	Maybe string
}

// ParsePolicy reads a document into a Policy. A document that cannot be read
// gives a policy of which nothing can be told.
// It never fails: evidence may hold anything.
func ParsePolicy(kind Kind, name string, doc []byte) Policy {
	p := Policy{Kind: kind, Name: name}
	d, err := policy.Parse(doc)
	if err != nil {
		p.Problem = err.Error()
		return p
	}
	p.Doc = d
	return p
}

// Policies is all that decides about requests of one caller on one resource.
// The zero value is a caller without any permission.
type Policies struct {
	Identity []Policy // of the user and its groups, or of the role
	// Boundary is nil if none is set.
	Boundary []Policy
	// Session are the policies passed when the session was made, nil if none
	// were; a federated user without any has no permissions of its own.
	Session []Policy
	// SCPs are the levels from the root of the organisation to the account of
	// the caller; each must allow. Nil: see SCPsKnown.
	SCPs []Level
	// RCPs are the same for the account of the resource.
	RCPs []Level
	// Resource are the policies of the resource.
	Resource []Policy
	// MayDeny are control policies of which it is not known where they hang:
	// their denies count, as what may stand against a request.
	MayDeny []Policy

	// What is known to be complete. What is not is taken to allow (SCPs, RCPs)
	// or to be empty (Resource), and the decision lists it as assumed.
	SCPsKnown, RCPsKnown, ResourceKnown bool
}

// Level is the control policies attached to one entity of an organisation.
type Level struct {
	Name     string // "r-…", "ou-…", or an account
	Policies []Policy
}

// where names a statement for a reader.
// Statements without a Sid are counted from one.
func (p *Policy) where(i int) string {
	s := fmt.Sprintf("statement %d", i+1)
	if p.Doc != nil && p.Doc.Statements[i].Sid != "" {
		s = "statement " + p.Doc.Statements[i].Sid
	}
	return s + " of " + p.title()
}

// title names the policy for a reader: a boundary or a trust policy may have no name.
func (p *Policy) title() string {
	name := p.Name
	if name == "" {
		name = p.On
	}
	return string(p.Kind) + " " + name
}
