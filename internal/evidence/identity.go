package evidence

import (
	"cmp"
	"strings"
	"time"
)

// Identity is userIdentity: who AWS says made the call.
type Identity struct {
	Type           string // Root, IAMUser, AssumedRole, FederatedUser, AWSAccount, AWSService, WebIdentityUser, …; "" if absent
	PrincipalID    string // as written, for example "AROAEXAMPLE:session-name"
	ARN            string
	Account        string // userIdentity.accountId
	AccessKey      string // accessKeyId
	UserName       string
	InvokedBy      string
	IssuerType     string // sessionContext.sessionIssuer.type
	IssuerID       string // sessionContext.sessionIssuer.principalId
	IssuerARN      string
	IssuerName     string
	SessionCreated time.Time // sessionContext.attributes.creationDate; zero if absent
	MFA            string    // sessionContext.attributes.mfaAuthenticated as written
	FromConsole    bool      // sessionCredentialFromConsole
	SourceIdentity string
	OnBehalfOf     string // onBehalfOf.userId (IAM Identity Center)
	CredentialID   string // credentialId (Identity Center, bearer tokens)
	InScopeOf      string // inScopeOf.credentialsIssuedTo: the ARN that the credentials were issued to
	RoleDelivery   string // sessionContext.ec2RoleDelivery: "1.0" or "2.0"
}

// UniqueID is the part of the principal id that IAM never reuses: AIDA…,
// AROA…, or the account id of a root user.
func (id Identity) UniqueID() string {
	unique, _, _ := strings.Cut(id.PrincipalID, ":")
	return unique
}

// SessionName is the part of a role's principal id after the colon.
func (id Identity) SessionName() string {
	_, name, _ := strings.Cut(id.PrincipalID, ":")
	return name
}

// ServiceLinked says whether the identity is a session of a service-linked role. Only
// the path tells, which AWS keeps to itself (IAM User Guide, "Service-linked roles");
// a name that begins like theirs anybody may choose, and counts only where the record
// has no ARN.
func (id Identity) ServiceLinked() bool {
	return strings.Contains(id.IssuerARN, ":role/aws-service-role/") || id.IssuerARN == "" && strings.HasPrefix(id.IssuerName, "AWSServiceRoleFor")
}

// PermissionSetRole is how the names of the roles begin through which people of Identity
// Center come in (IAM Identity Center User Guide, "AWSReservedSSO").
const PermissionSetRole = "AWSReservedSSO_"

// Person is who stands behind the identity, as far as AWS tells: the unique id;
// for a federated user or one of a directory account and name, since the number
// alone is the root user's; for a role that many people enter through a directory, the session of
// one of them, whose name the directory sets; and the ARN where the id is none
// that AWS would give, as in anonymised logs.
func (id Identity) Person() string {
	if id.Type == "FederatedUser" || id.Type == "AssumedRole" && strings.HasPrefix(id.IssuerName, PermissionSetRole) ||
		(id.Type == "AssumedRole" || id.Type == "AWSAccount") && strings.Contains(id.SessionName(), "@") {
		return id.PrincipalID
	}
	unique := id.UniqueID()
	switch {
	case len(unique) == 12 && id.ofDirectory():
		return unique + ":" + cmp.Or(id.OnBehalfOf, id.UserName, strings.ToLower(id.Type))
	case isUniqueID(unique):
		return unique
	case id.IssuerARN != "":
		return id.IssuerARN
	case id.ARN != "":
		return id.ARN
	case unique == "":
		return id.nameAlone()
	}
	return unique
}

// NamedOnly begins the person of a record that tells no more of the caller than a name,
// as exports of the console's event history do: the name of a user, or of a session.
const NamedOnly = "name:"

// nameAlone is the person of such a record, "" of any other.
func (id Identity) nameAlone() string {
	if id.UserName == "" || id.Type+id.PrincipalID+id.ARN+id.IssuerARN != "" {
		return ""
	}
	return NamedOnly + id.UserName
}

// ofDirectory says that the record is of somebody known to a directory only. Identity
// Center and its sign-in give such people the number of the account for an id, which is
// the root user's: whoever reads it so takes the sign-ins of a whole company for root's.
func (id Identity) ofDirectory() bool {
	switch id.Type {
	case "Unknown", "IdentityCenterUser", "SAMLUser", "Directory":
		return true
	}
	return false
}

// Called is how sentences name who made a call: user `jo`, role `deploy`, the root
// user of an account. It is for people to read; two callers may be called the same.
func (id Identity) Called() string {
	switch {
	case id.Type == "Root":
		return "the root user of " + id.Account
	case id.Type == "AssumedRole" && id.IssuerName != "":
		return "role `" + id.IssuerName + "`"
	case id.UserName != "":
		return "user `" + id.UserName + "`"
	case id.ARN != "":
		return id.ARN
	case id.InvokedBy != "":
		return id.InvokedBy
	case id.PrincipalID != "":
		return id.PrincipalID
	}
	return "an unnamed caller"
}

// isUniqueID accepts what IAM gives out: four letters and more in capitals and
// digits, or an account id.
func isUniqueID(s string) bool {
	if len(s) < 12 {
		return false
	}
	digits := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
	capitals := s[0] == 'A' && strings.IndexFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) < 0
	return digits && len(s) == 12 || capitals && len(s) >= 16
}
