package attribution

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// sameHand gives the intruder what else it did on a network that many use: with the
// same credential and a tool that its owner had never used there before the intruder
// came with it. Elsewhere the network alone tells.
func (r *run) sameHand(p *person) {
	type hand struct{ credential, network, agent string }
	seen := map[hand]Actor{}
	for _, c := range p.clusters {
		k := hand{c.Credential, c.Network, c.Agent}
		if seen[k] == "" && (c.scored("agent_new") || !c.Actor.Hostile()) {
			seen[k] = c.Actor // whose the tool is, is told by who brought it
		}
		if !c.fixed && (c.Actor == Owner || c.Actor == Undetermined) && seen[k].Hostile() && r.nets.shared(c.Network) {
			c.Actor, c.own, c.Why = LikelyIntruder, false, "same_hand|"+c.Why
		}
	}
}

// sameSubject gives the intruder the later sessions of an outside identity that never took
// the role before it took it for a session in the intruder's hands: the very token subject,
// within three days, with a tool that is new to the role as well, where its calls do not pass
// for the role's own. A hired runner's network is everybody's, so the place can tell nothing;
// what is new to the role and at its first job hostile has no owner to be confused with.
func (r *run) sameSubject(p *person) {
	first := map[string]*Cluster{}
	theirs := map[string][]*Cluster{} // hostile, of a foreign owner's
	for _, c := range p.clusters {    // in order of time
		who := tokenOf(r.g.Node(c.Credential))
		if who == "" || !c.strange {
			continue
		}
		if c.foreign && c.Actor.Hostile() && c.byItself() {
			theirs[who] = append(theirs[who], c)
		}
		o := first[who]
		switch {
		case o == nil:
			first[who] = c
		case !c.fixed && c.Actor == Undetermined && !c.early && c.scored("agent_new") && o.Session != c.Session && o.Actor.Hostile() && o.byItself() && apart(o, c) <= siblingWindow:
			c.Actor, c.own, c.Why = LikelyIntruder, false, "same_subject|"+c.Why
		}
	}
	for _, c := range p.clusters {
		near := func(o *Cluster) bool { return o.Session != c.Session && apart(o, c) <= siblingWindow }
		if c.foreign && !c.fixed && !c.early && c.Actor == Undetermined && slices.ContainsFunc(theirs[tokenOf(r.g.Node(c.Credential))], near) {
			c.Actor, c.own, c.Why = LikelyIntruder, false, "same_subject|"+c.Why
		}
	}
}

// theirSubject says whether the very subject of a cluster took the role at another time for
// something hostile, or since the exposure for something open: one hand is not open and
// cleared at once.
func (r *run) theirSubject(p *person, c *Cluster) bool {
	who := tokenOf(r.g.Node(c.Credential))
	return slices.ContainsFunc(p.clusters, func(o *Cluster) bool {
		return o != c && o.foreign && (o.Actor.Hostile() || o.Actor == Undetermined && !r.beforeExposure(o)) && tokenOf(r.g.Node(o.Credential)) == who
	})
}

// samePlaceWindow is how long before and after the intruder was on a network what another
// credential of the same principal did there is held to be theirs too.
const samePlaceWindow = 24 * time.Hour

// samePlace gives the intruder what else the same principal's credentials did on a network
// that is nobody else's and where the principal never was on a day before the intruder came:
// the same session whenever it was, another credential within a day, if the principal's
// habits are known or the very same caller of another account opened it: an owner may have
// moved. A workload's usual calls stay: it may run where
// the intruder made it do something else.
func (r *run) samePlace(p *person) {
	theirs := map[string][]*Cluster{}
	for _, c := range p.clusters {
		if c.Actor.Hostile() && !c.Rotating && !c.kin && outsideAddress(c.Network) && c.byItself() && !p.onlyFailed(c) && !r.nets.shared(c.Network) {
			theirs[c.Network] = append(theirs[c.Network], c)
		}
	}
	for _, c := range p.clusters {
		list := theirs[c.Network]
		if len(list) == 0 || c.fixed || c.early || c.kin || c.Actor != Owner && c.Actor != Undetermined || c.scored("mfa") || c.scored("source_identity") {
			continue // who brings the owner's second factor is not told by the place
		}
		since := list[0].First.Add(-graveApart) // clusters are in order of time
		if slices.ContainsFunc(list, func(h *Cluster) bool { return r.sameCaller(c, h) }) {
			since = since.Add(-samePlaceWindow) // the very caller, and not the role's others, may have looked in a day before
		}
		if p.daysBefore(c.Network, since) > 0 {
			continue
		}
		n := r.g.Node(c.Credential)
		if c.habitual && (p.roaming[c.Agent] || n != nil && n.Workload != "") {
			continue
		}
		for _, h := range list {
			one := h.Session == c.Session && (n == nil || n.Kind != "access_key")
			near := (c.known || r.sameCaller(c, h)) && !r.in.Away && !p.roaming[c.Agent] && apart(c, h) <= samePlaceWindow
			if one || near {
				c.Actor, c.own, c.Why = LikelyIntruder, false, "same_place|"+c.Why
				break
			}
		}
	}
}

