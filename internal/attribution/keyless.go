package attribution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// keylessSources are where calls without a key hand somebody a session, or fail to: sign-in,
// the directory's portal, the pools of Cognito, and Systems Manager where a machine is
// registered with the code of an activation.
var keylessSources = append(slices.Clone(portalSources), "cognito-identity.amazonaws.com", "ssm.amazonaws.com")

// keylessWindow is how long before the intruder is seen at an address a call without a key
// from there is held to be how they came in: sessions live up to twelve hours.
const keylessWindow = 12 * time.Hour

// maxKeylessIPs bounds the addresses looked at.
const maxKeylessIPs = 256

// Codes of what is the intruder's for nothing but the address.
const (
	whyGuess   = "hostile_address:guess"
	whyKeyless = "hostile_address:keyless"
)

// span is from when to when the intruder was seen at an address.
type span struct{ from, to time.Time }

// theirAddresses are the addresses of which the evidence shows the intruder's use, on
// networks that are neither shared nor anybody's rightful place; what is only assumed shows
// nothing.
func (r *run) theirAddresses() map[string]span {
	rightful := map[string]bool{}
	for _, p := range r.people {
		for _, c := range p.clusters {
			if c.Actor == Owner || c.Actor == Service || c.Actor == Responder {
				rightful[c.Network] = true
			}
		}
	}
	out := map[string]span{}
	for _, u := range r.order {
		p := r.people[u]
		for _, c := range p.clusters {
			if !c.Actor.Hostile() || rightful[c.Network] || strings.HasPrefix(c.Why, "assumption:") || strings.HasPrefix(c.Why, "case:") || r.nets.shared(c.Network) {
				continue
			}
			for _, i := range c.events {
				ip := p.events[i].SourceIP
				s, ok := out[ip]
				if !ok && (len(out) >= maxKeylessIPs || !evidence.IsAddress(ip)) {
					continue
				}
				if !ok || c.First.Before(s.from) {
					s.from = c.First
				}
				if c.Last.After(s.to) {
					s.to = c.Last
				}
				out[ip] = s
			}
		}
	}
	return out
}

// keyless finds how the intruder came in where the records carry no key: what handed them
// a session (an identity of a pool, a device's code, the portal's roles), and passwords
// that they guessed wrong, of whomever. Only from an address of their own, and never of
// who was seen there with credentials of their own.
func (r *run) keyless(ctx context.Context) (map[*evidence.Event]verdict, error) {
	theirs := r.theirAddresses()
	if len(theirs) == 0 {
		return nil, nil
	}
	ips := make([]string, 0, len(theirs))
	for ip := range theirs {
		ips = append(ips, ip)
	}
	slices.Sort(ips)
	out := map[*evidence.Event]verdict{}
	for e, err := range r.q.Events(ctx, evidence.Query{IPs: ips, Sources: keylessSources}) {
		if err != nil {
			return nil, fmt.Errorf("read calls without a key from the intruder's addresses: %w", err)
		}
		s := theirs[e.SourceIP]
		if e.Identity.AccessKey != "" || e.Time.Before(s.from.Add(-keylessWindow)) || e.Time.After(s.to) || r.atWork(e.Identity.Person(), e.Network()) {
			continue
		}
		switch {
		case e.Name == "ConsoleLogin" && e.Outcome() == evidence.Failure:
			out[&e] = verdict{LikelyIntruder, whyGuess, true}
		case e.Source != "signin.amazonaws.com" && (e.Identity.Type == "Unknown" || e.Identity.Person() == ""):
			out[&e] = verdict{LikelyIntruder, whyKeyless, true}
		}
	}
	return out, nil
}

// atWork says whether somebody was seen on a network with credentials of their own: not
// where all that was ever done there in their name is the intruder's, or failed to sign in.
func (r *run) atWork(person, network string) bool {
	p := r.people[person]
	if p == nil {
		return slices.Contains(r.s.On(network), person)
	}
	return slices.ContainsFunc(p.clusters, func(c *Cluster) bool { return c.Network == network && !c.Actor.Hostile() && !p.onlyFailed(c) })
}
