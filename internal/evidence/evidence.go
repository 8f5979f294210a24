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
