package attribution

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// selfWindow is how long before a session a change of its role's trust is held to have been
// made for it.
const selfWindow = 24 * time.Hour

// scoreOpener scores who opened a role's session: habits are of the role, which many may
// take, so that a stranger who takes it shows in them only by place and tool.
func (r *run) scoreOpener(s *tally, p *person, c *Cluster) {
	b, n := p.baseline, r.g.Node(c.Credential)
	c.foreign = b.foreign(n)
	if c.strange = b.strange(n); c.strange && !b.passing(n) {
		s.add("subject_new", subjectOf(n))
	}
	if event := r.letSelfIn(p, n); event != "" {
		s.add("let_self_in", event)
	}
	if p.guessed(c) {
		s.add("password_guessed", c.Network)
	}
}

// knowsOwner says whether another repository of the owner for whose branch, tag or
// environment a session was opened took the role before. A pull request is nobody's branch
// yet: whoever may propose a change speaks in it.
func (b *Baseline) knowsOwner(n *lineage.Node) bool {
	return !strings.Contains(tokenOf(n), ":pull_request") && b.tookIt(ownerOf(subjectOf(n)))
}

// tookIt says whether some repository of an owner took the role before.
func (b *Baseline) tookIt(owner string) bool {
	for known := range b.subjects {
		if owner != "" && ownerOf(known) == owner {
			return true
		}
	}
	return false
}

// ownerOf is the organisation or group that a repository's token speaks for, with the kind
// of token: "repo:acme" of "repo:acme/web"; "" of other tokens, whose subjects name no owner.
func ownerOf(subject string) string {
	kind, path, ok := strings.Cut(subject, ":")
	owner, _, inside := strings.Cut(path, "/")
	if !ok || !inside || kind != "repo" && kind != "project_path" {
		return ""
	}
	return kind + ":" + owner
}

// hired says whether a session is at work where its token was exchanged, of a role whose
// sessions never come from the same place twice: the build service chooses the machine, so
// the place tells nothing, whatever the tool. A key that was carried off is used elsewhere.
func (p *person) hired(n *lineage.Node, c *Cluster) bool {
	return tokenOf(n) != "" && n.Best().Network == c.Network && p.roams()
}

// roams says whether any tool of the principal comes from a new place nearly every day.
func (p *person) roams() bool {
	for _, yes := range p.roaming {
		if yes {
			return true
		}
	}
	return false
}

// letSelfIn names the call by which whoever opened a session had changed who may take its
// role, within a day before and without ever having taken it until then.
func (r *run) letSelfIn(p *person, n *lineage.Node) (event string) {
	opener, at := r.opener(n)
	role := r.s.Principal(p.unique)
	if opener == "" || role == nil || !strings.HasPrefix(p.unique, "AROA") {
		return ""
	}
	var changed *evidence.Event
	for _, name := range []string{role.Identity.IssuerARN, role.Identity.IssuerName} {
		for _, i := range r.doorBy[name] {
			e := &r.doorCalls[i]
			if e.Name == "UpdateAssumeRolePolicy" && e.Account == n.Account && e.Identity.Person() == opener && !e.Time.After(at) && at.Sub(e.Time) <= selfWindow {
				changed = e
			}
		}
	}
	if changed == nil {
		return ""
	}
	for _, o := range p.clusters {
		if who, before := r.opener(r.g.Node(o.Credential)); who == opener && before.Before(changed.Time) {
			return ""
		}
	}
	return changed.ID
}

// opener is the person whose call opened a session, and when; "" where no record shows it or
// a service did.
func (r *run) opener(n *lineage.Node) (person string, at time.Time) {
	if n == nil || n.Best() == nil {
		return "", time.Time{}
	}
	return r.g.Caller(n.Best()), n.Best().At
}

// selfLetters goes from a session in the intruder's hands to whoever opened it after letting
// themselves in: who changes the trust of a role and then takes it, from one place and with
// one tool, is one hand, at home or not. What was done so in that go is likely the intruder's.
func (r *run) selfLetters(ctx context.Context) (changed bool, err error) {
	for _, u := range slices.Clone(r.order) {
		for _, c := range r.people[u].clusters {
			if !c.Actor.Hostile() || !c.scored("let_self_in") {
				continue
			}
			n := r.g.Node(c.Credential)
			opener, _ := r.opener(n)
			m, err := r.load(ctx, opener)
			if err != nil {
				return false, err
			}
			at, ok := r.find(n.Best().Event)
			if !ok || at.p != m || m.owner[at.i] < 0 {
				continue
			}
			if o := m.clusters[m.owner[at.i]]; o.Network == c.Network && o.Agent == c.Agent && !o.fixed && !o.Actor.Hostile() {
				m.blameCluster(o, "lineage:reverse:let_self_in")
				changed = true
			}
		}
	}
	return changed, nil
}
