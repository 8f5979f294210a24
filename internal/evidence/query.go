package evidence

import (
	"context"
	"iter"
	"slices"
	"time"
)

// Query selects events. The fields are joined by AND, the values within one
// field by OR; an empty field does not restrict.
type Query struct {
	From, To    time.Time // half-open: From ≤ Time < To; zero is open
	IDs         []string  // event ids
	Credentials []string  // access key ids, or the credential ids of bearer tokens
	Principals  []string  // exact principal ids, unique ids (AIDA…, AROA…) or ARNs of identity or issuer, or NamedOnly and a name
	IPs         []string  // sourceIPAddress as written
	Sources     []string  // eventSource
	Names       []string  // normalised eventName
	Resources   []string  // any of Event.Resources
	Accounts    []string
	Regions     []string
	SharedIDs   []string
	Body        bool // whether Event.Body is wanted; asking for it is what costs
	// Brief says that Ref, RequestID, RawName and Resources are not wanted: who did
	// what, when and from where needs none of them. They may be given all the same.
	Brief bool
	// Bare says that Time and ID are all that is wanted. More may be given all the same.
	Bare bool
}

// Querier reads events. It never yields two events of the same content, and
// yields them by time, then by id, then by fingerprint.
type Querier interface {
	Events(ctx context.Context, q Query) iter.Seq2[Event, error]
	// Artifacts lists everything that was collected, sorted by URI then ID.
	Artifacts(ctx context.Context) ([]Artifact, error)
	// Conflicts lists the event ids under which two different contents were
	// collected; Events yields both. Sorted.
	Conflicts(ctx context.Context) ([]string, error)
}

// Match says whether q selects e. It is the definition that every Querier's
// own, faster way of answering must agree with.
func (q *Query) Match(e *Event) bool {
	in := func(list []string, v ...string) bool {
		return len(list) == 0 || slices.ContainsFunc(v, func(s string) bool { return s != "" && slices.Contains(list, s) })
	}
	if !q.From.IsZero() && e.Time.Before(q.From) || !q.To.IsZero() && !e.Time.Before(q.To) {
		return false
	}
	id := e.Identity
	return in(q.IDs, e.ID) && in(q.Credentials, id.AccessKey, id.CredentialID) &&
		in(q.Principals, id.PrincipalID, id.UniqueID(), id.ARN, id.IssuerARN, id.nameAlone()) &&
		in(q.IPs, e.SourceIP) && in(q.Sources, e.Source) && in(q.Names, e.Name) &&
		in(q.Resources, e.Resources...) && in(q.Accounts, e.Account) &&
		in(q.Regions, e.Region) && in(q.SharedIDs, e.SharedID)
}

// Compare orders events the way every Querier yields them.
func Compare(a, b *Event) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	if a.ID != b.ID {
		if a.ID < b.ID {
			return -1
		}
		return 1
	}
	switch {
	case a.Fingerprint < b.Fingerprint:
		return -1
	case a.Fingerprint > b.Fingerprint:
		return 1
	}
	return 0
}
