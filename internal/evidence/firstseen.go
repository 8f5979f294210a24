package evidence

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Trait is something that events have in common: who, with what, from where.
type Trait string

// The traits that pairs are made of.
const (
	TraitPrincipal  Trait = "principal"  // the ARN, or what else names who called
	TraitCredential Trait = "credential" // access key id, or the credential id of a bearer token
	TraitIP         Trait = "ip"         // sourceIPAddress as written
	TraitAgent      Trait = "agent"      // userAgent
	TraitName       Trait = "name"       // event source and name, "iam.amazonaws.com CreateUser"
	TraitRegion     Trait = "region"
	TraitAccount    Trait = "account"
)

// Traits lists all of them.
var Traits = []Trait{TraitPrincipal, TraitCredential, TraitIP, TraitAgent, TraitName, TraitRegion, TraitAccount}

// ParseTrait reads the name of a trait.
func ParseTrait(name string) (Trait, error) {
	if t := Trait(name); slices.Contains(Traits, t) {
		return t, nil
	}
	names := make([]string, len(Traits))
	for i, t := range Traits {
		names[i] = string(t)
	}
	return "", fmt.Errorf("%q is no trait of an event: it is one of %s", name, strings.Join(names, ", "))
}

// Of gives an event's value; "" if it has none.
func (t Trait) Of(e *Event) string {
	id := &e.Identity
	switch t {
	case TraitPrincipal:
		return cmp.Or(id.ARN, id.PrincipalID, id.InvokedBy, id.UserName)
	case TraitCredential:
		return cmp.Or(id.AccessKey, id.CredentialID)
	case TraitIP:
		return e.SourceIP
	case TraitAgent:
		return e.UserAgent
	case TraitName:
		return e.Source + " " + e.Name
	case TraitRegion:
		return e.Region
	case TraitAccount:
		return e.Account
	}
	return ""
}

// Seen is a pair of values that stand together in events.
type Seen struct {
	A       string    `json:"a"`
	B       string    `json:"b"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	FirstID string    `json:"first_event"` // of the first event that has both
	Events  int       `json:"events"`
}

// MaxSeen bounds the pairs that FirstSeen holds, some hundred bytes each.
const MaxSeen = 1 << 20

// FirstSeen tells of each pair of values of a and b, among the events that query
// selects, when it was seen first and last and how often, in the order of first
// sight. Events that lack either are left out. It fails at more than MaxSeen pairs.
func FirstSeen(ctx context.Context, q Querier, query Query, a, b Trait) ([]Seen, error) {
	query.Body, query.Brief = false, true
	at := map[[2]string]int{}
	var out []Seen
	for e, err := range q.Events(ctx, query) {
		if err != nil {
			return nil, err
		}
		pair := [2]string{a.Of(&e), b.Of(&e)}
		if pair[0] == "" || pair[1] == "" {
			continue
		}
		i, known := at[pair]
		if !known {
			if i = len(out); i == MaxSeen {
				return nil, fmt.Errorf("more than %d pairs of %s and %s: narrow the question", MaxSeen, a, b)
			}
			at[pair] = i
			out = append(out, Seen{A: pair[0], B: pair[1], First: e.Time, FirstID: e.ID})
		}
		out[i].Last = e.Time
		out[i].Events++
	}
	return out, nil
}
