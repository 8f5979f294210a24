package cloudtrail

import (
	"encoding/binary"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// quickString reads a plain string.
func (r *reader) quickString(p jsonstream.Place) (text []byte, next jsonstream.Place) {
	text, escaped, next := r.strict.String(p)
	if escaped {
		return nil, none
	}
	return text, next
}

// quickInto reads a plain string that repeats from record to record.
func (r *reader) quickInto(to *string, p jsonstream.Place) jsonstream.Place {
	text, next := r.quickString(p)
	*to = r.intern(text)
	return next
}

// once says of a member of an object whether it is the first of its name: names that bear
// on columns must not repeat.
type once uint32

func (o *once) met(bit int) bool {
	again := *o&(1<<bit) != 0
	*o |= 1 << bit
	return again
}

// newIdentity reads userIdentity as identity does.
func (r *reader) newIdentity(id *evidence.Identity, p jsonstream.Place) jsonstream.Place {
	s := &r.strict
	var seen once
	p, more := s.Enter(p, '{')
	for ; more; p, more = s.Next(p, '}') {
		var name []byte
		name, p = s.Name(p)
		bit := 0
		switch string(name) {
		case "type":
			bit, p = 1, r.quickInto(&id.Type, p)
		case "principalId":
			bit, p = 2, r.quickInto(&id.PrincipalID, p)
		case "arn":
			bit, p = 3, r.quickInto(&id.ARN, p)
		case "accountId":
			bit, p = 4, r.quickInto(&id.Account, p)
		case "accessKeyId": // a session has one of its own
			at := p.At
			var text []byte
			text, p = r.quickString(p)
			id.AccessKey = r.accessKey(text)
			// Without the quotes: quickIdentity compares what is around the key and
			// leaves the key open.
			r.keyAt = span{at + 1, at + 1 + len(text)}
			bit = 5
		case "userName":
			bit, p = 6, r.quickInto(&id.UserName, p)
		case "invokedBy":
			bit, p = 7, r.quickInto(&id.InvokedBy, p)
		case "credentialId":
			bit, p = 8, r.quickInto(&id.CredentialID, p)
		case "sessionContext":
			bit, p = 9, r.quickSession(id, p)
		case "onBehalfOf":
			bit, p = 10, r.quickMember(&id.OnBehalfOf, "userId", p)
		case "inScopeOf":
			bit, p = 11, r.quickMember(&id.InScopeOf, "credentialsIssuedTo", p)
		default:
			p = s.Skip(p, 0)
			continue
		}
		if seen.met(bit) {
			return none
		}
	}
	return p
}

// quickMember reads one member of the object at p.
func (r *reader) quickMember(to *string, member string, p jsonstream.Place) jsonstream.Place {
	s, met := &r.strict, false
	p, more := s.Enter(p, '{')
	for ; more; p, more = s.Next(p, '}') {
		var name []byte
		if name, p = s.Name(p); string(name) != member {
			p = s.Skip(p, 0)
			continue
		}
		if met {
			return none
		}
		met, p = true, r.quickInto(to, p)
	}
	return p
}

func (r *reader) quickSession(id *evidence.Identity, p jsonstream.Place) jsonstream.Place {
	s := &r.strict
	var seen once
	p, more := s.Enter(p, '{')
	for ; more; p, more = s.Next(p, '}') {
		var name []byte
		name, p = s.Name(p)
		bit := 0
		switch string(name) {
		case "sessionIssuer":
			bit, p = 1, r.quickIssuer(id, p)
		case "attributes":
			bit, p = 2, r.quickAttributes(id, p)
		case "ec2RoleDelivery":
			bit, p = 3, r.quickInto(&id.RoleDelivery, p)
		case "sourceIdentity":
			bit, p = 4, r.quickInto(&id.SourceIdentity, p)
		default:
			p = s.Skip(p, 0)
			continue
		}
		if seen.met(bit) {
			return none
		}
	}
	return p
}

func (r *reader) quickIssuer(id *evidence.Identity, p jsonstream.Place) jsonstream.Place {
	s := &r.strict
	var seen once
	p, more := s.Enter(p, '{')
	for ; more; p, more = s.Next(p, '}') {
		var name []byte
		name, p = s.Name(p)
		bit := 0
		switch string(name) {
		case "type":
			bit, p = 1, r.quickInto(&id.IssuerType, p)
		case "principalId":
			bit, p = 2, r.quickInto(&id.IssuerID, p)
		case "arn":
			bit, p = 3, r.quickInto(&id.IssuerARN, p)
		case "userName":
			bit, p = 4, r.quickInto(&id.IssuerName, p)
		default:
			p = s.Skip(p, 0)
			continue
		}
		if seen.met(bit) {
			return none
		}
	}
	return p
}

func (r *reader) quickAttributes(id *evidence.Identity, p jsonstream.Place) jsonstream.Place {
	s := &r.strict
	var seen once
	p, more := s.Enter(p, '{')
	for ; more; p, more = s.Next(p, '}') {
		var name []byte
		name, p = s.Name(p)
		bit := 0
		switch string(name) {
		case "mfaAuthenticated":
			bit, p = 1, r.quickInto(&id.MFA, p)
		case "creationDate":
			at, ok := p.At, false
			var text []byte
			text, p = r.quickString(p)
			if id.SessionCreated, ok = r.clock(text); !ok {
				return none
			}
			r.createdAt = span{at + 1, at + 1 + len(text)}
			bit = 2
		default:
			p = s.Skip(p, 0)
			continue
		}
		if seen.met(bit) {
			return none
		}
	}
	return p
}

// clock reads a time as AWS writes it; the events of a file share their day.
func (r *reader) clock(text []byte) (time.Time, bool) {
	if len(text) != 20 {
		return time.Time{}, false
	}
	if string(text[:10]) != r.day {
		day, ok := isoTime(string(text[:10]) + "T00:00:00Z")
		if !ok {
			return time.Time{}, false
		}
		r.day, r.midnight = string(text[:10]), day.Unix()
	}
	// What is left of "00:00:00" is each digit's number, and nothing of the colons.
	x := binary.LittleEndian.Uint64(text[11:]) ^ 0x30303a30303a3030
	const colons = 0xff0000ff0000
	two := func(at int) int64 { return int64(x>>at&15)*10 + int64(x>>(at+8)&15) }
	h, m, sec := two(0), two(24), two(48)
	if text[10] != 'T' || text[19] != 'Z' || x&colons != 0 || (x|(x+ones*(0x7f-9)))&(ones<<7) != 0 || h > 23 || m > 59 || sec > 59 {
		return time.Time{}, false
	}
	return time.Unix(r.midnight+h*3600+m*60+sec, 0).UTC(), true
}
