package attribution

import (
	"slices"
	"strings"
	"time"
)

// A drill or a yearly job is too rare to be a habit; but who comes to destroy does not know what was
// done the last time, nor in which order.
const (
	rehearsedCalls = 3                  // sorts of change, at least, for an order to say anything
	rehearsedMost  = 200                // a longer one is no drill
	rehearsedApart = 7 * 24 * time.Hour // what is repeated within days may be an intruder's script
)

// rehearsed says whether a cluster belongs to a sitting in which the principal changed just what it had
// changed in an earlier one, in the same order, from the same place with the same tool. What is held
// against the earlier one is held against both; one that was left open tells only if there was no
// history to judge it by, or another before it.
func (r *run) rehearsed(p *person, c *Cluster) bool {
	if p.sittings == nil {
		p.findSittings()
	}
	did := p.sittings[c]
	if did == "" {
		return false
	}
	days, past := map[string]bool{}, false
	for _, o := range p.drills[did] {
		if o.Network != c.Network || o.Agent != c.Agent || o.First.After(c.First.Add(-rehearsedApart)) || !r.in.Exposed.IsZero() && !o.Last.Before(r.in.Exposed) {
			continue
		}
		if o.Actor.Hostile() || o.early || o.series {
			return false
		}
		days[o.First.Format(time.DateOnly)] = true
		past = past || o.Actor == Owner || o.Actor == Service || !o.known
	}
	return past || len(days) > 1
}

// findSittings keeps what was changed with success in the sitting of each cluster, in order, and who
// changed the same. A console session is one sitting, its sign-in included; the same again at once
// counts once.
func (p *person) findSittings() {
	p.sittings, p.drills = map[*Cluster]string{}, map[string][]*Cluster{}
	type place struct{ session, network, agent string }
	did, members := map[place][]string{}, map[place][]*Cluster{}
	for _, c := range p.clusters {
		at := place{c.Session, c.Network, c.Agent}
		if c.Session == c.Credential { // a key is used for years
			at.session += c.First.Format(time.RFC3339)
		}
		members[at] = append(members[at], c)
		for _, i := range c.events {
			e, list := &p.events[i], did[at]
			if !e.ReadOnly && makes(e) && len(list) <= rehearsedMost && (len(list) == 0 || list[len(list)-1] != e.Action()) {
				did[at] = append(list, e.Action())
			}
		}
	}
	for at, list := range did {
		sorts := slices.Clone(list)
		slices.Sort(sorts)
		if len(slices.Compact(sorts)) < rehearsedCalls || len(list) > rehearsedMost {
			continue
		}
		for _, c := range members[at] {
			p.sittings[c] = strings.Join(list, " ")
		}
	}
	for _, c := range p.clusters { // in order, whatever that of the map is
		if s := p.sittings[c]; s != "" {
			p.drills[s] = append(p.drills[s], c)
		}
	}
}
