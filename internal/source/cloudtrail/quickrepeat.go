package cloudtrail

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// repeats is what quick has met and expects to meet again: a trail writes members
// in one order, and the calls of a session, of a client, of a region, come in
// runs. Equal bytes mean equal columns, so a text that was read and checked once
// is compared from then on, and not read again. Only identities of nothing but ASCII
// and without blank texts are remembered, since quick must know of all others.
type repeats struct {
	follows    [version + 3]follower // by the member in front, from notUsual for none
	last       [version + 1]string   // the text of a member in the last record that had it
	identities [64][4]metIdentity    // by type and principal: called, calling through a service, and as these write it

	keyAt, createdAt span   // of newIdentity: where the texts stand that sessions differ in
	checked          string // the last key that isKey
}

// What is longer is not remembered: no single record may claim much memory for good.
const (
	maxLast     = 512 // bytes
	maxIdentity = 1 << 10
)

// follower is the member that came behind another one, by its name with quotes and
// colon, which is compared a word at a time.
type follower struct {
	words [3]uint64 // the name, zeros behind it
	masks [3]uint64 // what of the words is the name
	size  int       // 0 if it is not known
	field int
}

// What a follower can compare.
const (
	leastFollower = 8
	mostFollower  = 24
)

// quickName tells which member begins at p, behind the member before, and where
// its value stands; notUsual if it cannot. The name that is expected is compared where it
// should stand: equal bytes end where they ended before, and hold as many quotes.
func (r *reader) quickName(before int, p jsonstream.Place) (f int, value jsonstream.Place) {
	s := &r.strict
	next := &r.follows[before-notUsual]
	at := p.At
	if at < 0 || at+mostFollower > len(s.Data) {
		name, value := s.Name(p)
		if !value.Usual() {
			return notUsual, value
		}
		return field(name), value
	}
	text := s.Data[at : at+mostFollower]
	w := [3]uint64{binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[8:]), binary.LittleEndian.Uint64(text[16:])}
	if (w[0]^next.words[0])|(w[1]^next.words[1])&next.masks[1]|(w[2]^next.words[2])&next.masks[2] == 0 && next.size > 0 {
		return next.field, p.Past(next.size, 2)
	}
	name, value := s.Name(p)
	if !value.Usual() {
		return notUsual, value
	}
	f = field(name)
	// A name with more than ASCII is looked at each time, which is how strict gets to know of it.
	if size := value.At - at; size >= leastFollower && size <= mostFollower && ascii(name) {
		*next = follower{size: size, field: f}
		for i := range w {
			if n := size - 8*i; n > 0 {
				next.masks[i] = ^uint64(0) >> (64 - 8*min(n, 8))
			}
			next.words[i] = w[i] & next.masks[i]
		}
	}
	return f, value
}

func ascii(name []byte) bool {
	for _, c := range name {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// quickAgain reads a plain string that the last record is likely to have had too.
func (r *reader) quickAgain(f int, p jsonstream.Place) (text string, next jsonstream.Place) {
	b, next := r.quickString(p)
	last := &r.last[f]
	if string(b) == *last {
		return *last, next
	}
	text = r.intern(b)
	if len(text) <= maxLast {
		*last = text
	}
	return text, next
}

// metIdentity is a userIdentity as it was written and what it says, with two
// places left open: each session of a role has its own key and beginning.
type metIdentity struct {
	raw     []byte // the whole object; empty if there is none
	key     span   // of the text of accessKeyId in raw; empty if there is none
	created span   // of the text of creationDate, behind key; empty and at the end if there is none
	quotes  int    // in raw
	id      evidence.Identity
}

type span struct{ from, to int }

var identitySeed = maphash.MakeSeed()

// quickIdentity reads userIdentity, which changes little from call to call.
func (r *reader) quickIdentity(id *evidence.Identity, p jsonstream.Place) jsonstream.Place {
	s, at := &r.strict, p.At
	// Type and principal come first and tell sessions apart; what may stand behind
	// a short identity, a time, would not find it again.
	head := s.Data[at:min(at+96, len(s.Data))]
	if n := bytes.IndexByte(head, '}'); n >= 0 {
		head = head[:n]
	}
	place := &r.identities[maphash.Bytes(identitySeed, head)%uint64(len(r.identities))]
	for i := range place {
		if r.metBefore(id, &place[i], s.Data[at:]) {
			return p.Past(len(place[i].raw), place[i].quotes)
		}
	}
	r.keyAt, r.createdAt = span{at, at}, span{}
	next := r.newIdentity(id, p)
	if !next.Usual() || next.At-at > maxIdentity || !s.ASCII() || s.Blank() {
		return next
	}
	key, created := r.keyAt, r.createdAt
	if created.to == 0 {
		created = span{next.At, next.At}
	}
	if key.to <= created.from {
		oldest := place[len(place)-1] // its memory serves again
		copy(place[1:], place[:])
		place[0] = oldest
		met := &place[0]
		met.raw, met.quotes, met.id = append(met.raw[:0], s.Data[at:next.At]...), p.QuotesTo(next), *id
		met.id.AccessKey = "" // it would hold on to the texts of a whole batch
		met.key, met.created = span{key.from - at, key.to - at}, span{created.from - at, created.to - at}
	}
	return next
}

// metBefore says whether text begins with the identity that was met, and then
// fills in id.
// The bytes of a file decide what is remembered, and never whether it is right: each
// use compares every byte but the two open places, and checks those.
func (r *reader) metBefore(id *evidence.Identity, met *metIdentity, text []byte) bool {
	n, key, created := len(met.raw), met.key, met.created
	if n == 0 || n > len(text) || string(text[:key.from]) != string(met.raw[:key.from]) ||
		string(text[key.to:created.from]) != string(met.raw[key.to:created.from]) ||
		string(text[created.to:n]) != string(met.raw[created.to:]) {
		return false
	}
	open := text[key.from:key.to]
	if string(open) != r.checked && !isKey(open) {
		return false
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
	r.checked = r.accessKey(open)
	id.FromConsole, id.SessionCreated, id.AccessKey = from, began, r.checked
	return true
}

// isKey says whether a text is one that quickIdentity may leave open: nothing in it
// could end the string or be written in another way.
func isKey(text []byte) bool {
	for _, c := range text {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
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
