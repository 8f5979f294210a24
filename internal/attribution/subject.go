package attribution

import (
	"strings"

	"github.com/trailhound/trailhound/internal/lineage"
)

// subjectOf is who exchanged a token for a session, without what changes from
// run to run: of a repository's token the branch, the tag, the environment.
func subjectOf(n *lineage.Node) string {
	kind, rest, ok := strings.Cut(tokenOf(n), ":")
	if ok && (kind == "repo" || kind == "project_path" || kind == "organization") {
		name, _, _ := strings.Cut(rest, ":")
		return kind + ":" + name
	}
	return tokenOf(n)
}

// tokenOf is the whole subject of the token that was exchanged for a session.
func tokenOf(n *lineage.Node) string {
	if n == nil || n.Best() == nil {
		return ""
	}
	if e := n.Best(); e.Rule == "oidc_federation" || e.Rule == "irsa" {
		return e.Holder
	}
	return ""
}

// sortOf is what sort of subject a token names: what stands before the first colon, a
// repository, a service account, the region of an identity pool. The issuer itself stands
// in no edge, and subjects of two issuers seldom look alike.
func sortOf(subject string) string {
	sort, _, ok := strings.Cut(subject, ":")
	if !ok {
		return ""
	}
	return sort
}

// comers are the subjects of one sort that took a role so far, each session counted once.
type comers struct {
	seen     map[string]bool // credentials
	sessions map[string]int  // by subject
	once     int             // subjects of one session
}

// meet learns for whom a session was opened.
func (b *Baseline) meet(n *lineage.Node) {
	who := subjectOf(n)
	if who == "" {
		return
	}
	b.subjects[who] = true
	h := b.comers[sortOf(who)]
	if h == nil {
		h = &comers{seen: map[string]bool{}, sessions: map[string]int{}}
		b.comers[sortOf(who)] = h
	}
	if h.seen[n.ID] {
		return
	}
	h.seen[n.ID] = true
	switch h.sessions[who]++; h.sessions[who] {
	case 1:
		h.once++
	case 2:
		h.once--
	}
}

// passing says whether new subjects are the rule for a session's sort: most of the sessions
// before, and as many as make a habit, were of somebody who came that once, like the
// visitors of a pool that asks for no sign-in. To be new says nothing there. A subject that
// names its owner is never let pass so: the owner stays from one to the next.
func (b *Baseline) passing(n *lineage.Node) bool {
	who := subjectOf(n)
	h := b.comers[sortOf(who)]
	return h != nil && ownerOf(who) == "" && h.once >= b.w.Baseline.UsualDays && 2*h.once > len(h.seen)
}

// strange says whether a session's subject never took the role before, though others did.
func (b *Baseline) strange(n *lineage.Node) bool {
	who := subjectOf(n)
	return who != "" && b.Known && len(b.subjects) > 0 && !b.subjects[who]
}

// foreign says whether a session's token speaks for an owner of repositories of whom none
// ever took the role, though others' did. Whoever a trust lets in too widely looks so, and
// so does a second organisation of the house.
func (b *Baseline) foreign(n *lineage.Node) bool {
	owner := ownerOf(subjectOf(n))
	return owner != "" && b.strange(n) && !b.tookIt(owner)
}
