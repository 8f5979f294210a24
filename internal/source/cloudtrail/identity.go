package cloudtrail

import (
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// identity reads userIdentity. It may be absent, and any part of it may be.
// newIdentity in quickidentity.go reads the same members: one that is added here
// must be added there.
func (r *reader) identity(d *jsonstream.Doc, n int) (id evidence.Identity) {
	for c := range d.Children(n) {
		switch string(d.Name(c)) {
		case "type":
			id.Type = r.text(d, c)
		case "principalId":
			id.PrincipalID = r.text(d, c)
		case "arn":
			id.ARN = r.text(d, c)
		case "accountId":
			id.Account = r.text(d, c)
		case "accessKeyId":
			id.AccessKey = r.text(d, c)
		case "userName":
			id.UserName = r.text(d, c)
		case "invokedBy":
			id.InvokedBy = r.text(d, c)
		case "credentialId":
			id.CredentialID = r.text(d, c)
		case "sessionContext":
			r.session(&id, d, c)
		// Source of these members: CloudTrail User Guide, "CloudTrail userIdentity
		// element".
		case "onBehalfOf":
			id.OnBehalfOf = r.member(d, c, "userId")
		case "inScopeOf":
			id.InScopeOf = r.member(d, c, "credentialsIssuedTo")
		}
	}
	return id
}

func (r *reader) session(id *evidence.Identity, d *jsonstream.Doc, n int) {
	for c := range d.Children(n) {
		switch string(d.Name(c)) {
		case "sessionIssuer":
			id.IssuerType = r.member(d, c, "type")
			id.IssuerID = r.member(d, c, "principalId")
			id.IssuerARN = r.member(d, c, "arn")
			id.IssuerName = r.member(d, c, "userName")
		case "attributes":
			// A text and not a boolean: "not said" is something else than "false".
			id.MFA = r.member(d, c, "mfaAuthenticated")
			// An unreadable date leaves the column empty; Body still has it.
			id.SessionCreated, _ = r.moment(r.member(d, c, "creationDate"))
		case "ec2RoleDelivery":
			id.RoleDelivery = r.text(d, c)
		case "sourceIdentity":
			id.SourceIdentity = r.text(d, c)
		}
	}
}

func (r *reader) member(d *jsonstream.Doc, n int, name string) string {
	if c := d.Member(n, name); c >= 0 {
		return r.text(d, c)
	}
	return ""
}
