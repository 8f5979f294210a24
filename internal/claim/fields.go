package claim

import (
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// kind says how the values of a field are compared.
type kind int

const (
	asText    kind = iota // exactly
	asInstant             // as moments, to the second
	asAddress             // exactly, or inside a CIDR block
)

// field is something about an event that a predicate may name.
type field struct {
	name  string
	kind  kind
	body  bool // reads the original record
	actor bool // reads the attribution
	// values may be several readings of one thing; a predicate holds if any fits.
	// An empty text among them is no value.
	values func(*subject) []string
	absent func(*subject) bool // where absence is not that no value is there
}

// Fields lists the field names that predicates may use, canonical names only,
// in the order of the documentation. Besides them stand request.<path>,
// response.<path> and record.<path> into the original record.
func Fields() []string {
	names := make([]string, len(table))
	for i, f := range table {
		names[i] = f.name
	}
	return names
}

// column is a field of one text, read from the event's own columns.
func column(name string, get func(*evidence.Event) string) field {
	return field{name: name, values: func(s *subject) []string { return []string{get(s.e)} }}
}

// instant is a field of one moment; a zero time is absent.
func instant(name string, get func(*evidence.Event) time.Time) field {
	return field{name: name, kind: asInstant, values: func(s *subject) []string { return []string{stamp(get(s.e))} }}
}

// table is the vocabulary. The order is that of docs/formats/claims.md, and a test
// holds the two together. What is marked body costs a read and a parse of the whole
// record for every event looked at; the others are columns of the store.
var table = []field{
	column("event_id", func(e *evidence.Event) string { return e.ID }),
	{name: "event_name", values: func(s *subject) []string { return []string{s.e.Name, s.e.RawName} }},
	column("event_source", func(e *evidence.Event) string { return e.Source }),
	column("action", (*evidence.Event).Action),
	instant("time", func(e *evidence.Event) time.Time { return e.Time }),
	column("outcome", func(e *evidence.Event) string { return string(e.Outcome()) }),
	{name: "credential", values: credentials, absent: func(s *subject) bool { return s.e.Identity.AccessKey == "" }}, // a sign-in has both readings
	{name: "principal", values: func(s *subject) []string { return []string{s.e.Identity.ARN, s.e.Identity.IssuerARN} }},
	column("principal_id", func(e *evidence.Event) string { return e.Identity.PrincipalID }),
	column("unique_id", func(e *evidence.Event) string { return e.Identity.UniqueID() }),
	column("session_name", func(e *evidence.Event) string { return e.Identity.SessionName() }),
	column("principal_type", func(e *evidence.Event) string { return e.Identity.Type }),
	column("user_name", userName),
	{name: "issuer", values: func(s *subject) []string {
		return []string{s.e.Identity.IssuerARN, s.e.Identity.IssuerName, s.e.Identity.IssuerID}
	}},
	column("invoked_by", func(e *evidence.Event) string { return e.Identity.InvokedBy }),
	column("source_identity", func(e *evidence.Event) string { return e.Identity.SourceIdentity }),
	column("on_behalf_of", func(e *evidence.Event) string { return e.Identity.OnBehalfOf }),
	column("mfa", func(e *evidence.Event) string { return e.Identity.MFA }),
	instant("session_created", func(e *evidence.Event) time.Time { return e.Identity.SessionCreated }),
	{name: "source_ip", kind: asAddress, values: func(s *subject) []string { return []string{s.e.SourceIP} }},
	// The network is what attribution groups by, which is a VPC endpoint or a service
	// where there is one; a report may name the address behind it as well.
	{name: "network", kind: asAddress, values: func(s *subject) []string {
		return []string{s.e.Network(), evidence.Network(s.e.SourceIP), s.e.SourceIP}
	}},
	column("vpc_endpoint", func(e *evidence.Event) string { return e.VPCEndpoint }),
	column("user_agent", func(e *evidence.Event) string { return e.UserAgent }),
	column("agent_family", func(e *evidence.Event) string { return evidence.AgentFamily(e.UserAgent) }),
	column("region", func(e *evidence.Event) string { return e.Region }),
	column("account", func(e *evidence.Event) string { return e.Account }),
	column("error_code", func(e *evidence.Event) string { return e.ErrorCode }),
	column("error_message", func(e *evidence.Event) string { return e.ErrorMessage }),
	{name: "resource", body: true, values: resources},
	column("request_id", func(e *evidence.Event) string { return e.RequestID }),
	column("shared_event_id", func(e *evidence.Event) string { return e.SharedID }),
	{name: "read_only", values: readOnly},
	column("event_type", func(e *evidence.Event) string { return e.Type }),
	column("event_category", func(e *evidence.Event) string { return e.Category }),
	{name: "actor", actor: true, values: func(s *subject) []string { return []string{s.actor} }},
	{name: "issued_credential", body: true, values: func(s *subject) []string { return s.issued() }},
}

// aliases are other names of the fields: the words people use, and CloudTrail's
// own. Documented in docs/formats/claims.md.
var aliases = map[string]string{
	"id": "event_id", "event": "event_id", "eventID": "event_id",
	"name": "event_name", "eventName": "event_name",
	"source": "event_source", "service": "event_source", "eventSource": "event_source",
	"at": "time", "event_time": "time", "eventTime": "time",
	"access_key": "credential", "access_key_id": "credential", "accessKeyId": "credential", "key": "credential",
	"arn": "principal", "principal_arn": "principal",
	"principalId": "principal_id", "identity_type": "principal_type",
	"user": "user_name", "username": "user_name", "userName": "user_name",
	"ip": "source_ip", "source_ip_address": "source_ip", "sourceIPAddress": "source_ip",
	"userAgent": "user_agent", "aws_region": "region", "awsRegion": "region",
	"account_id": "account", "recipientAccountId": "account",
	"error": "error_code", "errorCode": "error_code", "errorMessage": "error_message",
	"target": "resource", "requestID": "request_id", "sharedEventID": "shared_event_id",
	"readOnly": "read_only", "eventType": "event_type", "eventCategory": "event_category",
	"vpcEndpointId": "vpc_endpoint", "issuer_arn": "issuer", "invokedBy": "invoked_by",
	"issued_key": "issued_credential",
}

// prefixes lead into the original record.
var prefixes = []struct{ prefix, path string }{
	{"record.", ""},
	{"request.", "requestParameters."}, {"request_parameters.", "requestParameters."}, {"requestParameters.", "requestParameters."},
	{"response.", "responseElements."}, {"response_elements.", "responseElements."}, {"responseElements.", "responseElements."},
	{"additional.", "additionalEventData."}, {"additionalEventData.", "additionalEventData."},
	{"userIdentity.", "userIdentity."},
}

// byName holds every name and alias. The table and the aliases do not overlap.
var byName = func() map[string]field {
	m := map[string]field{}
	for _, f := range table {
		m[f.name] = f
	}
	for alias, name := range aliases {
		m[alias] = m[name]
	}
	return m
}()

// fieldOf finds a field by any of its names. A predicate with an unknown field
// never verifies, so a report cannot hide behind words of its own.
func fieldOf(name string) (field, bool) {
	if len(name) > maxPath {
		return field{}, false
	}
	if f, ok := byName[name]; ok {
		return f, true
	}
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(name, p.prefix)
		// A path deeper than any record of AWS's is an attempt at costing time.
		if !ok || rest == "" || strings.Count(rest, ".") > 31 {
			continue
		}
		path := p.path + rest
		return field{name: name, body: true, values: func(s *subject) []string { return s.record().Strs(path) }}, true
	}
	return field{}, false
}

