package investigation

import (
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// hand is as whom a call was made, so that one person is counted once: a sign-in that carries no key is the
// session that it opened, and a directory's person is one in whatever role and by whichever of the identities
// that a sign-in writes.
func (in *inquiry) hand(e *evidence.Event) string {
	if e.Identity.AccessKey == "" {
		for _, edge := range in.g.IssuedBy(e.ID) {
			if n := in.g.Node(edge.Child); n != nil && edge.Tier >= 4 && n.UniqueID != "" {
				if _, name, ok := strings.Cut(n.PrincipalID, ":"); ok && strings.Contains(n.Principal, "/"+evidence.PermissionSetRole) {
					return face(name)
				}
				return n.UniqueID
			}
		}
	}
	if name := directoryName(e.Identity); name != "" {
		return face(name)
	}
	return e.Identity.UniqueID()
}

func face(name string) string { return "person\x00" + strings.ToLower(name) }

// directoryName is the name of a directory's person, "" of anybody else.
func directoryName(id evidence.Identity) string {
	switch {
	case id.Type == "AssumedRole" && strings.HasPrefix(id.IssuerName, evidence.PermissionSetRole):
		return id.SessionName()
	case id.Type == "SAMLUser" || id.Type == "IdentityCenterUser":
		return id.UserName
	}
	return ""
}

// called is how a sentence names the one person who made calls: a directory's by their own name, since the role is
// everybody's who may enter it.
func called(e *evidence.Event) string {
	if id := e.Identity; id.Type == "AssumedRole" && directoryName(id) != "" {
		return "`" + id.SessionName() + "`"
	}
	return e.Identity.Called()
}
