package jsonstream

import (
	"bytes"
	"fmt"
)

// recover tells of the damage and moves to where the next record seems to
// begin. It looks from behind the start of the damaged record, since a lost
// quote is noticed only in a later record.
func (s *Splitter) recover(d *damage, lines bool) error {
	s.hurt = true
	if back := s.offset() - d.from; s.mark >= 0 && s.base+int64(s.mark) == d.from && s.rescan+back <= maxRescan {
		s.rescan += back
		s.pos = s.mark + 1
	} else if s.offset() == d.from && s.pos < s.end {
		s.pos++
	}
	s.drop()
	found := s.seek(lines)
	reason := d.what
	switch {
	case found:
		reason = fmt.Sprintf("%s; reading went on at byte %d", reason, s.offset())
	case s.over:
		return nil // lists and envelopes around the damage end with it
	default:
		s.over = true
	}
	return s.v.Damage(d.from, reason)
}

// seek moves to the next place where a record seems to begin: an opening brace
// and a name that records begin with, or, between values, a brace that opens a
// line. It must not be fooled by text inside records: there, quotes are escaped.
func (s *Splitter) seek(lines bool) bool {
	newLine := false
	for {
		if s.pos >= s.end {
			if !s.fill() {
				return false
			}
		}
		i := bytes.IndexByte(s.buf[s.pos:s.end], '{')
		if i < 0 {
			newLine = s.buf[s.end-1] == '\n'
			s.pos = s.end
			continue
		}
		if i > 0 {
			newLine = s.buf[s.pos+i-1] == '\n'
		}
		s.pos += i
		if lines && newLine || s.begins() {
			return true
		}
		newLine = false
		s.pos++
	}
}

// begins says whether the brace at the current position opens a record. It
// looks at most 256 bytes ahead.
func (s *Splitter) begins() bool {
	s.ahead(256)
	ahead := s.buf[s.pos+1 : min(s.end, s.pos+256)]
	i := space(ahead, 0)
	if i >= len(ahead) || ahead[i] != '"' {
		return false
	}
	name, rest, ok := bytes.Cut(ahead[i+1:], []byte{'"'})
	if !ok {
		return false
	}
	if j := space(rest, 0); j >= len(rest) || rest[j] != ':' {
		return false
	}
	return s.v.Begins(name)
}
