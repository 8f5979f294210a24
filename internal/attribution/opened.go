package attribution

import (
	"context"
	"slices"
	"time"
)

// maxOpened bounds how many principals are read for the sessions that open calls obtained.
const maxOpened = 16

// suspected says whether a cluster that is left open used what somebody states to be stolen,
// since then.
func (r *run) suspected(p *person, c *Cluster) bool {
	return r.in.Stated && !r.in.Doubted && c.Actor == Undetermined && !c.fixed && !c.early && p.namedStolen(c) && !r.beforeExposure(c)
}

// openedBy reads whose sessions the open calls of a suspected credential obtained: a key that
// only ever asks for a session shows nothing itself, what is done with the session does.
func (r *run) openedBy(ctx context.Context) (changed bool, err error) {
	for _, u := range slices.Clone(r.order) {
		p := r.people[u]
		for _, c := range p.clusters {
			if !r.suspected(p, c) {
				continue
			}
			for _, node := range r.sessionsOf(p, c) {
				n := r.g.Node(node)
				if n == nil || n.Person == "" || n.Linked || r.people[n.Person] == nil && r.readOpened >= maxOpened {
					continue
				}
				if r.people[n.Person] == nil {
					r.readOpened++
				}
				q, err := r.load(ctx, n.Person)
				if err != nil {
					return false, err
				}
				if !q.graveAlone {
					q.graveAlone, changed = true, true
					if err := r.findGrave(ctx, q); err != nil {
						return false, err
					}
				}
			}
		}
	}
	return changed, nil
}

// sessionsOf are the sessions that the calls of a cluster obtained for nobody else.
func (r *run) sessionsOf(p *person, c *Cluster) (out []string) {
	for _, i := range c.events {
		for _, e := range r.g.IssuedBy(p.events[i].ID) {
			if e.Tier >= 4 && !e.Held() && e.Child != c.Credential && !slices.Contains(out, e.Child) {
				out = append(out, e.Child)
			}
		}
	}
	return out
}

// sessionGrave names the grave act of a session that the cluster obtained, which whoever takes that
// role never did before; "" if there is none. It counts only of what is stated stolen, from a place that is
// not known for its home: an owner there does such things too.
func (r *run) sessionGrave(p *person, c *Cluster) string {
	if !r.in.Stated || r.in.Doubted || !p.namedStolen(c) || r.beforeExposure(c) || p.baseline.Known && !c.scored("network_new") {
		return ""
	}
	for _, node := range r.sessionsOf(p, c) {
		n := r.g.Node(node)
		if n == nil || r.people[n.Person] == nil {
			continue
		}
		q := r.people[n.Person]
		for _, h := range q.grave {
			e := &q.events[h.i]
			if !h.act.Soft && h.act.AtLeast < 2 && r.g.CredentialOf(e) == node && !q.didBefore(h.act.kind, e.Time) {
				return e.Action()
			}
		}
	}
	return ""
}

// jobHours is in how many different hours a job must have run at its new place to be known for it.
const jobHours = 3

// tookOver says whether a cluster is work that moved: where it comes from, its tool does what it did at the
// old place, nothing else, as much of it and again and again; and at the old place that tool fell silent just
// then, and stays so. A thief's use of a key does not make its owner stop. But whoever stopped it may be the
// owner who heard of the theft, so that it clears nobody.
func (r *run) tookOver(p *person, c *Cluster) bool {
	var last, first time.Time
	old, now, hours := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, o := range p.clusters {
		if o.Agent != c.Agent || o.Actor.Hostile() && o.Network != c.Network {
			continue
		}
		switch {
		case o.Network == c.Network:
			if first.IsZero() {
				first = o.First
			}
			for _, i := range o.events {
				now[p.events[i].Action()] = true
				hours[p.events[i].Time.Format("2006-01-02T15")] = true
			}
		case p.baseline.networks[o.Network] > 0:
			last = latest(last, o.Last)
			for a := range p.did(o) {
				old[a] = true
			}
		}
	}
	if !p.baseline.Known || last.IsZero() || len(hours) < jobHours || last.After(first) || !p.onlyHabits(c) {
		return false
	}
	return most(now, old) && most(old, now)
}

// most says whether at least seven in ten of the actions are among others.
func most(did, among map[string]bool) bool {
	n := 0
	for a := range did {
		if among[a] {
			n++
		}
	}
	return n*10 >= 7*len(did)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
