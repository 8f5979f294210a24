package attribution

import (
	"context"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// slack allows for completion times in whole seconds: a key may be used in the
// second in which it was issued.
const slack = time.Second

// follow goes one step from every hostile event: to the credentials it issued
// and the users it created. Attribution flows along an edge only because the
// parent event is hostile, never because its principal is compromised.
func (r *run) follow(ctx context.Context) (changed bool, err error) {
	for _, u := range append([]string(nil), r.order...) {
		p := r.people[u]
		for i := range p.events {
			v, e := p.verdicts[i], &p.events[i]
			// What was handed on as likely is handed on anew once it is certain.
			if !v.actor.Hostile() || r.handed[e.ID] == Intruder || r.handed[e.ID] == v.actor || e.Outcome() == evidence.Failure {
				continue
			}
			r.handed[e.ID] = v.actor
			changed = true
			for _, edge := range r.g.IssuedBy(e.ID) {
				if err := r.hand(ctx, edge, v.actor, e); err != nil {
					return false, err
				}
			}
			if err := r.builds(ctx, e); err != nil {
				return false, err
			}
			if e.Name == "CreateUser" || e.Name == "CreateRole" {
				if err := r.created(ctx, e, v.actor); err != nil {
					return false, err
				}
			}
		}
	}
	hands, err := r.foreignHands(ctx)
	if err != nil {
		return false, err
	}
	pivoted, err := r.pivot(ctx)
	signIn, sitting := r.oneSignIn(), r.oneSitting()
	return signIn || sitting || changed || hands || pivoted, err
}

// hand passes hostility from an issuing event to the credential it issued.
func (r *run) hand(ctx context.Context, edge lineage.Edge, actor Actor, e *evidence.Event) error {
	n := r.g.Node(edge.Child)
	if edge.Rule == "host_entry" && n != nil && n.Person != "" {
		p, err := r.load(ctx, n.Person)
		if err != nil {
			return err
		}
		p.enter(r, n, e)
	}
	if edge.Tier <= 2 {
		r.leads = append(r.leads, edge)
		return nil
	}
	if n != nil && edge.Rule == "directory_user" {
		return r.enrolled(ctx, n, actor, e)
	}
	if n == nil || n.Person == "" || n.Linked || edge.Rule == "forwarded_access" {
		return nil // forwarded calls follow their own parent event, see followers
	}
	p, err := r.load(ctx, n.Person)
	if err != nil {
		return err
	}
	if edge.Tier == 3 {
		actor = LikelyIntruder
	}
	because := "lineage:" + edge.Rule
	switch {
	case edge.Rule == "create_access_key":
		r.handKey(p, n, edge, e, actor, because)
	case !edge.Held():
		p.taint(r, n.ID, e.Time.Add(-slack), actor, because)
	case edge.Rule == "host_entry":
		p.taintWhere(n.ID, e.Time.Add(-slack), func(c *Cluster) bool { return c.Network == edge.Network && edge.Tier >= 4 }, actor, because)
	case edge.Rule == "login_profile":
		r.password(p, n.ID, e, edge, actor)
	case edge.Rule == "git_key":
		r.gitKey(p, n, edge, e.Time.Add(-slack), actor)
	case edge.Rule == "codebuild":
		p.taint(r, n.ID, e.Time.Add(-slack), LikelyIntruder, because)
	case edge.Rule == "passed_role" && edge.Tier >= 4, edge.Rule == "started_task", edge.Rule == "started_automation":
		p.employ(r, n.ID, e.Time.Add(-slack), because)
	case edge.Rule == "passed_role", edge.Rule == "code_change", edge.Rule == "image_change":
		r.unwonted(p, n.ID, e, edge)
	case edge.Rule == "trust_change":
		if foreignTo(edge.Holder, n.Account) {
			p.taint(r, n.ID, e.Time.Add(-slack), LikelyIntruder, because) // let in by the intruder alone
		} else {
			r.leads = append(r.leads, edge)
		}
	case edge.Rule == "reactivate_access_key":
		p.named[n.ID] = true // as good as stolen from here on; its clusters are judged
	}
	return nil
}

// enter marks what a host did on its own network after the intruder got into it:
// commands run there carry the host's address and credentials, so only the calls
// of its management agent, and what the workload did on days before with the same tool,
// are still known to be its own.
func (p *person) enter(r *run, n *lineage.Node, entry *evidence.Event) {
	from := entry.Time
	for _, c := range p.clusters {
		own := p.ownNets[n.Workload+"\x00"+c.Network]
		if c.Credential == n.ID && own && !c.Last.Before(from) && c.Actor == Service && !p.managed(r, c) && !p.asEver(r, c, entry) {
			before := verdict{c.Actor, c.Why, true}
			c.openOnHost("lineage:host_entry:on_host")
			c.enteredAt = from
			for _, i := range c.events {
				if p.verdicts[i] = before; !p.events[i].Time.Before(from) {
					p.verdicts[i] = verdict{}
				}
			}
		}
	}
}

// taint makes everything done with a credential hostile from a moment on: it
// was issued to the intruder and to nobody else.
func (p *person) taint(r *run, node string, from time.Time, actor Actor, because string) {
	p.taintBut(r, node, from, nil, actor, because)
}

// taintBut is taint, but for some of the clusters.
func (p *person) taintBut(r *run, node string, from time.Time, but map[int]bool, actor Actor, because string) {
	spared := map[*Cluster]bool{}
	for n := range but {
		spared[p.clusters[n]] = true
	}
	for i := range p.events {
		if v := &p.verdicts[i]; r.g.CredentialOf(&p.events[i]) == node && !p.events[i].Time.Before(from) && (p.owner[i] < 0 || !but[p.owner[i]]) {
			if v.fixed = true; v.actor != Intruder || actor == Intruder {
				v.actor, v.because = actor, because
			}
		}
	}
	p.taintWhere(node, from, func(c *Cluster) bool { return !spared[c] }, actor, because)
}

// taintWhere fixes the clusters of a credential that satisfy a condition.
func (p *person) taintWhere(node string, from time.Time, where func(*Cluster) bool, actor Actor, because string) {
	for _, c := range p.clusters {
		if c.Credential == node && !c.Last.Before(from) && where(c) && !(c.fixed && c.Actor == Intruder) {
			if c.fixed = true; c.Actor != Intruder || actor == Intruder { // what shows by itself is no less sure for where it came from
				c.Actor, c.Why = actor, because
			}
		}
	}
}

// password follows a console password that the intruder set to the sign-ins
// made with it, until somebody else sets it again. From the intruder's own
// network the sign-in is the intruder's; from elsewhere only likely, since the
// user may have been told the new password. Whoever fails to sign in from
// elsewhere does not know it: mostly the owner, locked out.
func (r *run) password(p *person, node string, e *evidence.Event, edge lineage.Edge, actor Actor) {
	until := time.Time{}
	for _, other := range r.g.Node(node).In {
		if other.Rule == "login_profile" && other.At.After(e.Time) && other.Event != e.ID && (until.IsZero() || other.At.Before(until)) {
			if at, ok := r.find(other.Event); !ok || !at.p.verdicts[at.i].actor.Hostile() {
				until = other.At
			}
		}
	}
	for i := range p.events {
		login := &p.events[i]
		if login.Name != "ConsoleLogin" || login.Time.Before(e.Time) || !until.IsZero() && !login.Time.Before(until) {
			continue
		}
		a := LikelyIntruder
		switch {
		case login.Network() == edge.Network:
			a = actor
		case login.Outcome() == evidence.Failure:
			continue
		}
		raised := func(was Actor) bool { return was != Intruder && a == Intruder }
		if v := p.verdicts[i]; !v.actor.Hostile() || raised(v.actor) {
			p.verdicts[i] = verdict{a, "lineage:login_profile", true}
		}
		for _, c := range p.clusters {
			for _, j := range c.events {
				if j == i && !c.fixed && (!c.Actor.Hostile() || raised(c.Actor)) {
					c.Actor, c.Why = a, "lineage:login_profile"
				}
			}
		}
	}
}

// gitKey follows a key for Git that the intruder gave a user. Which key a call was made with is in no
// record: from where the key was given it is the intruder's, and from elsewhere likely so, where the
// user never came in that way before and was given no other. Else it is judged by itself.
func (r *run) gitKey(p *person, n *lineage.Node, edge lineage.Edge, from time.Time, actor Actor) {
	because := "lineage:git_key"
	p.taintWhere(n.ID, from, func(c *Cluster) bool { return c.Network == edge.Network }, actor, because)
	for _, other := range n.In {
		if at, ok := r.find(other.Event); other.Rule == "git_key" && (!ok || !at.p.verdicts[at.i].actor.Hostile()) {
			return
		}
	}
	if edge.Tier >= 4 {
		p.taintWhere(n.ID, from, func(*Cluster) bool { return true }, LikelyIntruder, because)
	}
}

// created makes every act of a user that the intruder created hostile: nobody
// else was given it.
func (r *run) created(ctx context.Context, e *evidence.Event, actor Actor) error {
	for _, res := range e.Resources {
		if !strings.HasPrefix(res, "AIDA") && !strings.HasPrefix(res, "AROA") || res == e.Identity.UniqueID() {
			continue
		}
		p, err := r.load(ctx, res)
		if err != nil {
			return err
		}
		if strings.HasPrefix(res, "AROA") {
			p.wear(r)
			continue
		}
		for i := range p.events {
			if !p.events[i].FromAWS() {
				p.verdicts[i] = verdict{actor, "lineage:create_user", true}
			}
		}
		for _, c := range p.clusters {
			c.fixed, c.Actor, c.Why = true, actor, "lineage:create_user"
		}
	}
	return nil
}

// wear makes likely the intruder's what takes a role that the intruder created,
// but for the calls of a host's management agent, which say only that it runs.
func (p *person) wear(r *run) {
	for _, c := range p.clusters {
		if c.fixed || p.managed(r, c) || p.events[c.events[0]].Identity.ServiceLinked() {
			continue
		}
		c.fixed, c.Actor, c.Why = true, LikelyIntruder, "lineage:create_role"
		for _, i := range c.events {
			p.verdicts[i] = verdict{LikelyIntruder, "lineage:create_role", true}
		}
	}
}

// back goes the other way: the call that issued a credential in the intruder's
// hands was the intruder's too, if it came from the same network with the same
// tool, and the network is nobody else's. A credential that was stolen after
// its owner obtained it elsewhere leads to nobody; but whoever asked for it is
// examined, on the merits of their own calls: an intruder may have moved since.
func (r *run) back(ctx context.Context) (changed bool, err error) {
	for _, u := range append([]string(nil), r.order...) {
		for _, c := range r.people[u].clusters {
			if !c.Actor.Hostile() {
				continue
			}
			n := r.g.Node(c.Credential)
			if n == nil || n.Best() == nil || n.Best().Parent == "" || n.Best().Tier < 4 {
				continue
			}
			edge := n.Best()
			parent := r.g.Node(edge.Parent)
			if parent == nil || parent.Person == "" || r.spent["back:"+edge.Event] {
				continue
			}
			known := r.people[parent.Person] != nil
			p, err := r.load(ctx, parent.Person)
			if err != nil {
				return false, err
			}
			changed = changed || !known
			if edge.Network != c.Network || edge.Agent != c.Agent || r.nets.shared(c.Network) {
				continue
			}
			r.spent["back:"+edge.Event] = true
			if p.blame(edge, c.Actor) {
				changed = true
			}
		}
	}
	made, err := r.makers(ctx)
	if err != nil {
		return false, err
	}
	up, err := r.upward(ctx)
	if err != nil {
		return false, err
	}
	self, err := r.selfLetters(ctx)
	return changed || made || up || self, err
}

// blame makes the cluster that holds an issuing event likely hostile, unless it
// is recognisable as the owner's.
func (p *person) blame(edge *lineage.Edge, actor Actor) bool {
	for _, c := range p.clusters {
		for _, i := range c.events {
			if p.events[i].ID == edge.Event && !c.fixed && !c.own && !c.Actor.Hostile() {
				c.fixed, c.Actor, c.Why = true, LikelyIntruder, "lineage:reverse:"+edge.Rule
				return true
			}
		}
	}
	return false
}
