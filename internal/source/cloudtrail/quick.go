package cloudtrail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// quick reads the record that data starts with in one pass, if it looks as nearly
// all do that AWS delivers: compact, each member once and of its usual type. It
// gives the record's length, or 0 for everything else, which is for event to judge.
// What it gives is what event gives; TestQuickIsExact and FuzzQuick hold them equal.
func (r *reader) quick(data []byte, e *evidence.Event) (n int) {
	s := &r.strict
	s.Reset(data)
	out := r.resources[:0]
	defer func() { r.resources = out[:0] }()
	var seen uint32
	f, at := notUsual, 0
	for i, more := 1, true; more; {
		f, at = r.quickName(f, i)
		if f == notUsual || f == unknown && i == 1 { // an envelope: do not look through it all
			return 0
		}
		if f != unknown {
			if seen&(1<<f) != 0 {
				return 0
			}
			seen |= 1 << f
		}
		switch f {
		case unknown:
			i = s.Skip(at, 0)
		case identity:
			i = r.quickIdentity(&e.Identity, at)
		case resources:
			out, i = r.quickResources(out, at)
		case readOnly:
			e.ReadOnly, i = r.quickBool(at)
			e.ReadOnlySaid = true
		case fromConsole:
			e.Identity.FromConsole, i = r.quickBool(at)
		case parameters, response, service:
			if data[at] == '"' {
				return 0
			}
			out, i = r.quickWalk(out, at, false, 0)
		default:
			i = r.quickText(e, f, at)
		}
		if i < 0 || len(out) >= 64*evidence.MaxResources {
			return 0
		}
		if i, more = s.Next(i, '}'); i < 0 {
			return 0
		}
		n = i
	}
	const must = 1<<eventID | 1<<eventTime | 1<<eventSource | 1<<eventName
	if seen&must != must || !s.ASCII() && !utf8.Valid(data[:n]) {
		return 0
	}
	e.Name = normalName(e.RawName)
	if e.Account == "" {
		e.Account = e.Identity.Account
	}
	e.Resources = r.tidy(out, e)
	e.Body = r.keepBody(data[:n])
	return n
}

// field tells the members of a record apart.
func field(name []byte) int {
	switch string(name) {
	case "eventID":
		return eventID
	case "eventTime":
		return eventTime
	case "eventSource":
		return eventSource
	case "eventName":
		return eventName
	case "eventType":
		return eventType
	case "eventCategory":
		return eventCategory
	case "recipientAccountId":
		return account
	case "awsRegion":
		return region
	case "sourceIPAddress":
		return sourceIP
	case "userAgent":
		return userAgent
	case "errorCode":
		return errorCode
	case "errorMessage":
		return errorMessage
	case "requestID":
		return requestID
	case "sharedEventID":
		return sharedID
	case "vpcEndpointId":
		return vpcEndpoint
	case "userIdentity":
		return identity
	case "resources":
		return resources
	case "readOnly":
		return readOnly
	case "sessionCredentialFromConsole":
		return fromConsole
	case "requestParameters":
		return parameters
	case "responseElements":
		return response
	case "serviceEventDetails":
		return service
	case "eventVersion":
		return version
	case "@timestamp", "EventSource", "insightDetails", "digestStartTime", "schema", "cf", "exportColumns":
		return notUsual
	}
	return unknown
}

const (
	notUsual = iota - 2 // decides what a record is, beside the usual members
	unknown
	eventID
	eventTime
	eventSource
	eventName
	eventType
	eventCategory
	account
	region
	sourceIP
	userAgent
	errorCode
	errorMessage
	requestID
	sharedID
	vpcEndpoint
	identity
	resources
	readOnly
	fromConsole
	parameters
	response
	service
	version
)

