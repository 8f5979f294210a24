package attribution

import (
	"context"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// seed loads the principals behind everything the case names.
func (r *run) seed(ctx context.Context) error {
	for _, id := range r.in.Credentials {
		n := r.g.Node(id)
		if n == nil || n.Person == "" {
			continue
		}
		p, err := r.load(ctx, n.Person)
		if err != nil {
			return err
		}
		p.named[id] = true
		if n.Kind == "console_session" {
			for _, c := range p.clusters {
				if c.Credential == id {
					p.named[c.Session] = true
				}
			}
		}
	}
	for _, u := range r.in.Principals {
		p, err := r.load(ctx, u)
		if err != nil {
			return err
		}
		p.namedAll = true
	}
	for _, u := range r.in.Examine {
		if _, err := r.load(ctx, u); err != nil {
			return err
		}
	}
	for _, w := range r.in.Workloads {
		for _, id := range r.g.OnHost(w) {
			n := r.g.Node(id)
			if n.Person == "" {
				continue
			}
			p, err := r.load(ctx, n.Person)
			if err != nil {
				return err
			}
			p.named[id] = true
		}
	}
	for _, id := range r.in.Mentioned {
		if n := r.g.Node(id); n != nil && n.Person != "" {
			p, err := r.load(ctx, n.Person)
			if err != nil {
				return err
			}
			p.mentioned[id] = true
		}
	}
	if err := r.testers(ctx); err != nil {
		return err
	}
	if err := r.roleMakers(ctx); err != nil {
		return err
	}
	return r.seedEvents(ctx)
}

// seedEvents loads the principals seen at named addresses and in named events.
// Matching prefixes costs one pass over the light columns.
func (r *run) seedEvents(ctx context.Context) error {
	if len(r.in.Events) == 0 && len(r.in.IPs) == 0 {
		return nil
	}
	var found []evidence.Event
	collect := func(q evidence.Query, keep func(*evidence.Event) bool) error {
		for e, err := range r.q.Events(ctx, q) {
			if err != nil {
				return err
			}
			if keep(&e) {
				found = append(found, e)
			}
		}
		return nil
	}
	all := func(*evidence.Event) bool { return true }
	if len(r.in.Events) > 0 {
		if err := collect(evidence.Query{IDs: r.in.Events}, all); err != nil {
			return err
		}
	}
	if ips, prefixes := splitPrefixes(r.in.IPs); len(prefixes) > 0 {
		if err := collect(evidence.Query{}, func(e *evidence.Event) bool { return within(e, r.in.IPs) }); err != nil {
			return err
		}
	} else if len(ips) > 0 {
		if err := collect(evidence.Query{IPs: ips}, all); err != nil {
			return err
		}
	}
	var users []string
	for i := range found {
		e := &found[i]
		u := e.Identity.Person()
		if u == "" {
			r.loose = append(r.loose, *e)
			continue
		}
		users = append(users, u)
		already := r.people[u] != nil
		p, err := r.load(ctx, u)
		if err != nil {
			return err
		}
		p.bystander = (!already || p.bystander) && !slices.Contains(r.in.Events, e.ID) && r.nets.shared(e.Network())
	}
	return r.welcomers(ctx, slices.Compact(slices.Sorted(slices.Values(users))))
}

func splitPrefixes(ips []string) (plain, prefixes []string) {
	for _, s := range ips {
		if slices.Contains([]byte(s), '/') {
			prefixes = append(prefixes, s)
		} else {
			plain = append(plain, s)
		}
	}
	return plain, prefixes
}
