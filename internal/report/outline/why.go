package outline

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
)

// Why says in words, without a stop, why an event is whose it is held to be. Of a call
// that opened a session it gives the reason of that session as well: that the call was
// the intruder's follows from what was done with it. Empty if the report gives none.
func (o *Outline) Why(event string) string {
	because := o.Row(event).Because
	if because == "" {
		return ""
	}
	words := attribution.Words(because)
	session, opened := strings.CutPrefix(because, "issued:")
	if !opened {
		return words
	}
	i := slices.IndexFunc(o.Attribution, func(r attribution.Row) bool {
		return r.Credential == session && r.Event != event && r.Actor == o.Row(event).Actor && !strings.HasPrefix(r.Because, "issued:")
	})
	if i < 0 {
		return words
	}
	return words + "; there, " + attribution.Words(o.Attribution[i].Because)
}

// outside are the lineage rules by which a session comes from a person or from another
// account, and not from a service that hands out a role.
var outside = map[string]string{
	"console_login": "somebody signed in", "aws_login": "somebody signed in", "identity_center": "somebody signed in", "saml_federation": "from the identity provider",
	"oidc_federation": "from the identity provider", "cognito_identity": "from the identity pool", "assume_role_cross_account": "from another account", "roles_anywhere": "from a certificate",
}

// From says where a session came from that no credential of the report issued.
func From(rule string) string {
	if s := outside[rule]; s != "" {
		return s
	}
	return "issued by a service"
}