// quickText reads a member that is a string.
func (r *reader) quickText(e *evidence.Event, f, at int) int {
	var text []byte // of what each record has its own of
	var same string // of what many have
	var next int
	switch f {
	case eventID, eventTime, errorMessage, requestID, sharedID:
		text, next = r.quickString(at)
	default:
		same, next = r.quickAgain(f, at)
	}
	ok := next > 0
	switch f {
	case eventID:
		e.ID = r.own(text)
		ok = len(text) > 0 && len(text) <= maxID && len(bytes.TrimSpace(text)) == len(text)
	case eventTime:
		e.Time, ok = r.clock(text)
	case eventSource:
		e.Source = same
		ok = same != "" && !strings.HasPrefix(same, "aws:") && same != "signin.amazonaws.com"
	case eventName:
		e.RawName = same
		ok = same != ""
	case eventType:
		e.Type = same
		ok = ok && same != "AwsCloudTrailInsight"
	case eventCategory:
		e.Category = same
	case account:
		e.Account = same
	case region:
		e.Region = same
	case sourceIP:
		e.SourceIP = same
	case userAgent:
		e.UserAgent = same
	case errorCode:
		e.ErrorCode = same
	case errorMessage:
		e.ErrorMessage = r.own(text)
	case requestID:
		e.RequestID = r.own(text)
	case sharedID:
		e.SharedID = r.own(text)
	case vpcEndpoint:
		e.VPCEndpoint = same
	}
	if !ok {
		return jsonstream.Unusual
	}
	return next
}

// quickBool reads a boolean, or "true" and "false".
func (r *reader) quickBool(at int) (value bool, next int) {
	data := r.strict.Data[at:min(len(r.strict.Data), at+8)]
	for _, w := range []string{"true", `"true"`} {
		if bytes.HasPrefix(data, []byte(w)) {
			return true, at + len(w)
		}
	}
	for _, w := range []string{"false", `"false"`} {
		if bytes.HasPrefix(data, []byte(w)) {
			return false, at + len(w)
		}
	}
	return false, jsonstream.Unusual
}

// quickResources reads the member resources, a list of objects.
func (r *reader) quickResources(out []string, at int) ([]string, int) {
	s := &r.strict
	data := s.Data
	if data[at] != '[' {
		if data[at] == 'n' {
			return out, s.Scalar(at)
		}
		return out, jsonstream.Unusual
	}
	i := at + 1
	if i < len(data) && data[i] == ']' {
		return out, i + 1
	}
	for more := true; more; {
		if i >= len(data) || data[i] != '{' {
			return out, jsonstream.Unusual
		}
		i++
		for inner := true; inner; {
			end := s.Name(i)
			if end < 0 {
				return out, jsonstream.Unusual
			}
			name, value := data[i+1:end], end+2
			if i = s.Skip(value, 0); i < 0 {
				return out, jsonstream.Unusual
			}
			if bytes.EqualFold(name, []byte("arn")) || bytes.EqualFold(name, []byte("arnPrefix")) {
				if data[value] != '"' || bytes.IndexByte(data[value:i], '\\') >= 0 {
					return out, jsonstream.Unusual
				}
				out = r.add(out, data[value+1:i-1], maxNamed)
			}
			if i, inner = s.Next(i, '}'); i < 0 {
				return out, jsonstream.Unusual
			}
		}
		if i, more = s.Next(i, ']'); i < 0 {
			return out, jsonstream.Unusual
		}
	}
	return out, i
}

// quickWalk is walk and Strict.Skip in one.
func (r *reader) quickWalk(out []string, at int, keyed bool, depth int) ([]string, int) {
	s := &r.strict
	data := s.Data
	if at >= len(data) || depth > 32 {
		return out, jsonstream.Unusual
	}
	var closing byte
	switch data[at] {
	case '{':
		closing = '}'
	case '[':
		closing = ']'
	case '"':
		end, escaped := s.String(at + 1)
		if end < 0 {
			return out, jsonstream.Unusual
		}
		text := data[at+1 : end]
		if escaped && (keyed || text[0] == 'a' || text[0] == '\\') {
			text = jsonstream.Unescape(nil, text)
		}
		if isARN(text) {
			out = r.add(out, text, maxNamed)
		} else if keyed {
			out = r.add(out, text, maxNative)
		}
		return out, end + 1
	default:
		end := s.Scalar(at)
		if keyed && end > 0 && data[at] != 't' && data[at] != 'f' && data[at] != 'n' {
			out = r.add(out, data[at:end], maxNative)
		}
		return out, end
	}
	i := at + 1
	if i < len(data) && data[i] == closing {
		return out, i + 1
	}
	for more := true; more; {
		if closing == '}' {
			end := s.Name(i)
			if end < 0 {
				return out, jsonstream.Unusual
			}
			keyed = identifies(data[i+1 : end])
			i = end + 2
		}
		if out, i = r.quickWalk(out, i, keyed, depth+1); i < 0 {
			return out, jsonstream.Unusual
		}
		if i, more = s.Next(i, closing); i < 0 {
			return out, jsonstream.Unusual
		}
	}
	return out, i
}
