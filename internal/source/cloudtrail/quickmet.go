package cloudtrail

import (
	"hash/maphash"

	"github.com/trailhound/trailhound/internal/evidence"
)

// met is a stretch of a record that came at least twice, as it was written, and what
// it fills in. Equal bytes fill in equal columns, so it is compared and not read again.
// There are two kinds: a run of members with plain values (what a client, a region and
// an API have in common), and the value of one member that has a structure.
type met struct {
	raw []byte

	seen  uint32   // a bit for each member
	last  int      // the member that it ends with
	ends  bool     // so does the record
	named []string // what it adds to the resources
	texts []columnText

	readOnly, fromConsole bool
}

// columnText is the text of a member.
type columnText struct {
	field int
	text  string
}

// mets is what was met, by a hash of how it begins: two of each.
type mets [1 << 11]metPlace

type metPlace struct {
	kept [2]*met
	once uint64 // hash of a stretch that came once: the next time it is kept
}

const (
	metHead = 112     // how much of a stretch is hashed to find it again
	minMet  = 64      // a shorter one is read as quickly
	maxMet  = 1 << 10 // a longer one is not kept: mets would grow with the evidence
	maxMetN = 16      // nor one that names more than this
)

// find gives the place for what begins at data, and the stretch itself if it was met.
// What stretches of one beginning differ in goes with context.
func (m *mets) find(data []byte, context uint64) (*metPlace, *met) {
	h := maphash.Bytes(seed, data[:min(metHead, len(data))]) ^ context
	place := &m[(h^h>>32)%uint64(len(m))]
	for _, k := range place.kept {
		if k != nil && len(k.raw) < len(data) && string(data[:len(k.raw)]) == string(k.raw) {
			return place, k
		}
	}
	return place, nil
}

// again takes note of a stretch that was read. It gives what is to be filled in when
// the stretch came before and is kept from now on, else nil.
func (p *metPlace) again(raw []byte) *met {
	if len(raw) < minMet || len(raw) > maxMet {
		return nil
	}
	if h := maphash.Bytes(seed, raw); p.once != h {
		p.once = h
		return nil
	}
	k := p.kept[1]
	if k == nil {
		k = new(met)
	}
	*k = met{raw: append(k.raw[:0], raw...)}
	p.kept[0], p.kept[1] = k, p.kept[0]
	return k
}

// column is where the text of a member goes that records have in common; nil for others.
func column(e *evidence.Event, f int) *string {
	switch f {
	case eventSource:
		return &e.Source
	case eventName:
		return &e.RawName
	case eventType:
		return &e.Type
	case eventCategory:
		return &e.Category
	case account:
		return &e.Account
	case region:
		return &e.Region
	case sourceIP:
		return &e.SourceIP
	case userAgent:
		return &e.UserAgent
	case errorCode:
		return &e.ErrorCode
	case vpcEndpoint:
		return &e.VPCEndpoint
	}
	return nil
}

// learn takes from an event what the members of a run have filled in.
func (p *met) learn(e *evidence.Event) {
	p.readOnly, p.fromConsole = e.ReadOnly, e.Identity.FromConsole
	for f := range version {
		if c := column(e, f); c != nil && p.seen&(1<<f) != 0 {
			p.texts = append(p.texts, columnText{f, *c})
		}
	}
}

// fill fills in what a run says.
func (p *met) fill(e *evidence.Event) {
	for i := range p.texts {
		*column(e, p.texts[i].field) = p.texts[i].text
	}
	if p.seen&(1<<readOnly) != 0 {
		e.ReadOnly, e.ReadOnlySaid = p.readOnly, true
	}
	if p.seen&(1<<fromConsole) != 0 {
		e.Identity.FromConsole = p.fromConsole
	}
}
