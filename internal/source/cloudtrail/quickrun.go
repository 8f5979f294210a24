package cloudtrail

import (
	"hash/maphash"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// run is a stretch of plain members under way that was not met before.
type run struct {
	place *metPlace // where to keep it; nil while there is none
	from  int
	seen  uint32
}

func bit(f int) uint32 {
	if f < 0 {
		return 0
	}
	return 1 << f
}

// plainMember says whether a member belongs into a run: it is a text that records have
// in common, or fills no column.
func plainMember(f int, first byte) bool {
	switch f {
	case eventID, eventTime, errorMessage, requestID, sharedID, identity:
		return false
	case resources, parameters, response, service:
		return first == 'n'
	}
	return true
}

// opens begins a run at i, behind what each record has of its own, and gives it if it
// was met.
func (u *run) opens(r *reader, f, i int, e *evidence.Event) *met {
	var context uint64
	switch f {
	case eventTime:
		context = r.who // clients differ by who they are, regions and APIs show in the run
	case eventID, resources:
		context = maphash.String(seed, e.Source) ^ maphash.String(seed, e.Region)<<1
	default:
		return nil
	}
	var m *met
	u.place, m = r.mets.find(r.strict.Data[i:], context)
	u.from, u.seen = i, 0
	if m != nil {
		u.place = nil
	}
	return m
}

// keep ends the run, in front of what does not belong to it.
func (u *run) keep(r *reader, raw []byte, e *evidence.Event, last int, ends bool) {
	if r.strict.ASCII() {
		if p := u.place.again(raw); p != nil {
			p.seen, p.last, p.ends = u.seen, last, ends
			p.learn(e)
		}
	}
	u.place = nil
}

// quickValue reads the value of a member that names resources.
func (r *reader) quickValue(out []string, f, at int, e *evidence.Event) ([]string, int) {
	data := r.strict.Data
	switch data[at] {
	case '"':
		return out, jsonstream.Unusual
	case '{', '[':
	default:
		return r.quickNew(out, f, at)
	}
	place, m := r.mets.find(data[at:], maphash.String(seed, e.Source)+uint64(f))
	if m != nil && m.last == f {
		return append(out, m.named...), at + len(m.raw)
	}
	had := len(out)
	out, next := r.quickNew(out, f, at)
	if next > 0 && r.strict.ASCII() && len(out)-had <= maxMetN {
		if p := place.again(data[at:next]); p != nil {
			p.last = f
			for _, s := range out[had:] { // in a text of its own: this one's batch would live as long
				p.named = append(p.named, strings.Clone(s))
			}
		}
	}
	return out, next
}

func (r *reader) quickNew(out []string, f, at int) ([]string, int) {
	if f == resources {
		return r.quickResources(out, at)
	}
	return r.quickWalk(out, at, false, 0)
}
