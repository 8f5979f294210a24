package attribution

import "strings"

// whyBuildTheft is the reason of what a build did whose key the intruder used elsewhere.
const whyBuildTheft = "lineage:build_theft"

// emptiedBuilds goes from a build's key in the intruder's hands, elsewhere than the build, back into
// that build. Its key can be had from inside alone, so that what ran there was the intruder's to
// write; but a poisoned build does the project's work as well. So what none of the role's
// builds before ever did is likely the intruder's, and the rest stays as it was judged.
func (r *run) emptiedBuilds(p *person) {
	for _, away := range p.clusters {
		n := r.g.Node(away.Credential)
		if !away.Actor.Hostile() || n == nil || !strings.Contains(n.PrincipalID, ":"+buildSession) {
			continue
		}
		for _, c := range p.clusters {
			if c.Credential != away.Credential || c.Network == away.Network || c.Actor.Hostile() || c.fixed || c.First.After(away.First) {
				continue
			}
			b, builds := r.buildsBefore(p, c)
			if !b.Known && (b.Days < r.w.Baseline.UsualDays || builds < r.w.Baseline.UsualDays) {
				continue
			}
			for _, i := range c.events {
				if e := &p.events[i]; !b.plain[e.Action()] && !p.verdicts[i].actor.Hostile() {
					p.verdicts[i] = verdict{LikelyIntruder, whyBuildTheft, true}
				}
			}
		}
	}
}

// buildsBefore are the habits of a role's builds that began before a cluster, and how many they were.
func (r *run) buildsBefore(p *person, c *Cluster) (*Baseline, int) {
	b, builds := newBaseline(r.w), map[string]bool{}
	for i := range p.events {
		e := &p.events[i]
		if cred := r.g.CredentialOf(e); e.Time.Before(c.First) && cred != c.Credential && !p.verdicts[i].actor.Hostile() && !e.FromAWS() {
			b.add(e)
			builds[cred] = true
		}
	}
	return b, len(builds)
}
