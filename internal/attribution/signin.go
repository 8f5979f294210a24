package attribution

import "slices"

// oneSignIn follows a sign-in to the portal: who holds one of the role sessions that were
// asked for with it holds the others, if none of them is recognisable as its owner's. Where
// one is, the sign-in is the owner's, and each session is judged by itself.
func (r *run) oneSignIn() (changed bool) {
	type session struct {
		p *person
		c *Cluster
	}
	with := map[string][]session{} // portal's credential → what was done in its role sessions
	for _, u := range r.order {
		p := r.people[u]
		for _, c := range p.clusters {
			n := r.g.Node(c.Credential)
			if n == nil {
				continue
			}
			for _, e := range n.In {
				if e.Rule == "identity_center" && e.Parent != "" && e.Tier >= 4 {
					with[e.Parent] = append(with[e.Parent], session{p, c})
				}
			}
		}
	}
	for _, list := range with {
		hostile := slices.ContainsFunc(list, func(s session) bool { return s.c.Actor.Hostile() && s.c.byItself() })
		if !hostile || slices.ContainsFunc(list, func(s session) bool { return s.c.Actor != Undetermined && !s.c.Actor.Hostile() }) {
			continue
		}
		for _, s := range list {
			if s.c.Actor == Undetermined && !s.c.fixed && !s.c.early {
				s.p.blameCluster(s.c, "lineage:one_sign_in")
				changed = true
			}
		}
	}
	return changed
}
