package attribution

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// innerSessions are the hostile sessions of a directory's people of which no record shows by which sign-in they
// were opened, as where a console session was begun from the portal: the directory's own records of that
// sign-in name the person and no session. A session that somebody else began is not among them: whoever
// carried off a key did not sign in for it.
func (r *run) innerSessions() (out []*portalSession) {
	for _, u := range r.order {
		p := r.people[u]
		begun := map[string]*Cluster{} // by session: the cluster that it began with
		for _, c := range p.clusters {
			if c.Session == "" || len(c.events) == 0 {
				continue
			}
			if b := begun[c.Session]; b == nil || c.First.Before(b.First) {
				begun[c.Session] = c
			}
		}
		for _, c := range p.clusters { // in order of time
			if begun[c.Session] != c || !c.Actor.Hostile() || r.portalCall(c) != "" {
				continue
			}
			e := p.events[c.events[0]]
			if strings.HasPrefix(e.Identity.IssuerName, evidence.PermissionSetRole) {
				out = append(out, &portalSession{p: p, e: e, clusters: []*Cluster{c}, inner: true})
			}
		}
	}
	return out
}

// directoryIDs are the ids under which a directory knows the person, as their sessions carry them.
func (p *person) directoryIDs() []string {
	if p.directory == nil {
		p.directory = []string{}
		for i := range p.events {
			if id := strings.ToLower(p.events[i].Identity.OnBehalfOf); id != "" && !slices.Contains(p.directory, id) && len(p.directory) < maxDirectoryIDs {
				p.directory = append(p.directory, id)
			}
		}
	}
	return p.directory
}

// maxDirectoryIDs bounds how many people one session name may stand for: a directory has one.
const maxDirectoryIDs = 4

// portalCall is the call by which a directory opened the cluster's session, "" where no record shows it.
func (r *run) portalCall(c *Cluster) string {
	if n := r.g.Node(c.Credential); n != nil {
		for _, e := range n.In {
			if e.Rule == "identity_center" && e.Tier >= 4 {
				return e.Event
			}
		}
	}
	return ""
}
