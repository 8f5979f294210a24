package lineage

import (
	"cmp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// A directory hands out no key when a user or a permission set is made in it, and still
// whoever makes one decides who comes in later and as what: the portal issues the sessions.

// noteDirectory remembers who made a user of the directory or a permission set.
func (l *linker) noteDirectory(e *evidence.Event, r evidence.Record) {
	i := issue{e: e, parent: l.g.CredentialOf(e)}
	switch e.Source {
	case "sso-directory.amazonaws.com", "identitystore.amazonaws.com":
		if id := cmp.Or(r.Str("responseElements.user.userId"), r.Str("responseElements.userId")); id != "" && e.Name == "CreateUser" {
			i.holder = id
			l.members[id] = i
		}
	case "sso.amazonaws.com":
		if name := cmp.Or(r.Str("responseElements.permissionSet.name"), r.Str("requestParameters.name")); name != "" && e.Name == "CreatePermissionSet" {
			i.holder = name
			l.sets[name] = append(l.sets[name], i)
		}
	}
}

// enrolled links the making of a directory's user to the sign-ins with which they then asked
// for roles: nobody else was given that user.
func (l *linker) enrolled() {
	for _, asked := range l.center {
		i, ok := l.members[asked.holder]
		// Not before it was made: an id of the directory is never given twice, but
		// records may be of clocks that differ.
		if n := l.g.nodes[asked.parent]; ok && n != nil && !asked.e.Time.Before(i.e.Time) && i.parent != n.ID {
			l.edge(i, n, "directory_user", 4)
		}
	}
}

// dressed links the making of a permission set to the sessions of the role that the directory
// makes of it in each account. Of several of one name, one after the other, it is the last
// before the session.
func (l *linker) dressed(n *Node) {
	_, role, ok := strings.Cut(n.Principal, ":assumed-role/")
	if !ok || n.Uses == 0 {
		return
	}
	role, _, _ = strings.Cut(role, "/")
	// The role's name is AWSReservedSSO_, the set's name and a suffix of the
	// account: the set's id stands in no record of the session. Tier 3 is for that.
	born, made := bornOf(n), l.sets[setOf(role)]
	var last *issue
	for k := range made {
		i := &made[k]
		if !born.Before(i.e.Time) && i.parent != n.ID && (last == nil || evidence.Compare(i.e, last.e) > 0) {
			last = i
		}
	}
	if last != nil {
		l.edge(*last, n, "permission_set", 3)
	}
}

// setOf is the permission set that a role was made of, "" if it was made of none.
func setOf(role string) string {
	set, ok := strings.CutPrefix(role, evidence.PermissionSetRole)
	// From the end, for names of sets may hold underscores themselves.
	if i := strings.LastIndexByte(set, '_'); ok && i > 0 {
		return set[:i]
	}
	return ""
}
