package policy

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Principals is a Principal or NotPrincipal element.
type Principals struct {
	Everyone  bool // "*", or "AWS": "*"
	AWS       []string
	Service   []string
	Federated []string
	Canonical []string // CanonicalUser: S3's own ids of accounts
}

// UnmarshalJSON reads "*" or an object of kinds.
func (p *Principals) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		if s != "*" {
			return errors.New(`a principal is a text other than "*"`)
		}
		p.Everyone = true
		return nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(b, &kinds); err != nil {
		return err
	}
	for kind, list := range kinds {
		switch kind {
		case "AWS":
			p.AWS = list
			p.Everyone = slices.Contains(list, "*")
		case "Service":
			p.Service = list
		case "Federated":
			p.Federated = list
		case "CanonicalUser":
			p.Canonical = list
		default:
			return errors.New("a principal of an unknown kind")
		}
	}
	return nil
}

// CallerKind is what sort of principal makes a request.
type CallerKind string

// The kinds of caller.
const (
	Root          CallerKind = "root"
	User          CallerKind = "user"
	Role          CallerKind = "role"           // a session of the role
	FederatedUser CallerKind = "federated-user" // of GetFederationToken
	Federated     CallerKind = "federated"      // whom an identity provider vouches for, before it has a session
	Service       CallerKind = "service"        // an AWS service, by itself
	Anonymous     CallerKind = "anonymous"
)

// Caller is who makes a request.
type Caller struct {
	Kind CallerKind
	// ARN is the user's, the role's or the root's; of a federated user the ARN
	// of the user that called GetFederationToken; of Federated the provider.
	ARN        string
	SessionARN string // of a role's session or a federated user; "" if not known
	Account    string // twelve digits
	Service    string // "lambda.amazonaws.com"
	UniqueID   string // AIDA…, AROA…; "" if not known
}

// Grant says by which sort of name a statement's principal element matches a
// caller; what a resource policy's Allow is worth depends on it.
type Grant int

// The sorts of name, by rising worth.
const (
	ByNothing  Grant = iota
	ByAccount        // the account: its administrators decide further
	ByEveryone       // "*"
	ByRole           // the role's ARN
	ByUser           // the user's ARN
	BySession        // the session's ARN
	ByName           // a service or an identity provider
)

// match says how the element names the caller. Unknown is for a session of the
// caller's role that may or may not be the caller's own.
func (p *Principals) match(c *Caller) (Grant, Answer) {
	best, answer := ByNothing, no()
	better := func(g Grant, a Answer) {
		if a.Truth == Yes && (answer.Truth != Yes || g > best) || a.Truth == Unknown && answer.Truth == No {
			best, answer = g, a
		}
	}
	if p.Everyone {
		better(ByEveryone, yes())
	}
	switch c.Kind {
	case Service:
		if slices.Contains(p.Service, c.Service) {
			better(ByName, yes())
		}
		return best, answer
	case Federated:
		if slices.Contains(p.Federated, c.ARN) {
			better(ByName, yes())
		}
		return best, answer
	case Anonymous:
		return best, answer
	}
	if len(p.Canonical) > 0 {
		better(ByAccount, unknown("the principal element names a canonical user id, which evidence does not tie to an account"))
	}
	for _, name := range p.AWS {
		switch {
		case name == c.Account && name != "", strings.HasPrefix(name, "arn:") && strings.HasSuffix(name, "::"+c.Account+":root"):
			better(ByAccount, yes())
		case name == c.SessionARN && name != "":
			better(BySession, yes())
		case name == c.ARN, c.UniqueID != "" && name == c.UniqueID:
			if c.Kind == Role {
				better(ByRole, yes())
			} else {
				better(ByUser, yes())
			}
		case c.SessionARN == "" && sessionOf(name, c):
			better(BySession, unknown("the policy names the session "+name+", and which session calls is not known"))
		}
	}
	return best, answer
}

// sessionOf says whether the name is that of a session of the caller's role, or
// of a federated user of the caller's account. Session ARNs leave out the role's path.
func sessionOf(name string, c *Caller) bool {
	a, ok := ParseARN(name)
	if !ok || a.Service != "sts" || a.Account != c.Account {
		return false
	}
	switch c.Kind {
	case Role:
		role, _ := ParseARN(c.ARN)
		return strings.HasPrefix(a.Resource, "assumed-role/"+role.Name()+"/")
	case FederatedUser:
		return strings.HasPrefix(a.Resource, "federated-user/")
	}
	return false
}

// exempts says whether a NotPrincipal element leaves the caller out. IAM may
// check the account before the user, so naming the user alone is not enough to
// be sure, and neither is naming the role without its session.
func (p *Principals) exempts(c *Caller) Answer {
	if p.Everyone {
		return yes()
	}
	g, a := p.match(c)
	if a.Truth != Yes || g == ByName {
		return a
	}
	account := slices.ContainsFunc(p.AWS, func(n string) bool {
		return n == c.Account || strings.HasSuffix(n, "::"+c.Account+":root")
	})
	switch {
	case g == ByAccount && c.Kind != Root:
		return no() // the account alone exempts its root user, not the others
	case !account:
		return unknown("NotPrincipal names the principal but not its account, which may refuse the whole account")
	case c.Kind == Role && !(slices.Contains(p.AWS, c.ARN) && c.SessionARN != "" && slices.Contains(p.AWS, c.SessionARN)):
		return unknown("NotPrincipal does not name account, role and session all three")
	}
	return yes()
}
