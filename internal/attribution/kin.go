package attribution

import (
	"context"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// maxKin bounds how many of a person's roles are read along with one.
const maxKin = 32

// loadKin reads the other roles in which a directory's person works, in whatever
// account: a judgement of one hand needs to know where its owner is at home, and an
// account in which they seldom work cannot tell.
func (r *run) loadKin(ctx context.Context, p *person) error {
	self := r.s.Principal(p.unique)
	if self == nil || !strings.HasPrefix(self.Identity.IssuerName, evidence.PermissionSetRole) || face(p.unique) == p.unique {
		return nil
	}
	var kin []string
	for _, o := range r.s.Principals() {
		if o.Person != p.unique && strings.HasPrefix(o.Identity.IssuerName, evidence.PermissionSetRole) && face(o.Person) == face(p.unique) && len(kin) < maxKin {
			kin = append(kin, o.Person)
		}
	}
	p.kin = kin
	for _, u := range kin {
		if _, err := r.load(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// kinAt says whether the person works, in other roles of theirs, from the cluster's
// network, on enough days before to be at home there, and whether with its tool. What
// is not found to be the owner's there is no witness; before it is judged, it is: a
// first judgement may be too mild, and the next mends that.
func (r *run) kinAt(p *person, c *Cluster) (place, tool bool) {
	days := map[string]bool{}
	for _, u := range p.kin {
		o := r.people[u]
		if o == nil {
			continue // not read yet: no judgement is made so early
		}
		for _, k := range o.clusters {
			if k.First.Before(c.First) && (k.Actor == "" || k.Actor == Owner) {
				tool = tool || k.Agent == c.Agent
				if k.Network == c.Network {
					days[k.First.Format(time.DateOnly)] = true
				}
			}
		}
	}
	return len(days) >= r.w.Baseline.MinDays, tool
}
