package attribution

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// welcomers looks for who made the users that were seen at an address which the case names, or gave
// them a password, and examines them. Their calls say whether the users were let in rightly.
func (r *run) welcomers(ctx context.Context, users []string) error {
	return r.letInRightly(ctx, users, "CreateUser", "CreateLoginProfile")
}

// letInRightly notes which calls of the names let the users in, and examines who made them.
func (r *run) letInRightly(ctx context.Context, users []string, calls ...string) error {
	users = slices.DeleteFunc(slices.Clone(users), func(u string) bool { return !isUser(u) && !strings.HasPrefix(u, evidence.NamedOnly) })
	if len(users) == 0 {
		return nil
	}
	var found []evidence.Event
	for e, err := range r.q.Events(ctx, evidence.Query{Names: calls}) {
		if err != nil {
			return fmt.Errorf("look for who let users in: %w", err)
		}
		if e.Outcome() != evidence.Failure && e.Identity.Person() != "" {
			found = append(found, e)
		}
	}
	for i := range found {
		e := &found[i]
		for _, u := range users {
			if e.Identity.Person() == u || !names(e, u, r.s.Principal(u)) {
				continue
			}
			if slices.Contains(r.letInBy[u], e.ID) {
				continue
			}
			if _, err := r.load(ctx, e.Identity.Person()); err != nil {
				return err
			}
			r.letInBy[u] = append(r.letInBy[u], e.ID)
		}
	}
	return nil
}

// welcome says whether all the calls that let a user in are held to be the owner's, or are not judged
// yet. Whoever is let in comes from a new place: that the case names it says nothing against them.
func (r *run) welcome(p *person) bool {
	calls := r.letInBy[p.unique]
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(id string) bool {
		at, ok := r.find(id)
		if !ok {
			return true
		}
		switch at.p.verdicts[at.i].actor {
		case "", Owner, Service, Responder:
			return false
		}
		return true
	})
}
