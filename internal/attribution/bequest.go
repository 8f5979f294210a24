package attribution

import (
	"context"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// NoticeDays is how long before the end of an employment the acts of who leaves
// are looked at for what would be serious in anybody's hands. Most who take
// something with them do so within thirty days of leaving (CERT, Common Sense
// Guide to Mitigating Insider Threats).
const NoticeDays = 30

// gifts are the rules by which somebody gives a credential to somebody else. All
// of them are an administrator's daily work, so none accuses anybody by itself.
var gifts = []string{"create_access_key", "login_profile", "service_specific_credential", "reactivate_access_key", "trust_change", "roles_anywhere"}

// will is what somebody who left gave to others during their notice.
type will struct {
	leaver *person
	calls  []place         // of the notice, also in sessions that the leaver opened
	gifts  []gift          // in the order of those calls
	heirs  map[string]bool // persons of the leaver and of the gifts
	theirs map[string]bool // the leaver's own networks
	homes  []string        // of them, where nobody else was
}

// gift is one credential that a call gave to somebody else.
type gift struct {
	at   place
	edge lineage.Edge
	node *lineage.Node
	p    *person // whose credential it is
}

// bequests follows what somebody who left had given to others during their
// notice. Of a credential that its user was never seen to use where they work,
// and that is at work once its giver has left, the giver is likely to be the
// holder. Where the user works with it, only its use on the giver's own networks
// is held against anybody: who made it may have kept a copy.
func (r *run) bequests(ctx context.Context) (changed bool, err error) {
	if r.in.Terminated.IsZero() {
		return false, nil
	}
	for _, u := range slices.Clone(r.order) {
		p := r.people[u]
		if !r.leaver(p) || r.spent["bequests:"+u] {
			continue
		}
		w, err := r.will(ctx, p)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(w.gifts, func(g gift) bool { return g.p.baseline == nil }) {
			changed = true // who was given something is judged by their own habits first
			continue
		}
		r.spent["bequests:"+u] = true
		for _, g := range w.gifts {
			found, err := r.bequest(ctx, w, g)
			if err != nil {
				return false, err
			}
			changed = changed || found
		}
	}
	return changed, nil
}

// notice lists what a person did in the days before leaving, and what was done in
// sessions that they opened then.
func (r *run) notice(ctx context.Context, p *person) ([]place, error) {
	from, to := r.in.Terminated.AddDate(0, 0, -NoticeDays), r.in.Terminated
	var out []place
	collect := func(q *person, of func(node string) bool) (opened []string) {
		for i := range q.events {
			e := &q.events[i]
			if e.Time.Before(from) || !e.Time.Before(to) || e.Outcome() == evidence.Failure || !of(r.g.CredentialOf(e)) {
				continue
			}
			out = append(out, place{q, i})
			if e.Name != "AssumeRole" && e.Name != "SwitchRole" {
				continue
			}
			for _, edge := range r.g.IssuedBy(e.ID) {
				if edge.Tier >= 4 && !edge.Held() {
					opened = append(opened, edge.Child)
				}
			}
		}
		return opened
	}
	seen, queue := map[string]bool{}, collect(p, func(string) bool { return true })
	for len(queue) > 0 {
		n := r.g.Node(queue[0])
		queue = queue[1:]
		if n == nil || n.Person == "" || n.Person == p.unique || seen[n.ID] {
			continue
		}
		seen[n.ID] = true
		q, err := r.load(ctx, n.Person)
		if err != nil {
			return nil, err
		}
		queue = append(queue, collect(q, func(node string) bool { return node == n.ID })...)
	}
	return out, nil
}

// will gathers what a leaver gave away.
func (r *run) will(ctx context.Context, leaver *person) (*will, error) {
	calls, err := r.notice(ctx, leaver)
	if err != nil {
		return nil, err
	}
	w := &will{leaver: leaver, calls: calls, heirs: map[string]bool{leaver.unique: true}}
	w.theirs = r.places(leaver, func(*Cluster) bool { return true })
	if w.homes, err = r.homes(ctx, leaver); err != nil {
		return nil, err
	}
	for _, at := range calls {
		w.heirs[at.p.unique] = true
		for _, edge := range r.g.IssuedBy(at.p.events[at.i].ID) {
			n := r.g.Node(edge.Child)
			if edge.Tier < 4 || !slices.Contains(gifts, edge.Rule) || n == nil || n.Person == "" || n.Person == leaver.unique {
				continue
			}
			p, err := r.load(ctx, n.Person)
			if err != nil {
				return nil, err
			}
			w.gifts = append(w.gifts, gift{at, edge, n, p})
			w.heirs[p.unique] = true
		}
	}
	return w, nil
}

// bequest judges one credential that the leaver gave away, and reports whether
// anything was found in it.
func (r *run) bequest(ctx context.Context, w *will, g gift) (bool, error) {
	taker := g.p // whose places tell: of a role that was opened, those of who took it
	if by := r.taker(g.edge, g.node); by != nil && by.Identity.Account == g.node.Account {
		if by.Person == w.leaver.unique {
			return false, nil // judged by the end of the employment
		}
		var err error
		if taker, err = r.load(ctx, by.Person); err != nil {
			return false, err
		}
	}
	took := "" // the call that took the role, from wherever that was
	if b := g.node.Best(); b != nil {
		took = b.Event
	}
	own := r.places(taker, func(c *Cluster) bool {
		return !c.Actor.Hostile() && !r.ofGift(w, c) && !slices.ContainsFunc(c.events, func(i int) bool { return taker.events[i].ID == took })
	})
	given := r.given(g)
	after, known := []*Cluster{}, false
	for _, c := range given {
		late := !c.First.Before(r.in.Terminated)
		known = known || own[c.Network] || r.othersOn(w, g, taker, c.Network) || g.p.roaming[c.Agent] || !late && !w.theirs[c.Network] || r.rotated(g.p, c)
		if late && !c.fixed {
			after = append(after, c)
		}
	}
	why := "lineage:bequest:" + g.edge.Rule
	if !known && len(after) > 0 {
		for _, c := range given {
			g.p.blameCluster(c, why)
		}
		r.blameGift(w, g)
		return true, nil
	}
	found := false
	for _, c := range after {
		if w.theirs[c.Network] && !own[c.Network] && !r.nets.shared(c.Network) {
			g.p.blameCluster(c, why)
			found = true
		}
	}
	if known && !found { // given for the work, and at work
		r.settle(g.at)
	}
	return found, nil
}

// taker is who took a role that was opened, as the evidence knows them; nil where
// the gift is of another sort, or nobody is known.
func (r *run) taker(edge lineage.Edge, n *lineage.Node) *PrincipalSeen {
	if b := n.Best(); edge.Rule == "trust_change" && b != nil && b.By != "" {
		return r.s.Principal(b.By)
	}
	return nil
}

// othersOn says whether somebody works on a network who has no part in what the
// leaver gave away, so that to come from there tells nothing of the leaver. Those
// of an account that was let in have.
func (r *run) othersOn(w *will, g gift, taker *person, network string) bool {
	if r.nets.shared(network) {
		return true
	}
	if slices.Contains(w.homes, network) {
		return false // who comes from there is the leaver, whatever the name
	}
	return slices.ContainsFunc(r.s.On(network), func(u string) bool {
		seen := r.s.Principal(u)
		switch {
		case u == taker.unique, w.heirs[u], r.nets.descends(u, w.leaver.unique):
			return false
		case g.edge.Rule == "trust_change" && seen != nil && seen.Identity.Account != g.node.Account && !foreignTo(g.edge.Holder, seen.Identity.Account):
			return false
		}
		return !slices.ContainsFunc(w.gifts, func(o gift) bool { return r.nets.descends(u, o.p.unique) })
	})
}

// ofGift says whether a cluster was made with a gift, or with what was obtained
// by means of one since it was given.
func (r *run) ofGift(w *will, c *Cluster) bool {
	return slices.ContainsFunc(w.gifts, func(g gift) bool {
		return !c.First.Before(g.edge.At) && (c.Credential == g.node.ID ||
			slices.ContainsFunc(r.g.Ancestry(c.Credential), func(e lineage.Edge) bool { return e.Parent == g.node.ID }))
	})
}

// given are the clusters of what was given: of a password those that a sign-in
// began, until somebody else sets another; of a trust anchor those of all its sessions;
// else those of the credential.
func (r *run) given(g gift) (out []*Cluster) {
	edge, until := g.edge, time.Time{}
	for _, o := range g.node.In {
		if o.Rule == edge.Rule && o.At.After(edge.At) && (until.IsZero() || o.At.Before(until)) {
			until = o.At
		}
	}
	of := []string{g.node.ID}
	if edge.Rule == "roles_anywhere" {
		for _, o := range r.g.IssuedBy(edge.Event) {
			of = append(of, o.Child)
		}
	}
	for _, c := range g.p.clusters {
		if c.Last.Before(edge.At) || len(c.events) == 0 {
			continue
		}
		if edge.Rule != "login_profile" {
			if slices.Contains(of, c.Credential) {
				out = append(out, c)
			}
			continue
		}
		e := &g.p.events[c.events[0]]
		if e.Name == "ConsoleLogin" && e.Outcome() == evidence.Success && !e.Time.Before(edge.At) && (until.IsZero() || e.Time.Before(until)) {
			out = append(out, c)
		}
	}
	return out
}

// places are the networks of a person that tell them from others, as far as the
// clusters are to count.
func (r *run) places(p *person, counts func(*Cluster) bool) map[string]bool {
	out := map[string]bool{}
	for _, c := range p.clusters {
		if counts(c) && !r.nets.shared(c.Network) {
			out[c.Network] = true
		}
	}
	return out
}

// blameCluster makes a cluster likely the intruder's, unless somebody vouched for it.
func (p *person) blameCluster(c *Cluster, why string) {
	if c.fixed {
		return
	}
	c.fixed, c.own, c.Actor, c.Why = true, false, LikelyIntruder, why
	for _, i := range c.events {
		p.verdicts[i] = verdict{LikelyIntruder, why, true}
	}
}

// blameGift makes likely the intruder's the call that gave the credential away,
// and, where the leaver had made its user as well, what was done for that user.
func (r *run) blameGift(w *will, g gift) {
	const why = "lineage:reverse:bequest"
	blame := func(at place) { at.p.verdicts[at.i] = verdict{LikelyIntruder, why, true} }
	blame(g.at)
	seen := r.s.Principal(g.p.unique)
	var about []place
	for _, at := range w.calls {
		if e := &at.p.events[at.i]; slices.Contains(makerNames, e.Name) && names(e, g.p.unique, seen) {
			about = append(about, at)
		}
	}
	if slices.ContainsFunc(about, func(at place) bool { return at.p.events[at.i].Name == "CreateUser" }) {
		for _, at := range about {
			blame(at)
		}
	}
}
