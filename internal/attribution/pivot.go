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
			if r.people[u] == nil {
				changed = true
				if _, err := r.load(ctx, u); err != nil {
					return false, err
				}
			}
		}
	}
	return changed, nil
}

// makerNames are the calls that make or empower a user.
var makerNames = []string{"CreateUser", "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "AttachUserPolicy", "PutUserPolicy", "AddUserToGroup"}

// makers looks for who made the users that the case names, when everything
// they did is hostile: the same network and tool then point at the same actor.
// Only those calls are attributed; what else their maker did stays open.
func (r *run) makers(ctx context.Context) (changed bool, err error) {
	for _, u := range r.in.Principals {
		p := r.people[u]
		if p == nil || r.spent["maker:"+u] || p.baseline.Known || !isUser(u) || !p.allHostile() {
			continue
		}
		r.spent["maker:"+u] = true
		seen := r.s.Principal(u)
		for e, err := range r.q.Events(ctx, evidence.Query{Names: makerNames}) {
			if err != nil {
				return false, err
			}
			if e.Identity.Person() == "" || e.Identity.Person() == u || e.Outcome() == evidence.Failure || !names(&e, u, seen) || !p.hasCluster(&e) {
				continue
			}
			maker, err := r.load(ctx, e.Identity.Person())
			if err != nil {
				return false, err
			}
			for i := range maker.events {
				if maker.events[i].ID == e.ID && !maker.verdicts[i].fixed {
					maker.verdicts[i] = verdict{LikelyIntruder, "lineage:reverse:made_user", true}
					changed = true
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
