package verify

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// accessKey tells ids that events can be looked up by from native ids.
var accessKey = regexp.MustCompile(`^A[A-Z]{3}[A-Z0-9]{8,}$`)

// watch is what must turn up among the events of one credential.
type watch struct {
	index       int
	first, last time.Time
	sawFirst    bool
	sawLast     bool
	networks    map[string]bool // false until seen
}

// credentials: first and last use and the networks are those of events made
// with it, and the lineage rebuilt from evidence knows the edge that issued it.
func (c *check) credentials(ctx context.Context) error {
	byID := map[string][]*watch{}
	var keys, principals []string
	for i, x := range c.r.Credentials {
		c.issue(i)
		c.follow(at("credentials", i, "state_evidence"), x.StateEvidence)
		if (x.State == "disabled" || x.State == "deleted") && len(x.StateEvidence) == 0 {
			c.problem(at("credentials", i, "state"), x.ID, "the credential is %s by no evidence", x.State)
		}
		wt := &watch{index: i, networks: map[string]bool{}}
		for _, n := range x.Networks {
			wt.networks[n] = false
		}
		wt.first, wt.sawFirst = c.moment(i, "first_seen", x.FirstSeen)
		wt.last, wt.sawLast = c.moment(i, "last_seen", x.LastSeen)
		if x.FirstSeen != "" && x.LastSeen != "" && wt.last.Before(wt.first) {
			c.problem(at("credentials", i, "last_seen"), x.ID, "the last use is before the first")
		}
		byID[x.ID] = append(byID[x.ID], wt)
		switch key, _, _ := strings.Cut(x.ID, "/"); {
		case accessKey.MatchString(key):
			keys = append(keys, key)
		case strings.HasPrefix(x.ID, "arn:"):
			principals = append(principals, x.ID)
		case x.PrincipalID != "": // a bearer token's id is in the record, but nothing is looked up by it
			principals = append(principals, x.PrincipalID)
		default:
			principals = append(principals, x.Principal)
		}
	}
	for part := range slices.Chunk(keys, chunk) {
		if err := c.stream(ctx, evidence.Query{Credentials: part}, byID); err != nil {
			return err
		}
	}
	slices.Sort(principals)
	for part := range slices.Chunk(slices.Compact(principals), chunk) {
		if err := c.stream(ctx, evidence.Query{Principals: part}, byID); err != nil {
			return err
		}
	}
	if len(principals) > 0 { // a root's sign-in carries no ARN
		if err := c.stream(ctx, evidence.Query{Sources: []string{"signin.amazonaws.com"}}, byID); err != nil {
			return err
		}
	}
	for i, x := range c.r.Credentials {
		for _, wt := range byID[x.ID] {
			if wt.index == i {
				c.unseen(wt)
			}
		}
	}
	return nil
}

// moment reads a time of use; an empty one has nothing to be seen.
func (c *check) moment(i int, member, s string) (t time.Time, nothing bool) {
	if s == "" {
		return t, true
	}
	t, ok := parse(s)
	if !ok {
		c.problem(at("credentials", i, member), c.r.Credentials[i].ID, "%q is no time", s)
	}
	return t, !ok
}

func (c *check) stream(ctx context.Context, q evidence.Query, byID map[string][]*watch) error {
	for e, err := range c.w.Events.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read the events of credentials: %w", err)
		}
		for _, id := range claim.Credentials(&e) {
			for _, wt := range byID[id] {
				wt.sawFirst = wt.sawFirst || e.Time.Equal(wt.first)
				wt.sawLast = wt.sawLast || e.Time.Equal(wt.last)
				for _, n := range []string{e.Network(), evidence.Network(e.SourceIP), e.SourceIP} {
					if _, ok := wt.networks[n]; ok {
						wt.networks[n] = true
					}
				}
			}
		}
	}
	return nil
}

// unseen reports what no event bore out. A credential that was issued and
// never used may carry the time of its issue.
func (c *check) unseen(wt *watch) {
	x := c.r.Credentials[wt.index]
	issued := func(t time.Time) bool {
		return x.IssuedBy != nil && anyFact(c.events[x.IssuedBy.Event], func(f fact) bool { return f.time.Equal(t) })
	}
	if !wt.sawFirst && !issued(wt.first) {
		c.problem(at("credentials", wt.index, "first_seen"), x.ID, "no event of the credential is at %q", x.FirstSeen)
	}
	if !wt.sawLast && !issued(wt.last) {
		c.problem(at("credentials", wt.index, "last_seen"), x.ID, "no event of the credential is at %q", x.LastSeen)
	}
	for k, n := range x.Networks {
		if !wt.networks[n] {
			c.problem(at("credentials", wt.index, "networks", k), x.ID, "no event of the credential came from %q", n)
		}
	}
	for k, n := range x.Hostile {
		if !wt.networks[n] {
			c.problem(at("credentials", wt.index, "hostile_networks", k), x.ID, "no event of the credential came from %q", n)
		}
	}
}

// issue holds an edge against the lineage rebuilt from the evidence.
func (c *check) issue(i int) {
	x := c.r.Credentials[i]
	if x.IssuedBy == nil {
		return
	}
	where := at("credentials", i, "issued_by")
	if x.IssuedBy.Event != "" {
		c.event(where+"/event", x.IssuedBy.Event)
	}
	if c.w.Links == nil {
		c.problem(where, x.ID, "no lineage was rebuilt from the evidence to hold this against")
		return
	}
	by, ok := c.w.Links.Linked(x.ID, x.IssuedBy.Credential, x.IssuedBy.Rule)
	switch {
	case !ok:
		parent := x.IssuedBy.Credential
		if parent == "" {
			parent = "a service"
		}
		c.problem(where, x.ID, "the evidence does not show that %s issued it by rule %q", parent, x.IssuedBy.Rule)
	case !slices.Contains(by, x.IssuedBy.Event):
		c.problem(where+"/event", x.ID, "the credential was not issued by event %q", x.IssuedBy.Event)
	}
}
