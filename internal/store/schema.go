package store

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
)

// row is one event as the Parquet files hold it. The names, types and order are
// the published format, version 2: a new column may be added at the end,
// anything else is version 3.
//
// Text columns are required and empty where the record says nothing: that is
// how evidence.Event has it, and it spares every page its definition levels.
// Columns whose values repeat are dictionaries. Encodings are the oldest that
// serve (plain, dictionary), because every engine reads those.
type row struct {
	EventTime   int64  `parquet:"event_time,timestamp(microsecond)"`
	EventID     string `parquet:"event_id"`
	Fingerprint string `parquet:"fingerprint,dict"` // empty but where an id and second have two contents
	Lossy       bool   `parquet:"lossy"`

	EventSource  string `parquet:"event_source,dict"`
	EventName    string `parquet:"event_name,dict"`
	RawEventName string `parquet:"raw_event_name,dict"`
	EventType    string `parquet:"event_type,dict"`
	Category     string `parquet:"event_category,dict"`
	ReadOnly     bool   `parquet:"read_only"`
	ReadOnlySaid bool   `parquet:"read_only_said"`
	AccountID    string `parquet:"account_id,dict"`
	Region       string `parquet:"aws_region,dict"`
	SourceIP     string `parquet:"source_ip,dict"`
	UserAgent    string `parquet:"user_agent,dict"`
	ErrorCode    string `parquet:"error_code,dict"`
	ErrorMessage string `parquet:"error_message,dict"`
	RequestID    string `parquet:"request_id"`
	SharedID     string `parquet:"shared_event_id,dict"`
	VPCEndpoint  string `parquet:"vpc_endpoint_id,dict"`

	IdentityType    string `parquet:"identity_type,dict"`
	PrincipalID     string `parquet:"principal_id,dict"`
	UniqueID        string `parquet:"principal_unique_id,dict"`
	IdentityARN     string `parquet:"identity_arn,dict"`
	IdentityAccount string `parquet:"identity_account_id,dict"`
	AccessKey       string `parquet:"access_key_id,dict"`
	UserName        string `parquet:"user_name,dict"`
	InvokedBy       string `parquet:"invoked_by,dict"`
	IssuerType      string `parquet:"issuer_type,dict"`
	IssuerID        string `parquet:"issuer_id,dict"`
	IssuerARN       string `parquet:"issuer_arn,dict"`
	IssuerName      string `parquet:"issuer_name,dict"`
	SessionCreated  *int64 `parquet:"session_created,optional,timestamp(microsecond)"`
	MFA             string `parquet:"mfa_authenticated,dict"`
	FromConsole     bool   `parquet:"session_from_console"`
	SourceIdentity  string `parquet:"source_identity,dict"`
	OnBehalfOf      string `parquet:"on_behalf_of,dict"`
	CredentialID    string `parquet:"credential_id,dict"`
	InScopeOf       string `parquet:"in_scope_of,dict"`
	RoleDelivery    string `parquet:"role_delivery,dict"`

	Resources []string `parquet:"resources,list" parquet-element:",dict"`

	ArtifactID     string `parquet:"artifact_id,dict"`
	ArtifactIndex  int64  `parquet:"artifact_index"`
	ArtifactOffset int64  `parquet:"artifact_offset"`

	Record    []byte `parquet:"record,string"`
	RecordRaw []byte `parquet:"record_raw"`
}

