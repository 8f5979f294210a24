// Package evidence is the vocabulary of the system: what was collected, what
// it says, and how anyone can check that it says so.
//
// It imports no other stage. Every other package speaks of artifacts, events
// and references to them in the words defined here.
package evidence

import (
	"strconv"
	"strings"
	"time"
)

// Artifact is one collected object (a file, a member of an archive, standard
// input) with its custody facts. It is never changed after it was hashed.
type Artifact struct {
	ID     string // SHA-256 of Bytes as collected, lower-case hex: the identity of the artifact
	URI    string // where it came from, as a person would name it; archive members as outer.zip!inner.json
	Size   int64  // bytes as collected, before any decompression
	Kind   Kind   // what the content turned out to be
	Reason string // for kinds that hold no events: why, in one sentence

	Records    int         // records understood as events
	Rejected   int         // records set aside
	Duplicates int         // records that another record of the same content already told
	Rejections []Rejection // the first MaxRejections of them, in order of offset
}

// Kind says what an artifact is, judged by content and never by name.
type Kind string

// The kinds an artifact can turn out to be.
const (
	KindCloudTrail        Kind = "cloudtrail"
	KindCloudTrailDigest  Kind = "cloudtrail-digest"
	KindCloudTrailInsight Kind = "cloudtrail-insight"
	KindNotCloudTrail     Kind = "not-cloudtrail" // records of another service; Reason says which
	KindArchive           Kind = "archive"        // a zip or tar; its members are artifacts of their own
	KindTruth             Kind = "truth"          // a simulator's truth file, never evidence
	KindUnknown           Kind = "unknown"        // understood by no decoder
	KindUnreadable        Kind = "unreadable"     // could not be read at all
)

// MaxRejections bounds how many rejections of one artifact are kept by name;
// Artifact.Rejected counts them all.
const MaxRejections = 20

// Rejection is one record that was set aside.
type Rejection struct {
	Offset int64  // byte offset in the decompressed content
	Reason string // lower-case, no full stop
}

// Ref points at one record inside one artifact.
type Ref struct {
	Artifact string // Artifact.ID
	Index    int64  // ordinal of the record within the artifact, from 0
	Offset   int64  // byte offset of the record in the decompressed content, -1 if unknown
}

// Event is one normalised CloudTrail record. The columns serve questions; the
// whole original stays in Body, and nothing is ever answered from a column
// that Body would contradict.
type Event struct {
	ID          string // eventID, or "sha256-…" of the canonical record where CloudTrail gave none
	Fingerprint string // SHA-256 hex of the canonical record, where it is needed: see Key
	Lossy       bool   // read from an export form that drops or flattens fields (CSV, Athena, Lake)
	Ref         Ref

	Time         time.Time // eventTime, UTC, 1 s resolution: when the call completed
	Source       string    // eventSource, for example "iam.amazonaws.com"
	Name         string    // eventName without an API version suffix
	RawName      string    // eventName as written
	Type         string    // eventType: AwsApiCall, AwsServiceEvent, AwsConsoleSignIn, …
	Category     string    // eventCategory: Management, Data, NetworkActivity, Insight; "" if not said
	ReadOnly     bool      // readOnly; see ReadOnlySaid
	ReadOnlySaid bool      // whether the record said
	Account      string    // recipientAccountId, else the account of the identity
	Region       string    // awsRegion
	SourceIP     string    // sourceIPAddress as written: an address, a service name, or junk
	UserAgent    string
	ErrorCode    string
	ErrorMessage string
	RequestID    string
	SharedID     string // sharedEventID: two views of one act
	VPCEndpoint  string // vpcEndpointId

	Identity  Identity
	Resources []string // ARNs and native ids the record names, sorted, at most MaxResources

	Body []byte // the whole original record, one JSON object; nil unless asked for
}

// MaxResources bounds Event.Resources.
const MaxResources = 64

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

// Person is who stands behind the identity, as far as AWS tells: the unique id;
// for a federated user account and name, since the number alone is the root
// user's; for a role that many people enter through a directory, the session of
// one of them, whose name the directory sets; and the ARN where the id is none
// that AWS would give, as in anonymised logs.
func (id Identity) Person() string {
	if id.Type == "FederatedUser" || id.Type == "AssumedRole" && (strings.HasPrefix(id.IssuerName, "AWSReservedSSO_") || strings.Contains(id.SessionName(), "@")) {
		return id.PrincipalID
	}
	unique := id.UniqueID()
	switch {
	case isUniqueID(unique):
		return unique
	case id.IssuerARN != "":
		return id.IssuerARN
	case id.ARN != "":
		return id.ARN
	}
	return unique
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

// Outcome says whether the call did what it asked for.
type Outcome string

// The two outcomes of a call. A dry run and a failed login are failures:
// attempted is not done.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// Outcome is Failure if the record carries an error code or message, or is a
// sign-in that AWS reports as failed (the decoder gives those an ErrorMessage).
func (e *Event) Outcome() Outcome {
	if e.ErrorCode != "" || e.ErrorMessage != "" {
		return Failure
	}
	return Success
}

// Action is "service:Name", the way policies and people write it.
func (e *Event) Action() string {
	service, _, _ := strings.Cut(e.Source, ".")
	return service + ":" + e.Name
}

// Key names one event among all: its id, its second, and the fingerprint where
// that second has two contents under the id. A fingerprint costs more than
// reading the rest of a record, so sources leave it empty and a store fills it in
// only for the events that nothing else tells apart.
func (e *Event) Key() string {
	return e.ID + "\x1f" + strconv.FormatInt(e.Time.Unix(), 36) + "\x1f" + e.Fingerprint
}

// CitedAs is the typed reference under which reports cite the event.
func (e *Event) CitedAs() string { return "event:" + e.ID }
