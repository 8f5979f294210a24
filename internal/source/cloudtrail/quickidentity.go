package cloudtrail

import (
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// quickMembers reads the object at position at. read gets each member's name and
// the position of its value, and gives the position behind that. Names that bear
// on columns must not repeat: read says with a bit which it met.
func (r *reader) quickMembers(at int, read func(name []byte, at int) (next int, bit uint32)) int {
	s := &r.strict
	if s.Data[at] != '{' {
		return jsonstream.Unusual
	}
	i := at + 1
	if i < len(s.Data) && s.Data[i] == '}' {
		return i + 1
	}
	var seen uint32
	for more := true; more; {
		end := s.Name(i)
		if end < 0 {
			return jsonstream.Unusual
		}
		next, bit := read(s.Data[i+1:end], end+2)
		if next < 0 || seen&bit != 0 {
			return jsonstream.Unusual
		}
		seen |= bit
		if i, more = s.Next(next, '}'); i < 0 {
			return jsonstream.Unusual
		}
	}
	return i
}

// quickString reads a plain string.
func (r *reader) quickString(at int) (text []byte, next int) {
	if r.strict.Data[at] != '"' {
		return nil, jsonstream.Unusual
	}
	end, escaped := r.strict.String(at + 1)
	if end < 0 || escaped {
		return nil, jsonstream.Unusual
	}
	return r.strict.Data[at+1 : end], end + 1
}

// quickInto reads a plain string that repeats from record to record.
func (r *reader) quickInto(to *string, at int) int {
	text, next := r.quickString(at)
	*to = r.intern(text)
	return next
}

// newIdentity reads userIdentity as identity does.
func (r *reader) newIdentity(id *evidence.Identity, at int) int {
	return r.quickMembers(at, func(name []byte, at int) (int, uint32) {
		switch string(name) {
		case "type":
			return r.quickInto(&id.Type, at), 1 << 0
		case "principalId":
			return r.quickInto(&id.PrincipalID, at), 1 << 1
		case "arn":
			return r.quickInto(&id.ARN, at), 1 << 2
		case "accountId":
			return r.quickInto(&id.Account, at), 1 << 3
		case "accessKeyId": // a session has one of its own
			text, next := r.quickString(at)
			id.AccessKey = r.accessKey(text)
			r.keyAt = span{at + 1, at + 1 + len(text)}
			return next, 1 << 4
		case "userName":
			return r.quickInto(&id.UserName, at), 1 << 5
		case "invokedBy":
			return r.quickInto(&id.InvokedBy, at), 1 << 6
		case "credentialId":
			return r.quickInto(&id.CredentialID, at), 1 << 7
		case "sessionContext":
			return r.quickSession(id, at), 1 << 8
		case "onBehalfOf":
			return r.quickMember(&id.OnBehalfOf, "userId", at), 1 << 9
		case "inScopeOf":
			return r.quickMember(&id.InScopeOf, "credentialsIssuedTo", at), 1 << 10
		}
		return r.strict.Skip(at, 0), 0
	})
}

func (r *reader) quickMember(to *string, member string, at int) int {
	return r.quickMembers(at, func(name []byte, at int) (int, uint32) {
		if string(name) == member {
			return r.quickInto(to, at), 1
		}
		return r.strict.Skip(at, 0), 0
	})
}

func (r *reader) quickSession(id *evidence.Identity, at int) int {
	return r.quickMembers(at, func(name []byte, at int) (int, uint32) {
		switch string(name) {
		case "sessionIssuer":
			return r.quickMembers(at, func(name []byte, at int) (int, uint32) {
				switch string(name) {
				case "type":
					return r.quickInto(&id.IssuerType, at), 1 << 0
				case "principalId":
					return r.quickInto(&id.IssuerID, at), 1 << 1
				case "arn":
					return r.quickInto(&id.IssuerARN, at), 1 << 2
				case "userName":
					return r.quickInto(&id.IssuerName, at), 1 << 3
				}
				return r.strict.Skip(at, 0), 0
			}), 1 << 0
		case "attributes":
			return r.quickMembers(at, func(name []byte, at int) (int, uint32) {
				switch string(name) {
				case "mfaAuthenticated":
					return r.quickInto(&id.MFA, at), 1 << 0
				case "creationDate":
					text, next := r.quickString(at)
					var ok bool
					if id.SessionCreated, ok = r.clock(text); !ok {
						next = jsonstream.Unusual
					}
					r.createdAt = span{at + 1, at + 1 + len(text)}
					return next, 1 << 1
				}
				return r.strict.Skip(at, 0), 0
			}), 1 << 1
		case "ec2RoleDelivery":
			return r.quickInto(&id.RoleDelivery, at), 1 << 2
		case "sourceIdentity":
			return r.quickInto(&id.SourceIdentity, at), 1 << 3
		}
		return r.strict.Skip(at, 0), 0
	})
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
		r.day, r.midnight = string(text[:10]), day
	}
	two := func(i int) int {
		if text[i] < '0' || text[i] > '9' || text[i+1] < '0' || text[i+1] > '9' {
			return 100
		}
		return int(text[i]-'0')*10 + int(text[i+1]-'0')
	}
	h, m, sec := two(11), two(14), two(17)
	if text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' || h > 23 || m > 59 || sec > 59 {
		return time.Time{}, false
	}
	return r.midnight.Add(time.Duration(h*3600+m*60+sec) * time.Second), true
}
