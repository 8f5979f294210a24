package attribution

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// employ makes likely the intruder's what a workload does that the intruder set
// up, but for the calls of its management agent: those say only that it runs.
func (p *person) employ(r *run, node string, from time.Time, because string) {
	for _, c := range p.clusters {
		if c.Credential != node || c.Last.Before(from) || p.managed(r, c) || c.fixed && c.Actor == Intruder {
			continue
		}
		c.fixed, c.Actor, c.Why = true, LikelyIntruder, because
		for _, i := range c.events {
			p.verdicts[i] = verdict{LikelyIntruder, because, true}
		}
	}
}

// unwonted makes likely the intruder's what a workload's session does, after the
// intruder changed its code, that its role never did before, or what comes from a
// place and a tool that it never had: its keys were carried off. Its ordinary work
// goes on in the same session and stays as it was judged. Without habits to
// compare with, the edge is only a lead.
func (r *run) unwonted(p *person, node string, e *evidence.Event, edge lineage.Edge) {
	b := newBaseline(r.w)
	for i := range p.events {
		if p.events[i].Time.Before(e.Time) && !p.verdicts[i].actor.Hostile() {
			b.add(&p.events[i])
		}
	}
	if !b.Known {
		r.leads = append(r.leads, edge)
		return
	}
	for i := range p.events {
		o := &p.events[i]
		if r.g.CredentialOf(o) == node && !o.Time.Before(e.Time) && (!b.plain[o.Action()] || b.stranger(o)) {
			p.verdicts[i] = verdict{LikelyIntruder, "lineage:" + edge.Rule, true}
		}
	}
}

// foreignTo says whether a principal that a trust names is of another account,
// or of anybody.
func foreignTo(principal, account string) bool {
	if principal == "*" {
		return true
	}
	if f := strings.SplitN(principal, ":", 6); len(f) == 6 {
		return f[4] != "" && f[4] != account
	}
	return principal != account
}

// secretCalls are reads of what may hold an access key.
var secretCalls = []string{"GetSecretValue", "BatchGetSecretValue", "GetParameter", "GetParameters", "GetParametersByPath", "GetFunction", "GetFunctionConfiguration", "DescribeInstanceAttribute"}

// secretWindow is how long after a secret was read a key may appear for the two
// to be told together.
const secretWindow = 24 * time.Hour

// secretContent infers that a secret held a key: the intruder read it, and
// within a day a long-term key of somebody else, which no record here issued, was
// first used from the same network. Nothing shows what a secret holds, so this
// is a lead, never inherited.
func (r *run) secretContent() {
	type read struct {
		e    *evidence.Event
		node string
	}
	var reads []read
	for _, u := range r.order {
		p := r.people[u]
		for i := range p.events {
			if e := &p.events[i]; p.verdicts[i].actor.Hostile() && slices.Contains(secretCalls, e.Name) && e.Outcome() == evidence.Success && !e.FromAWS() {
				reads = append(reads, read{e, r.g.CredentialOf(e)})
			}
		}
	}
	for _, u := range r.order {
		for _, c := range r.people[u].clusters {
			n := r.g.Node(c.Credential)
			if n == nil || n.Kind != "access_key" || n.Best() != nil || !c.Actor.Hostile() || !r.firstOf(c) {
				continue
			}
			best := -1
			for i, s := range reads {
				after := c.First.Sub(s.e.Time)
				if s.node != c.Credential && s.e.Network() == c.Network && after > 0 && after <= secretWindow && (best < 0 || s.e.Time.After(reads[best].e.Time)) {
					best = i
				}
			}
			if best < 0 {
				continue
			}
			tier := 3
			if r.nets.shared(c.Network) {
				tier = 2
			}
			s := reads[best]
			r.leads = append(r.leads, lineage.Edge{Parent: s.node, Child: c.Credential, Event: s.e.ID, At: s.e.Time, Rule: SecretContent, Tier: tier,
				Network: c.Network, Agent: evidence.AgentFamily(s.e.UserAgent)})
		}
	}
}

// SecretContent is the rule of leads that infer a key from a secret.
const SecretContent = "secret_content"

// firstOf says whether the cluster is the credential's first on its network.
func (r *run) firstOf(c *Cluster) bool {
	for _, u := range r.order {
		for _, o := range r.people[u].clusters {
			if o != c && o.Credential == c.Credential && o.Network == c.Network && o.First.Before(c.First) {
				return false
			}
		}
	}
	return true
}
