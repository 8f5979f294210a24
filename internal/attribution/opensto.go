package attribution

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Bounds of what is read of calls that let addresses in, against hostile bulk.
const (
	maxOpenings     = 2048
	maxOpeningDepth = 12
)

// The widest range that can be somebody's own: a wider one is let in for whole providers.
const (
	ownRange4 = 20
	ownRange6 = 40
)

// opening is a call of a principal that let addresses in, and which.
type opening struct {
	i      int // index into the principal's events
	ranges []netip.Prefix
}

// letIns reads which addresses the principal's calls let in. Few principals make such
// calls, so that records are read of those alone.
func (r *run) letIns(ctx context.Context, p *person) error {
	at := map[string]int{}
	var ids []string
	for i := range p.events {
		if e := &p.events[i]; slices.Contains(r.w.OpeningCalls, e.Action()) && e.Outcome() == evidence.Success && len(ids) < maxOpenings {
			at[e.Key()] = i
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for e, err := range r.q.Events(ctx, evidence.Query{IDs: ids, Body: true}) {
		if err != nil {
			return fmt.Errorf("read what %s let in: %w", p.unique, err)
		}
		i, ok := at[e.Key()]
		rec, err := e.Parse()
		if !ok || err != nil { // what cannot be read let nobody in
			continue
		}
		if ranges := rangesIn(rec["requestParameters"], 0); len(ranges) > 0 {
			p.openings = append(p.openings, opening{i, ranges})
		}
	}
	slices.SortFunc(p.openings, func(a, b opening) int { return a.i - b.i })
	return nil
}

// rangesIn are the addresses and ranges of addresses among the values of a record, in whatever shape
// the service logs them, that are narrow enough to be somebody's own.
func rangesIn(v any, depth int) (out []netip.Prefix) {
	if depth > maxOpeningDepth {
		return nil
	}
	switch v := v.(type) {
	case string:
		prefix, err := netip.ParsePrefix(v)
		if err != nil {
			addr, err := netip.ParseAddr(v)
			if err != nil {
				return nil
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		if own := ownRange4; prefix.Bits() >= own && (prefix.Addr().Is4() || prefix.Bits() >= ownRange6) {
			out = append(out, prefix.Masked())
		}
	case []any:
		for _, x := range v {
			out = append(out, rangesIn(x, depth+1)...)
		}
	case map[string]any:
		for _, x := range v {
			out = append(out, rangesIn(x, depth+1)...)
		}
	}
	return out
}

// opensWindow is how long before the intruder was first seen on a network it may have been let in for them.
const opensWindow = 72 * time.Hour

// opensTo names the network of the intruder's own that a cluster let in since a moment, "" if none: one that
// they were shown to use with somebody else's credentials, that is not shared and not the principal's own. Who lets in
// the very place from which the account is robbed works for whoever sits there.
func (r *run) opensTo(p *person, c *Cluster, since time.Time) string {
	known := r.round
	if c.since > 0 {
		known = c.since
	}
	var networks []string // once it is known that there is anything to ask of them
	for _, o := range p.openings {
		e := &p.events[o.i]
		if n := p.owner[o.i]; n < 0 || p.clusters[n] != c || e.Time.Before(since) {
			continue
		}
		if networks == nil {
			networks = r.ownNetworks(p)
		}
		for _, network := range networks {
			prefix, err := netip.ParsePrefix(network)
			if err != nil || !slices.ContainsFunc(o.ranges, prefix.Overlaps) {
				continue
			}
			for other, round := range r.hostileNets[network] {
				first := r.hostileSince[[2]string{network, other}]
				if round < known && other != p.unique && !r.nets.descends(other, p.unique) && !first.After(e.Time.Add(opensWindow)) && r.shownOn(other, network) && !p.wasThere(network, first) {
					return network
				}
			}
		}
	}
	return ""
}

// ownNetworks are the networks of the intruder's that identify somebody and are not where the principal is at home, in order.
func (r *run) ownNetworks(p *person) (out []string) {
	for network := range r.hostileNets {
		if !r.nets.shared(network) && !r.nets.corporate(network) && p.baseline.networks[network] == 0 {
			out = append(out, network)
		}
	}
	slices.Sort(out)
	return out
}

// shownOn says whether the person's credentials were shown, and not only assumed or named by the case, to be in the intruder's hands on a network.
func (r *run) shownOn(person, network string) bool {
	p := r.people[person]
	return p != nil && slices.ContainsFunc(p.clusters, func(c *Cluster) bool {
		return c.Network == network && c.Actor.Hostile() && !strings.HasPrefix(c.Why, "assumption:") && !strings.HasPrefix(c.Why, "case:")
	})
}