// credentials are the names under which the report may know what the call was
// made with; they agree with lineage.Graph.CredentialOf. A sign-in shows no key,
// so the password's native id, its user's ARN, stands for it.
func credentials(s *subject) []string {
	id := s.e.Identity
	out := []string{id.AccessKey}
	if id.CredentialID != "" {
		out = append(out, id.CredentialID)
	}
	if id.AccessKey != "" {
		return append(out, id.AccessKey+"/"+id.UniqueID())
	}
	if s.e.Source == "signin.amazonaws.com" {
		switch {
		case id.Type == "Root" && id.Account != "":
			out = append(out, "arn:aws:iam::"+id.Account+":root")
		case id.ARN != "":
			out = append(out, id.ARN)
		case id.UserName != "" && id.Account != "":
			out = append(out, "arn:aws:iam::"+id.Account+":user/"+id.UserName)
		}
	}
	if e := s.e; e.Source == "codecommit.amazonaws.com" && (e.Name == "GitPull" || e.Name == "GitPush") && id.Type == "IAMUser" && id.ARN != "" {
		way := "#git-https" // Git's own keys stand in no record: a user's way in is told by its protocol
		if strings.HasPrefix(e.UserAgent, "SSH-") {
			way = "#git-ssh"
		}
		out = append(out, id.ARN+way)
	}
	return out
}

// Credentials lists the ids under which a report may name what an event was
// made with; empty for calls that show nothing of the kind.
func Credentials(e *evidence.Event) []string {
	var out []string
	for _, c := range credentials(&subject{e: e}) {
		if c != "" {
			out = append(out, c)
		}
	}
	return out
}

// userName is the user's, or for a session the name of the role behind it: people
// say "the role deploy did it".
func userName(e *evidence.Event) string {
	if e.Identity.UserName != "" {
		return e.Identity.UserName
	}
	return e.Identity.IssuerName
}

// readOnly is absent where the record does not say: older records do not, and
// "false" would be a guess.
func readOnly(s *subject) []string {
	switch {
	case !s.e.ReadOnlySaid:
		return []string{""}
	case s.e.ReadOnly:
		return []string{"true"}
	}
	return []string{"false"}
}

// resources are what the record names: what the decoder understood, and every
// string of request and response, since no list of shapes is ever complete.
func resources(s *subject) []string {
	out := append([]string(nil), s.e.Resources...)
	if d, ok := evidence.ParseDenial(s.e.ErrorMessage); ok && d.Resource != "" {
		out = append(out, d.Resource)
	}
	r := s.record()
	out = appendScalars(out, r["requestParameters"], 0)
	return appendScalars(out, r["responseElements"], 0)
}
