package attribution

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// maxPivot bounds how many principals one network may lead to; a network with
// more is shared by any measure.
const maxPivot = 16

// pivot examines other identities on the intruder's own networks. Meeting
// there is one signal among others, and none at all where the network is shared.
func (r *run) pivot(ctx context.Context) (changed bool, err error) {
	nets := make([]string, 0, len(r.hostileNets))
	for n := range r.hostileNets {
		nets = append(nets, n)
	}
	sort.Strings(nets)
	for _, n := range nets {
		if r.spent["net:"+n] || r.nets.shared(n) {
			continue
		}
		r.spent["net:"+n] = true
		on := r.s.On(n)
		if len(on) > maxPivot {
			continue
		}
		for _, u := range on {
			if r.people[u] == nil && r.s.Principal(u) != nil {
				changed = true
				if _, err := r.load(ctx, u); err != nil {
					return false, err
				}
			}
		}
	}
	return changed, nil
}

// isUser says whether a person is an IAM user: by id, or by ARN where the log
// has no ids.
func isUser(person string) bool {
	return strings.HasPrefix(person, "AIDA") || strings.Contains(person, ":user/")
}

// names says whether a call is about the user.
func names(e *evidence.Event, unique string, seen *PrincipalSeen) bool {
	if slices.Contains(e.Resources, unique) {
		return true
	}
	return seen != nil && (slices.Contains(e.Resources, seen.Identity.UserName) || slices.Contains(e.Resources, seen.Identity.ARN))
}

func (p *person) allHostile() bool {
	return len(p.clusters) > 0 && !slices.ContainsFunc(p.clusters, func(c *Cluster) bool { return !c.Actor.Hostile() })
}

func (p *person) hasCluster(e *evidence.Event) bool {
	return slices.ContainsFunc(p.clusters, func(c *Cluster) bool { return c.Network == e.Network() })
}

func trimPrefix(network string) string {
	s, _, _ := strings.Cut(network, "/")
	return s
}

func isEndpoint(network string) bool { return strings.HasPrefix(network, "vpce-") }
