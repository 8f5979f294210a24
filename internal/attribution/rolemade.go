package attribution

import (
	"context"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// roleMakers looks for who made the roles that the case names, and the users that nobody is said to know, as far
// as the evidence shows it, and examines them. What somebody of the house made is a new arrangement before it
// is anything else: that its caller is a stranger is what it was made for.
func (r *run) roleMakers(ctx context.Context) error {
	if err := r.letInRightly(ctx, r.in.Strangers, "CreateUser"); err != nil {
		return err
	}
	for _, u := range slices.Clone(r.order) {
		p := r.people[u]
		if !p.namedAll && len(p.named) == 0 || len(p.events) == 0 {
			continue
		}
		role := p.events[0].Identity
		if role.IssuerARN == "" {
			continue
		}
		var made []evidence.Event
		for e, err := range r.q.Events(ctx, evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateRole"}, To: p.events[0].Time}) {
			if err != nil {
				return fmt.Errorf("look for who made a role: %w", err)
			}
			if e.Outcome() != evidence.Failure && (slices.Contains(e.Resources, role.IssuerARN) || slices.Contains(e.Resources, role.IssuerName)) && e.Account == p.events[0].Account {
				made = append(made, e)
			}
		}
		for i := range made {
			maker := made[i].Identity.Person()
			if maker == "" || maker == u {
				continue
			}
			if r.people[maker] == nil { // nobody suspects who made it: place and tool alone are nothing against them
				r.in.Swept = append(slices.Clone(r.in.Swept), maker)
			}
			if _, err := r.load(ctx, maker); err != nil {
				return err
			}
			r.letInBy[u] = append(r.letInBy[u], made[i].ID)
		}
	}
	return nil
}
