package jsonstream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Visitor receives what a Splitter finds. An error ends the splitting and is
// returned by Split as it is.
type Visitor interface {
	// Record gets one value that is no envelope. data is valid until it returns;
	// its brackets match, but whether it is JSON is for Doc.Parse to say.
	Record(data []byte, offset int64) error
	// Member gets a short string that an envelope holds beside its records.
	Member(name, value []byte)
	// Envelope says whether records may lie in the array of that name; it is
	// asked for members of objects that are not records themselves.
	Envelope(name []byte) bool
	// Begins says whether a record may begin with a member of that name. It
	// decides where reading goes on behind damage.
	Begins(name []byte) bool
	// Damage tells of bytes from offset on that could not be read as records.
	Damage(offset int64, reason string) error
}

// Quick is a Visitor that may take records in one pass, without having their ends
// found first.
type Quick interface {
	Visitor
	// Quick takes the record that data begins with, and those that follow it with
	// nothing but a comma between, as many as it likes. It gives their length, or 0 if
	// the first is to come to Record. data ends where the window does, which
	// need not be at the end of a record; it is valid until Quick returns.
	Quick(data []byte, offset int64) (n int, err error)
}

// Lender is a Visitor that lends the memory that the text is read into, and may keep the
// records that it is given of that.
type Lender interface {
	Visitor
	// Lend gives memory that begins with a copy of rest and has room behind it, in place of
	// what was lent before; nil if there is none so large.
	Lend(rest []byte) []byte
}

// quickAhead is how much is in memory behind the start of a record when it is
// offered to Quick; AWS's records are a tenth of that.
const quickAhead = 32 << 10

// maxEnvelopes bounds arrays and envelopes inside each other outside records.
const maxEnvelopes = 16

// maxRescan bounds how many bytes are read a second time behind damage, so that
// a file of nothing but damage costs time in proportion to its length.
const maxRescan = 256 << 20

// Splitter finds the records in a stream of JSON values: one after the other
// with or without new lines, inside arrays, and inside envelopes. It holds one
// record at a time, at most MaxRecord bytes of it.
type Splitter struct {
	window
	v      Visitor
	quick  Quick // v, if it is one
	rescan int64
	hurt   bool // there was damage, so a stray bracket is no news
	over   bool // the end of the stream was told as damage already
}

// damage is a place where the text stops making sense.
type damage struct {
	from int64 // where the record began, or the place itself
	what string
}

func (d *damage) Error() string { return d.what }

// Split reads r to its end. The error is the visitor's own: trouble in the
// stream, including a read error, is told to Visitor.Damage.
func Split(r io.Reader, v Visitor) error {
	s := Splitter{v: v, window: window{src: r, mark: -1}}
	s.quick, _ = v.(Quick)
	s.on, _ = r.(onward)
	if l, ok := v.(Lender); ok {
		s.lend = l.Lend
	}
	if err := s.values(0, 0); err != nil {
		return err
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) && !s.over {
		return v.Damage(s.offset(), s.err.Error())
	}
	return nil
}

// values reads values up to the closing bracket, or to the end of the stream
// when there is none (close is 0).
func (s *Splitter) values(closing byte, depth int) error {
	for {
		c, ok := s.next()
		switch {
		case !ok && closing == 0:
			return nil
		case !ok:
			return s.ended(s.offset(), "its list of records is not closed")
		case c == closing && closing != 0:
			s.pos++
			return nil
		case c == ',', s.hurt && closing == 0 && (c == ']' || c == '}'):
			s.pos++ // exports leave commas between lines; brackets stray behind damage
			continue
		}
		if c == '{' && s.quick != nil {
			s.ahead(quickAhead)
			n, err := s.quick.Quick(s.buf[s.pos:s.end], s.offset())
			if err != nil {
				return err
			}
			if n > 0 {
				s.pos += n
				continue
			}
		}
		err := s.value(c, closing != 0, depth)
		var d *damage
		if errors.As(err, &d) {
			err = s.recover(d, closing == 0)
		}
		if err != nil {
			return err
		}
	}
}

