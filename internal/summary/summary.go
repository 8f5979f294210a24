// Package summary counts what each principal did: the first five minutes with
// an unknown log, before there is any case.
package summary

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Principal is what one principal did, in numbers.
type Principal struct {
	UniqueID    string   `json:"unique_id"`
	ARN         string   `json:"arn"`
	Type        string   `json:"type"`
	First       string   `json:"first_seen"` // RFC 3339 UTC
	Last        string   `json:"last_seen"`
	Events      int      `json:"events"`
	Writes      int      `json:"writes"`      // calls that were not read-only
	Denied      int      `json:"denied"`      // calls that failed
	Credentials int      `json:"credentials"` // different access keys; 200 stands for that many or more
	Networks    []string `json:"networks"`
	Agents      []string `json:"agents"`
	Regions     []string `json:"regions"`
	Services    []string `json:"services"`
	TopDenied   []string `json:"top_denied"` // actions, most refused first
}

// MaxCredentials is where Principal.Credentials stops counting.
const MaxCredentials = 200

// Bounds on what is remembered: evidence is hostile, and every one of these fields can
// be written anew for each call. What lies beyond maxValues is dropped from the lists of
// a principal, never from its counts; only Credentials, the size of such a set, ends there.
const (
	maxValues     = MaxCredentials // different values kept of one field of one principal
	maxTop        = 5              // actions of TopDenied
	maxDenied     = 2_000          // different actions counted for it; the first of more
	maxPrincipals = 200_000        // principals; events of those that appear later are only counted
)

// tally is a principal while its events go by.
type tally struct {
	p           Principal
	first, last time.Time
	creds       map[string]bool
	networks    map[string]bool
	agents      map[string]bool
	regions     map[string]bool
	services    map[string]bool
	denied      map[string]int
}

// Of reads every event once and returns the principals, busiest first. Session
// names of one role are one principal; a service is one by its name. leftOut is how many
// events were of principals beyond the 200,000 that it keeps, and so are in no row.
func Of(ctx context.Context, q evidence.Querier, query evidence.Query) (rows []Principal, leftOut int, err error) {
	return of(ctx, q, query, maxPrincipals)
}

func of(ctx context.Context, q evidence.Querier, query evidence.Query, most int) (rows []Principal, leftOut int, err error) {
	all := map[string]*tally{}
	query.Body = false
	for e, err := range q.Events(ctx, query) {
		if err != nil {
			return nil, 0, fmt.Errorf("summarise: %w", err)
		}
		key := e.Identity.UniqueID()
		if e.Identity.Type == "FederatedUser" {
			key = e.Identity.PrincipalID // its unique id is the account's, like the root user's
		}
		if key == "" {
			key = cmp.Or(e.Identity.InvokedBy, e.Identity.Type, "unidentified")
		}
		t := all[key]
		if t == nil {
			if len(all) >= most {
				leftOut++
				continue
			}
			t = &tally{p: Principal{UniqueID: key}, first: e.Time, creds: map[string]bool{}, networks: map[string]bool{}, agents: map[string]bool{},
				regions: map[string]bool{}, services: map[string]bool{}, denied: map[string]int{}}
			all[key] = t
		}
		t.add(&e)
	}
	rows = make([]Principal, 0, len(all))
	for _, t := range all {
		rows = append(rows, t.row())
	}
	slices.SortFunc(rows, func(a, b Principal) int { return cmp.Or(b.Events-a.Events, cmp.Compare(a.UniqueID, b.UniqueID)) })
	return rows, leftOut, nil
}

// add counts one event. Type and ARN are the greatest seen, so that the order of events
// leaves no trace.
func (t *tally) add(e *evidence.Event) {
	id := e.Identity
	t.p.Events++
	t.p.Type = max(t.p.Type, id.Type)
	arn := id.ARN
	if id.IssuerARN != "" {
		arn = id.IssuerARN
	}
	t.p.ARN = max(t.p.ARN, arn)
	if e.Time.Before(t.first) {
		t.first = e.Time
	}
	if e.Time.After(t.last) {
		t.last = e.Time
	}
	if !e.ReadOnly {
		t.p.Writes++
	}
	if e.Outcome() == evidence.Failure {
		t.p.Denied++
		if a := e.Action(); t.denied[a] > 0 || len(t.denied) < maxDenied {
			t.denied[a]++
		}
	}
	note(t.creds, id.AccessKey)
	note(t.networks, e.Network())
	note(t.agents, evidence.AgentFamily(e.UserAgent))
	note(t.regions, e.Region)
	note(t.services, e.Source)
}

// note remembers a value, up to maxValues.
func note(set map[string]bool, v string) {
	if v != "" && len(set) < maxValues {
		set[v] = true
	}
}

// row is the principal, its sets as sorted lists.
func (t *tally) row() Principal {
	p := t.p
	p.First, p.Last = t.first.UTC().Format(time.RFC3339), t.last.UTC().Format(time.RFC3339)
	p.Credentials = len(t.creds)
	p.Networks, p.Agents, p.Regions, p.Services = sorted(t.networks), sorted(t.agents), sorted(t.regions), sorted(t.services)
	p.TopDenied = []string{}
	for a := range t.denied {
		p.TopDenied = append(p.TopDenied, a)
	}
	slices.SortFunc(p.TopDenied, func(a, b string) int { return cmp.Or(t.denied[b]-t.denied[a], cmp.Compare(a, b)) })
	p.TopDenied = p.TopDenied[:min(len(p.TopDenied), maxTop)]
	return p
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
