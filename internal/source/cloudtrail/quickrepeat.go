package cloudtrail

import (
	"bytes"
	"hash/maphash"

	"github.com/trailhound/trailhound/internal/evidence"
)

// repeats is what quick has met and expects to meet again: a trail writes members
// in one order, and the calls of a session, of a client, of a region, come in
// runs. Equal bytes mean equal columns, so a text that was read and checked once
// is compared from then on, and neither searched for its end nor read again. Only
// texts of nothing but ASCII are remembered, since quick must know of all others.
type repeats struct {
	follows    [version + 3]follower // by the member in front, from notUsual for none
	last       [version + 1]string   // the text of a member in the last record that had it
	identities [128][2]metIdentity   // by type and principal, two of each

	keyAt, createdAt span // of newIdentity: where the texts stand that sessions differ in
}

// What is longer is not remembered: no single record may claim much memory for good.
const (
	maxFollower = 64
	maxLast     = 512
	maxIdentity = 1 << 10
)

// follower is the member that came behind another one.
type follower struct {
	name  []byte // with its quotes and colon; empty if not known
	field int
}

// quickName tells which member begins at i, behind the member before, and where
// its value stands; notUsual if it cannot.
func (r *reader) quickName(before, i int) (f, at int) {
	s := &r.strict
	next := &r.follows[before-notUsual]
	if n := len(next.name); n > 0 && i+n < len(s.Data) && string(s.Data[i:i+n]) == string(next.name) {
		return next.field, i + n
	}
	end := s.Name(i)
	if end < 0 {
		return notUsual, i
	}
	f, at = field(s.Data[i+1:end]), end+2
	if at-i <= maxFollower && s.ASCII() {
		next.name, next.field = append(next.name[:0], s.Data[i:at]...), f
	}
	return f, at
}

// quickAgain reads a plain string that the last record is likely to have had too.
func (r *reader) quickAgain(f, at int) (text string, next int) {
	s, last := &r.strict, r.last[f]
	if end := at + 1 + len(last); last != "" && end < len(s.Data) && s.Data[end] == '"' && s.Data[at] == '"' &&
		string(s.Data[at+1:end]) == last {
		return last, end + 1
	}
	b, next := r.quickString(at)
	if next < 0 {
		return "", next
	}
	text = r.intern(b)
	if len(text) <= maxLast && s.ASCII() {
		r.last[f] = text
	}
	return text, next
}

// metIdentity is a userIdentity as it was written and what it says, with two
// places left open: each session of a role has its own key and beginning.
type metIdentity struct {
	raw     []byte // the whole object; empty if there is none
	key     span   // of the text of accessKeyId in raw; empty if there is none
	created span   // of the text of creationDate, behind key; empty and at the end if there is none
	id      evidence.Identity
}

type span struct{ from, to int }

var identitySeed = maphash.MakeSeed()

// quickIdentity reads userIdentity, which changes little from call to call.
func (r *reader) quickIdentity(id *evidence.Identity, at int) int {
	s := &r.strict
	// Type and principal come first and tell sessions apart; what may stand behind
	// a short identity, a time, would not find it again.
	head := s.Data[at:min(at+96, len(s.Data))]
	if n := bytes.IndexByte(head, '}'); n >= 0 {
		head = head[:n]
	}
	pair := &r.identities[maphash.Bytes(identitySeed, head)%uint64(len(r.identities))]
	for i := range pair {
		if r.metBefore(id, &pair[i], s.Data[at:]) {
			return at + len(pair[i].raw)
		}
	}
	r.keyAt, r.createdAt = span{at, at}, span{}
	next := r.newIdentity(id, at)
	if next < 0 || next-at > maxIdentity || !s.ASCII() {
		return next
	}
	key, created := r.keyAt, r.createdAt
	if created.to == 0 {
		created = span{next, next}
	}
	if key.to <= created.from {
		pair[0], pair[1] = pair[1], pair[0]
		met := &pair[0]
		met.raw, met.id = append(met.raw[:0], s.Data[at:next]...), *id
		met.id.AccessKey = "" // it would hold on to the texts of a whole batch
		met.key, met.created = span{key.from - at, key.to - at}, span{created.from - at, created.to - at}
	}
	return next
}

// metBefore says whether text begins with the identity that was met, and then
// fills in id.
func (r *reader) metBefore(id *evidence.Identity, met *metIdentity, text []byte) bool {
	n, key, created := len(met.raw), met.key, met.created
	if n == 0 || n > len(text) || string(text[:key.from]) != string(met.raw[:key.from]) ||
		string(text[key.to:created.from]) != string(met.raw[key.to:created.from]) ||
		string(text[created.to:n]) != string(met.raw[created.to:]) {
		return false
	}
	open := text[key.from:key.to]
	for _, c := range open {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	began := met.id.SessionCreated
	if created.to > created.from {
		var ok bool
		if began, ok = r.clock(text[created.from:created.to]); !ok {
			return false
		}
	}
	from := id.FromConsole // stands outside userIdentity
	*id = met.id
	id.FromConsole, id.SessionCreated, id.AccessKey = from, began, r.accessKey(open)
	return true
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
