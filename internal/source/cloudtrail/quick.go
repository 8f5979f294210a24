package cloudtrail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// quick reads the record at position at, behind before, in one pass, if it looks as nearly
// all do that AWS delivers: compact, each member once and of its usual type. It
// gives the place behind it, unusual for everything else, which is for event to judge.
// e is zero before, and again where it is unusual.
// What it gives is what event gives; TestQuickIsExact and FuzzQuick hold them equal.
func (r *reader) quick(before jsonstream.Place, at int, e *evidence.Event) jsonstream.Place {
	s := &r.strict
	for ahead := r.ahead; ; ahead = min(4*ahead, jsonstream.MostAhead) {
		p := s.Begin(before, at, ahead)
		if p = r.record(p, e); p.Usual() {
			return p
		}
		// Short says that the look ahead ended inside the record. Any other trouble
		// is in the record itself, and a longer look would meet it again.
		if *e = (evidence.Event{}); !s.Short || ahead == jsonstream.MostAhead {
			return p
		}
		before = jsonstream.Place{} // look anew, and farther
	}
}

// record is quick for a record that is in what strict looked at.
func (r *reader) record(p jsonstream.Place, e *evidence.Event) jsonstream.Place {
	s, from := &r.strict, p.At
	out := r.resources[:0]
	var seen uint32
	f, first := notUsual, true
	p, more := s.Enter(p, '{')
	for ; more; p, more = s.Next(p, '}') {
		f, p = r.quickName(f, p)
		if f == notUsual || f == unknown && first { // an envelope: do not look through it all
			return none
		}
		first = false
		if f != unknown {
			// encoding/json lets the last member of a name count. A record with two
			// is rare enough to be left to event, which does so.
			if seen&(1<<f) != 0 {
				return none
			}
			seen |= 1 << f
		}
		switch f {
		case unknown:
			p = s.Skip(p, 0)
		case identity:
			p = r.quickIdentity(&e.Identity, p)
		case resources:
			out, p = r.quickResources(out, p)
		case readOnly:
			e.ReadOnly, p = r.quickBool(p)
			e.ReadOnlySaid = true
		case fromConsole:
			e.Identity.FromConsole, p = r.quickBool(p)
		case parameters, response, service:
			// A structure written as text is an export's doing, and row puts it
			// back.
			if s.First(p) == '"' {
				return none
			}
			out, p = r.quickWalk(out, p, false, 0)
		default:
			p = r.quickText(e, f, p)
		}
		if len(out) >= 64*evidence.MaxResources {
			return none
		}
	}
	r.resources = out // it may have grown
	const must = 1<<eventID | 1<<eventTime | 1<<eventSource | 1<<eventName
	if !p.Usual() || seen&must != must {
		return none
	}
	body := s.Data[from:p.At]
	if !s.ASCII() && !utf8.Valid(body) {
		return none
	}
	e.Name = normalName(e.RawName)
	if e.Account == "" {
		e.Account = e.Identity.Account
	}
	e.Resources = r.tidy(out, e)
	e.Body = r.keepBody(body, !s.Blank())
	return p
}

// none is the place behind what is not read quickly.
var none = jsonstream.Place{At: -1}

// field tells the members of a record apart.
// A switch over constant texts, which the compiler turns into a search by length: a
// map would cost a hash for each member of each record.
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
func (r *reader) quickText(e *evidence.Event, f int, p jsonstream.Place) jsonstream.Place {
	var text []byte // of what each record has its own of
	var same string // of what many have
	switch f {
	case eventID, eventTime, errorMessage, requestID, sharedID:
		text, p = r.quickString(p)
	default:
		same, p = r.quickAgain(f, p)
	}
	ok := true
	switch f {
	case eventID:
		e.ID = r.own(text)
		ok = len(text) > 0 && len(text) <= maxID && len(bytes.TrimSpace(text)) == len(text)
	case eventTime:
		e.Time, ok = r.clock(text)
	case eventSource:
		e.Source = same
		// Sign-ins are left to event, since their failure may stand in the answer.
		ok = same != "" && !strings.HasPrefix(same, "aws:") && same != "signin.amazonaws.com"
	case eventName:
		e.RawName = same
		ok = same != ""
	case eventType:
		e.Type = same
		ok = same != "AwsCloudTrailInsight"
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
		return none
	}
	return p
}

// quickBool reads a boolean, or "true" and "false".
func (r *reader) quickBool(p jsonstream.Place) (value bool, next jsonstream.Place) {
	s := &r.strict
	if s.First(p) == '"' {
		text, next := r.quickString(p)
		if value = string(text) == "true"; !value && string(text) != "false" {
			return false, none
		}
		return value, next
	}
	c := s.First(p)
	if next = s.Scalar(p); c != 't' && c != 'f' {
		return false, none
	}
	return c == 't', next
}

// quickResources reads the member resources, a list of objects.
func (r *reader) quickResources(out []string, p jsonstream.Place) ([]string, jsonstream.Place) {
	s := &r.strict
	if s.First(p) == 'n' {
		return out, s.Scalar(p)
	}
	p, more := s.Enter(p, '[')
	for ; more; p, more = s.Next(p, ']') {
		var inner bool
		for p, inner = s.Enter(p, '{'); inner; p, inner = s.Next(p, '}') {
			var name []byte
			name, p = s.Name(p)
			if !isResource(name) {
				p = s.Skip(p, 0)
				continue
			}
			var text []byte
			if text, p = r.quickString(p); p.Usual() {
				out = r.add(out, text, maxNamed)
			}
		}
	}
	return out, p
}

// isResource says whether the value of a member of resources is one.
func isResource(name []byte) bool {
	return len(name) == len("arn") && hasSuffixFold(name, "arn") || len(name) == len("arnprefix") && hasSuffixFold(name, "arnprefix")
}

// quickWalk is walk and Strict.Skip in one.
func (r *reader) quickWalk(out []string, p jsonstream.Place, keyed bool, depth int) ([]string, jsonstream.Place) {
	s := &r.strict
	// What is nested deeper is left to event, whose Doc has bounds of its own.
	if depth > 32 {
		return out, none
	}
	var more bool
	switch c := s.First(p); c {
	case '"':
		text, escaped, p := s.String(p)
		if escaped && (keyed || text[0] == 'a' || text[0] == '\\') {
			text = jsonstream.Unescape(nil, text)
		}
		if isARN(text) {
			out = r.add(out, text, maxNamed)
		} else if keyed {
			out = r.add(out, text, maxNative)
		}
		return out, p
	case '{':
		for p, more = s.Enter(p, '{'); more; p, more = s.Next(p, '}') {
			var name []byte
			name, p = s.Name(p)
			out, p = r.quickWalk(out, p, identifies(name), depth+1)
		}
	case '[':
		for p, more = s.Enter(p, '['); more; p, more = s.Next(p, ']') {
			out, p = r.quickWalk(out, p, keyed, depth+1)
		}
	default:
		at := p.At
		if p = s.Scalar(p); keyed && p.Usual() && c != 't' && c != 'f' && c != 'n' {
			out = r.add(out, s.Data[at:p.At], maxNative)
		}
	}
	return out, p
}