// sameCaller says whether one principal of another account opened the sessions of both.
func (r *run) sameCaller(a, b *Cluster) bool {
	m, n := r.g.Node(a.Credential), r.g.Node(b.Credential)
	if m == nil || n == nil || m.Best() == nil || n.Best() == nil || m.Best().Parent != "" || n.Best().Parent != "" {
		return false
	}
	return m.Best().By != "" && m.Best().By == n.Best().By
}

// sameSurely makes certain what by itself is likely the intruder's where something of the
// same principal, on the same network and in the same days, is certain: nobody else's place,
// where the principal never was before, holds one hand.
func (r *run) sameSurely(p *person) {
	sure, since := map[string][]*Cluster{}, map[string]time.Time{}
	for _, c := range p.clusters {
		if !c.Actor.Hostile() || !c.byItself() || c.Rotating || c.kin || !outsideAddress(c.Network) || p.roaming[c.Agent] {
			continue
		}
		if c.Actor == Intruder && !p.onlyFailed(c) {
			sure[c.Network] = append(sure[c.Network], c)
		}
		if since[c.Network].IsZero() { // clusters are in order of time
			since[c.Network] = c.First
		}
	}
	for _, c := range p.clusters {
		if c.Actor != LikelyIntruder || c.fixed || !strings.HasPrefix(c.Why, "score:") || p.roaming[c.Agent] || c.scored("mfa") || c.scored("source_identity") {
			continue
		}
		near := slices.ContainsFunc(sure[c.Network], func(o *Cluster) bool { return apart(o, c) <= siblingWindow })
		if near && !r.nets.shared(c.Network) && p.daysBefore(c.Network, since[c.Network].Add(-graveApart)) == 0 {
			c.Actor, c.Why = Intruder, "same_surely|"+c.Why
		}
	}
}

// provenElsewhere makes certain what is likely the intruder's by itself where the very
// credential is certainly in their hands in the same days, from another place, and this one
// shows what its owner seldom does even on a journey: three departures beside the hour, or a
// machine's session at work in two places.
func (r *run) provenElsewhere(p *person) {
	for _, c := range p.clusters {
		if c.Actor != LikelyIntruder || c.fixed || !strings.HasPrefix(c.Why, "score:") || p.roaming[c.Agent] || c.scored("mfa") || c.scored("source_identity") ||
			!outsideAddress(c.Network) || r.nets.shared(c.Network) || p.onlyFailed(c) || c.departures() < 3 && !p.hardSign(r, c) {
			continue
		}
		proven := slices.ContainsFunc(p.clusters, func(o *Cluster) bool {
			return o.Actor == Intruder && o.Credential == c.Credential && o.byItself() && !strings.HasPrefix(o.Why, "same_surely|") && !p.onlyFailed(o) && apart(o, c) <= siblingWindow
		})
		if proven && p.daysBefore(c.Network, c.First.Add(-siblingWindow)) == 0 {
			c.Actor, c.Why = Intruder, "proven_elsewhere|"+c.Why
		}
	}
}

// onlyFailed says whether nothing that a cluster tried was done: a sign-in that fails does not
// even show that whoever tried holds anything of the principal's.
func (p *person) onlyFailed(c *Cluster) bool {
	return !slices.ContainsFunc(c.events, func(i int) bool { return p.events[i].Outcome() != evidence.Failure })
}

// byItself says whether a hostile cluster is so by what it did or by whose hands its
// credential came from, and not because the case points at it.
func (c *Cluster) byItself() bool {
	return strings.HasPrefix(c.Why, "score:") || strings.HasPrefix(c.Why, "same_surely|") || strings.HasPrefix(c.Why, "lineage:")
}

// outsideAddress says whether a network is one of the public internet: a private address or an
// endpoint lies inside somebody's own.
func outsideAddress(network string) bool {
	a, err := netip.ParseAddr(trimPrefix(network))
	return err == nil && !a.IsPrivate() && !a.IsLoopback()
}
