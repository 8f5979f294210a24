package attribution

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// portalSources are where a directory records its side of a sign-in: without a
// key, often without a principal.
var portalSources = []string{"signin.amazonaws.com", "sso.amazonaws.com", "sso-oauth.amazonaws.com", "sso-directory.amazonaws.com", "identitystore.amazonaws.com"}

// portalWindow is how long before the role session was opened the sign-in behind
// it may lie: a portal session lives up to twelve hours by default.
const portalWindow = 12 * time.Hour

// portal is one sign-in to the access portal, as the role sessions show it that
// were opened by it.
type portal struct {
	users       map[string]bool // ids and names of the person
	theirs, own map[string]bool // networks of hostile clusters, and of rightful ones
	ips         map[string]bool // addresses of the hostile ones
	sure        bool            // all hostile clusters are certain
	from, to    time.Time       // when the hostile sessions were opened, and last used
}

// portals settles what a directory recorded of the sign-ins behind hostile role
// sessions: the records carry the portal's credential, or the person's id or name,
// and no key. Whoever holds the role session signed in, if nobody rightful holds
// another of the same sign-in; else place decides.
func (r *run) portals(ctx context.Context) (map[*evidence.Event]verdict, error) {
	byEvent, err := r.portalSessions(ctx)
	if err != nil || len(byEvent) == 0 {
		return nil, err
	}
	byCredential, all := map[string]*portal{}, []*portal{}
	var creds, ips []string
	for _, x := range byEvent {
		p := byCredential[x.e.Identity.CredentialID]
		if p == nil {
			p = &portal{users: map[string]bool{}, theirs: map[string]bool{}, own: map[string]bool{}, ips: map[string]bool{}, sure: true}
			all = append(all, p)
			if id := x.e.Identity.CredentialID; id != "" {
				byCredential[id] = p
				creds = append(creds, id)
			}
		}
		p.opened(r, x)
	}
	for _, p := range all {
		for ip := range p.ips {
			ips = append(ips, ip)
		}
	}
	out := map[*evidence.Event]verdict{}
	read := func(q evidence.Query, judge func(*evidence.Event) verdict) error {
		for e, err := range r.q.Events(ctx, q) {
			if err != nil {
				return err
			}
			if e.Identity.AccessKey != "" || r.byEvent[e.ID].p != nil {
				continue
			}
			if v := judge(&e); v.actor != "" {
				out[&e] = v
			}
		}
		return nil
	}
	if len(creds) > 0 {
		slices.Sort(creds)
		if err := read(evidence.Query{Credentials: creds}, func(e *evidence.Event) verdict { return byCredential[e.Identity.CredentialID].judge(e) }); err != nil {
			return nil, err
		}
	}
	if len(ips) == 0 {
		return out, r.federated(ctx, byEvent, out)
	}
	slices.Sort(ips)
	err = read(evidence.Query{IPs: slices.Compact(ips), Sources: portalSources}, func(e *evidence.Event) verdict {
		if byCredential[e.Identity.CredentialID] != nil || r.nets.shared(e.Network()) {
			return verdict{}
		}
		for _, p := range all {
			if p.before(e) {
				return verdict{LikelyIntruder, "lineage:reverse:identity_center", true}
			}
		}
		return verdict{}
	})
	if err != nil {
		return nil, err
	}
	return out, r.federated(ctx, byEvent, out)
}

// portalSession is a call by which a directory opened a role session, and the
// clusters of that session. Where no record shows that call, e is the first of the session's own.
type portalSession struct {
	e        evidence.Event
	inner    bool // e is of the session itself
	clusters []*Cluster
	p        *person
}

// portalSessions lists the calls that opened role sessions through a directory,
// where any of the person's sessions is hostile, in order.
func (r *run) portalSessions(ctx context.Context) ([]*portalSession, error) {
	at := map[string]*portalSession{}
	var ids []string
	for _, u := range r.order {
		p := r.people[u]
		if !slices.ContainsFunc(p.clusters, func(c *Cluster) bool { return c.Actor.Hostile() }) {
			continue
		}
		for _, c := range p.clusters {
			n := r.g.Node(c.Credential)
			if n == nil {
				continue
			}
			for _, e := range n.In {
				if e.Rule != "identity_center" || e.Tier < 4 {
					continue
				}
				if at[e.Event] == nil {
					at[e.Event] = &portalSession{p: p}
					ids = append(ids, e.Event)
				}
				at[e.Event].clusters = append(at[e.Event].clusters, c)
			}
		}
	}
	out := r.innerSessions()
	if len(ids) == 0 {
		return out, nil
	}
	for e, err := range r.q.Events(ctx, evidence.Query{IDs: ids}) {
		if err != nil {
			return nil, err
		}
		x := *at[e.ID]
		x.e = e
		out = append(out, &x)
	}
	return out, nil
}

// opened adds what one call and its role session tell of the sign-in.
func (p *portal) opened(r *run, x *portalSession) {
	id := x.e.Identity
	for _, name := range []string{id.OnBehalfOf, id.UserName} {
		if name != "" {
			p.users[strings.ToLower(name)] = true
		}
	}
	if _, name, ok := strings.Cut(x.p.unique, ":"); ok {
		p.users[strings.ToLower(name)] = true
	}
	for _, id := range x.p.directoryIDs() { // the assertion names the person, the sign-in their id
		p.users[id] = true
	}
	for _, c := range x.clusters {
		switch {
		case c.Actor.Hostile():
			p.theirs[c.Network] = true
			p.sure = p.sure && c.Actor == Intruder
			if p.from.IsZero() || x.e.Time.Before(p.from) {
				p.from = x.e.Time
			}
			if c.Last.After(p.to) {
				p.to = c.Last
			}
			if r.nets.shared(c.Network) {
				continue
			}
			for _, i := range c.events {
				p.ips[x.p.events[i].SourceIP] = true
			}
		case c.Actor == Owner || c.Actor == Responder:
			p.own[c.Network] = true
		}
	}
}

// judge says whose a record of the sign-in itself is.
func (p *portal) judge(e *evidence.Event) verdict {
	const why = "lineage:reverse:identity_center"
	n, actor := e.Network(), LikelyIntruder
	if p.sure {
		actor = Intruder
	}
	switch {
	case len(p.theirs) == 0:
		return verdict{}
	case p.own[n] && !p.theirs[n]:
		return verdict{Owner, why, true}
	case p.theirs[n], len(p.own) == 0 && e.FromAWS():
		return verdict{actor, why, true}
	}
	return verdict{Undetermined, why, true}
}

// before says whether a record without the portal's credential is of the same
// person's sign-in shortly before a hostile session.
func (p *portal) before(e *evidence.Event) bool {
	id := e.Identity
	named := p.users[strings.ToLower(id.OnBehalfOf)] && id.OnBehalfOf != "" || p.users[strings.ToLower(id.UserName)] && id.UserName != ""
	return named && p.theirs[e.Network()] && !p.own[e.Network()] && !e.Time.Before(p.from.Add(-portalWindow)) && !e.Time.After(p.to)
}