// value reads the value that starts with c at the current position. An array
// inside an array is a record: the rows of query results are written so.
func (s *Splitter) value(c byte, inArray bool, depth int) error {
	from := s.offset()
	switch {
	case c == '[' && !inArray:
		s.pos++
		return s.values(']', depth+1)
	case c == '{' && depth < maxEnvelopes:
		return s.object(depth)
	case c != '{' && c != '[' && c != '"':
		return &damage{from, fmt.Sprintf("no record begins with %q", c)}
	}
	s.keep()
	if err := s.skipValue(from); err != nil {
		return err
	}
	return s.deliver(from)
}

// object reads an object: a record, or an envelope with records inside. Which
// of the two shows only when the name of an array of records turns up.
func (s *Splitter) object(depth int) error {
	from := s.offset()
	s.keep()
	s.pos++
	envelope := false
	for first := true; ; first = false {
		c, ok := s.next()
		if !ok {
			return s.ended(from, inside)
		}
		if c == '}' && first {
			s.pos++
			break
		}
		if c != '"' {
			return &damage{from, fmt.Sprintf("broken JSON at byte %d: a name is missing", s.offset())}
		}
		name, err := s.name(from)
		if err != nil {
			return err
		}
		if c, ok = s.next(); !ok {
			return s.ended(from, inside)
		}
		switch {
		case c == '[' && (envelope || s.kept()) && s.v.Envelope(name):
			if !envelope {
				s.header()
				envelope = true
			}
			s.drop()
			s.pos++
			if err := s.values(']', depth+1); err != nil {
				return err
			}
		case envelope && c == '"':
			s.keep()
			if err := s.skipValue(from); err != nil {
				return err
			}
			if v := s.keptBytes(); len(v) >= 2 && len(v) < 1024 {
				s.v.Member(name, v[1:len(v)-1])
			}
			s.drop()
		default:
			if err := s.skipValue(from); err != nil {
				return err
			}
		}
		if c, ok = s.next(); !ok {
			return s.ended(from, inside)
		}
		s.pos++
		if c == '}' {
			break
		}
		if c != ',' {
			return &damage{from, fmt.Sprintf("broken JSON at byte %d: a comma or closing brace is missing", s.offset()-1)}
		}
	}
	if envelope {
		return nil
	}
	return s.deliver(from)
}

// name reads a member's name and its colon. The copy is safe from the window's
// movements; names are short, and an overlong one is no name of ours.
func (s *Splitter) name(from int64) ([]byte, error) {
	start, loose := s.offset(), s.mark < 0
	if loose {
		s.keep()
	}
	if err := s.skipString(from); err != nil {
		return nil, err
	}
	var name []byte
	if n := int(s.offset() - start); s.mark >= 0 && n < 128 {
		name = append(s.scratch[:0], s.buf[s.pos-n+1:s.pos-1]...)
		s.scratch = name
	}
	if loose {
		s.drop()
	}
	if c, ok := s.next(); !ok {
		return nil, s.ended(from, inside)
	} else if c != ':' {
		return nil, &damage{from, fmt.Sprintf("broken JSON at byte %d: a colon is missing", s.offset())}
	}
	s.pos++
	return name, nil
}

// header tells the visitor the short strings in front of the first array of
// records.
func (s *Splitter) header() {
	head := s.keptBytes()
	if i := bytes.LastIndexByte(head, ','); i > 0 && len(head) < 64<<10 {
		var d Doc
		if d.Parse(append(bytes.Clone(head[:i]), '}')) != nil {
			return
		}
		for c := range d.Children(0) {
			if d.Nodes[c].Kind == String {
				s.v.Member(d.Name(c), d.Text(c))
			}
		}
	}
}

// deliver hands over the record that ends at the current position.
func (s *Splitter) deliver(from int64) error {
	if !s.kept() {
		return s.v.Damage(from, fmt.Sprintf("a record of %d MB, over the limit of 16 MB", (s.offset()-from)>>20))
	}
	data := s.keptBytes()
	s.drop()
	return s.v.Record(data, from)
}

const inside = "it ends inside this record"

// ended is the damage of a stream that stops inside something.
func (s *Splitter) ended(from int64, where string) error {
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return &damage{from, s.err.Error()}
	}
	return &damage{from, "the file is cut short: " + where}
}