// textColumns ties the text columns to the fields of an event, for reading.
// TestSchema holds the list equal to row.
var textColumns = [...]struct {
	name  string
	field func(*evidence.Event) *string
	extra bool // left out where a query is brief
}{
	{"event_id", func(e *evidence.Event) *string { return &e.ID }, false},
	{"fingerprint", func(e *evidence.Event) *string { return &e.Fingerprint }, false},
	{"event_source", func(e *evidence.Event) *string { return &e.Source }, false},
	{"event_name", func(e *evidence.Event) *string { return &e.Name }, false},
	{"raw_event_name", func(e *evidence.Event) *string { return &e.RawName }, true},
	{"event_type", func(e *evidence.Event) *string { return &e.Type }, false},
	{"event_category", func(e *evidence.Event) *string { return &e.Category }, false},
	{"account_id", func(e *evidence.Event) *string { return &e.Account }, false},
	{"aws_region", func(e *evidence.Event) *string { return &e.Region }, false},
	{"source_ip", func(e *evidence.Event) *string { return &e.SourceIP }, false},
	{"user_agent", func(e *evidence.Event) *string { return &e.UserAgent }, false},
	{"error_code", func(e *evidence.Event) *string { return &e.ErrorCode }, false},
	{"error_message", func(e *evidence.Event) *string { return &e.ErrorMessage }, false},
	{"request_id", func(e *evidence.Event) *string { return &e.RequestID }, true},
	{"shared_event_id", func(e *evidence.Event) *string { return &e.SharedID }, false},
	{"vpc_endpoint_id", func(e *evidence.Event) *string { return &e.VPCEndpoint }, false},
	{"identity_type", func(e *evidence.Event) *string { return &e.Identity.Type }, false},
	{"principal_id", func(e *evidence.Event) *string { return &e.Identity.PrincipalID }, false},
	{"identity_arn", func(e *evidence.Event) *string { return &e.Identity.ARN }, false},
	{"identity_account_id", func(e *evidence.Event) *string { return &e.Identity.Account }, false},
	{"access_key_id", func(e *evidence.Event) *string { return &e.Identity.AccessKey }, false},
	{"user_name", func(e *evidence.Event) *string { return &e.Identity.UserName }, false},
	{"invoked_by", func(e *evidence.Event) *string { return &e.Identity.InvokedBy }, false},
	{"issuer_type", func(e *evidence.Event) *string { return &e.Identity.IssuerType }, false},
	{"issuer_id", func(e *evidence.Event) *string { return &e.Identity.IssuerID }, false},
	{"issuer_arn", func(e *evidence.Event) *string { return &e.Identity.IssuerARN }, false},
	{"issuer_name", func(e *evidence.Event) *string { return &e.Identity.IssuerName }, false},
	{"mfa_authenticated", func(e *evidence.Event) *string { return &e.Identity.MFA }, false},
	{"source_identity", func(e *evidence.Event) *string { return &e.Identity.SourceIdentity }, false},
	{"on_behalf_of", func(e *evidence.Event) *string { return &e.Identity.OnBehalfOf }, false},
	{"credential_id", func(e *evidence.Event) *string { return &e.Identity.CredentialID }, false},
	{"in_scope_of", func(e *evidence.Event) *string { return &e.Identity.InScopeOf }, false},
	{"role_delivery", func(e *evidence.Event) *string { return &e.Identity.RoleDelivery }, false},
	{"artifact_id", func(e *evidence.Event) *string { return &e.Ref.Artifact }, true},
}

// bloomColumns are the columns that questions name by exact value.
var bloomColumns = [][]string{
	{"event_id"}, {"event_source"}, {"event_name"}, {"source_ip"}, {"access_key_id"},
	{"principal_id"}, {"principal_unique_id"}, {"identity_arn"}, {"issuer_arn"},
	{"shared_event_id"}, resourcesPath,
}

var resourcesPath = []string{"resources", "list", "element"}

// normalise brings an event into the form that the files can hold as far as its order
// hangs on it: whole seconds, as evidence.Event promises (two forms of one event stand next
// to each other only then), and valid UTF-8, which Parquet demands of text. Body is kept
// byte by byte. Texts of columns that have a dictionary are looked at when it takes them.
func normalise(e *evidence.Event) {
	e.Time = e.Time.UTC().Truncate(time.Second)
	e.ID, e.RequestID = validText(e.ID), validText(e.RequestID)
}

func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
