package cloudtrail

import (
	"bytes"
	"hash/maphash"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// metIdentity is a userIdentity as it was written and what it says, with places left
// open: each session of a role has its own name, key and beginning.
type metIdentity struct {
	raw []byte // the whole object; empty if there is none
	// Of texts in raw, each behind the one before: the session's name in principalId,
	// and again in arn; accessKeyId; creationDate. One that is not there is empty, and
	// stands where the one behind it does, or at the end.
	open [4]span
	id   evidence.Identity // as it was last met; AccessKey is empty
	name string            // the session's name in it; empty if that is not left open
}

const (
	inPrincipal = iota
	inARN
	inKey
	inCreated
)

type span struct{ from, to int }

func (s span) empty() bool { return s.from == s.to }

var seed = maphash.MakeSeed()

// ofRole is how the identity of a role's session begins; its id and a colon follow.
const ofRole = `{"type":"AssumedRole","principalId":"`

// quickIdentity reads userIdentity, which changes little from call to call.
func (r *reader) quickIdentity(id *evidence.Identity, at int) int {
	s := &r.strict
	// Type and principal come first and tell sessions apart; what may stand behind
	// a short identity, a time, would not find it again.
	head := s.Data[at:min(at+96, len(s.Data))]
	if n := bytes.IndexByte(head, '}'); n >= 0 {
		head = head[:n]
	}
	r.who = maphash.Bytes(seed, head)
	place := r.who
	if len(head) > len(ofRole) && string(head[:len(ofRole)]) == ofRole {
		if n := bytes.IndexByte(head[len(ofRole):], ':'); n >= 0 { // all sessions of the role have one place
			place = maphash.Bytes(seed, head[:len(ofRole)+n])
		}
	}
	pair := &r.identities[place%uint64(len(r.identities))]
	for i := range pair {
		if n := r.metBefore(id, &pair[i], at); n > 0 {
			return at + n
		}
	}
	r.open = [4]span{}
	next := r.newIdentity(id, at)
	if next < 0 || next-at > maxIdentity || !s.ASCII() {
		return next
	}
	if open, ok := r.openIn(id, at, next); ok {
		pair[0], pair[1] = pair[1], pair[0]
		met := &pair[0]
		met.raw, met.open, met.id, met.name = append(met.raw[:0], s.Data[at:next]...), open, *id, ""
		if n := open[inPrincipal].to - open[inPrincipal].from; n > 0 {
			met.name = id.PrincipalID[len(id.PrincipalID)-n:]
		}
		met.id.AccessKey = "" // it would hold on to the texts of a whole batch
	}
	return next
}

// openIn gives the places that are left open of the identity at from to, in order. It
// is not ok when they stand in another order.
func (r *reader) openIn(id *evidence.Identity, from, to int) (open [4]span, ok bool) {
	principal, arn := r.open[inPrincipal], r.open[inARN]
	_, name, named := strings.Cut(id.PrincipalID, ":")
	if named && id.Type == "AssumedRole" && name != "" && strings.HasSuffix(id.ARN, "/"+name) && principal.to <= arn.from {
		r.open[inPrincipal] = span{principal.to - len(name), principal.to}
		r.open[inARN] = span{arn.to - len(name), arn.to}
	} else {
		r.open[inPrincipal], r.open[inARN] = span{}, span{}
	}
	end := to
	for k := inCreated; k >= 0; k-- {
		if r.open[k].empty() {
			r.open[k] = span{end, end}
		}
		if r.open[k].to > end {
			return open, false
		}
		end = r.open[k].from
		open[k] = span{r.open[k].from - from, r.open[k].to - from}
	}
	return open, true
}

// metBefore says how much of the text at position at is the identity that was met, and
// then fills in id; 0 if it is another one.
func (r *reader) metBefore(id *evidence.Identity, met *metIdentity, at int) int {
	text := r.strict.Data[at:]
	if len(met.raw) == 0 {
		return 0
	}
	var place [4]span // as open, in text
	i, behind := 0, 0 // how far text and met.raw are equal
	same := func(to int) bool {
		n := to - behind
		if n > len(text)-i || string(text[i:i+n]) != string(met.raw[behind:to]) {
			return false
		}
		i += n
		return true
	}
	for k, o := range met.open {
		if !same(o.from) {
			return 0
		}
		n := o.to - o.from
		switch {
		case n == 0:
		case k == inPrincipal:
			end, escaped := r.strict.String(at + i)
			if n = end - at - i; n <= 0 || escaped {
				return 0
			}
		case k == inARN: // the session's name again
			if n = place[inPrincipal].to - place[inPrincipal].from; n > len(text)-i ||
				string(text[i:i+n]) != string(text[place[inPrincipal].from:place[inPrincipal].to]) {
				return 0
			}
		case n > len(text)-i:
			return 0
		}
		place[k] = span{i, i + n}
		i, behind = i+n, o.to
	}
	if !same(len(met.raw)) {
		return 0
	}
	open := text[place[inKey].from:place[inKey].to]
	for _, c := range open {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return 0
		}
	}
	began := met.id.SessionCreated
	if p := place[inCreated]; !p.empty() {
		var ok bool
		if began, ok = r.clock(text[p.from:p.to]); !ok {
			return 0
		}
	}
	if p := place[inPrincipal]; !p.empty() && string(text[p.from:p.to]) != met.name {
		principal, arn := len(met.id.PrincipalID)-len(met.name), len(met.id.ARN)-len(met.name)
		met.id.PrincipalID = r.intern(text[p.from-principal : p.to])
		met.id.ARN = r.intern(text[place[inARN].from-arn : place[inARN].to])
		met.name = met.id.PrincipalID[principal:]
	}
	from := id.FromConsole // stands outside userIdentity
	*id = met.id
	id.FromConsole, id.SessionCreated, id.AccessKey = from, began, r.accessKey(open)
	return i
}

// accessKey keeps a key, which the calls of a session in a row have in common.
func (r *reader) accessKey(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if string(text) != r.key {
		r.key = r.own(text)
	}
	return r.key
}
