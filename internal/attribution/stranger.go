package attribution

import "slices"

// UnknownUser begins the reason for which what passes for the owner's is left open: nobody is said to be the owner.
const UnknownUser = "case:unknown_user"

// unowned leaves open what a user did whom somebody calls nobody's of theirs. Its habits are whoever's it is,
// so that they speak for nobody: a back door that was used every day for a month has good habits. What
// somebody states of who uses it, and what lineage shows, stands.
func (r *run) unowned(p *person) {
	if !slices.Contains(r.in.Strangers, p.unique) || !isUser(p.unique) {
		return
	}
	for _, c := range p.clusters {
		if c.Actor == Owner && !c.fixed && !c.vouched {
			c.Actor, c.own, c.Why = Undetermined, false, UnknownUser+"|"+c.Why
		}
	}
}
