package jsonstream

import (
	"fmt"
	"io"
)

// window is the part of the stream that is in memory: buf[:end], read up to
// pos. What lies behind mark is kept when it moves on.
type window struct {
	src      io.Reader
	on       onward                   // src, if it is one
	lend     func(rest []byte) []byte // gives other memory that begins with rest; nil if the window has its own
	buf      []byte
	pos, end int
	base     int64 // offset of buf[0] in the stream
	mark     int   // first byte to keep, -1 for none
	err      error // why no more can be read
	scratch  []byte
	stack    []byte
}

// onward is source.Onward.
type onward interface {
	ReadOn(text []byte, n int) (int, error)
}

const (
	firstWindow = 256 << 10
	history     = 32 << 10 // what an onward reader wants to see of what it gave
	leastRoom   = 16 << 10 // to read into: with less the window moves on
)

func (w *window) offset() int64 { return w.base + int64(w.pos) }

// keep starts keeping at the current position; a record over MaxRecord is let
// go of by fill, after which kept is false.
func (w *window) keep()             { w.mark = w.pos }
func (w *window) drop()             { w.mark = -1 }
func (w *window) kept() bool        { return w.mark >= 0 && w.pos-w.mark <= MaxRecord }
func (w *window) keptBytes() []byte { return w.buf[max(w.mark, 0):w.pos] }

// fill reads more; it is called when pos is at end. It reports whether there is
// at least one more byte.
func (w *window) fill() bool {
	if w.pos < w.end {
		return true
	}
	if w.err != nil {
		return false
	}
	if w.mark >= 0 && w.pos-w.mark > MaxRecord {
		w.mark = -1
	}
	from := w.pos
	if w.mark >= 0 {
		from = w.mark
	}
	if len(w.buf)-w.end < leastRoom {
		w.move(from)
	}
	for tries := 0; w.end == w.pos && w.err == nil; tries++ {
		n, err := w.more()
		w.end += n
		w.err = err
		if tries > 100 && n == 0 && err == nil {
			w.err = io.ErrNoProgress
		}
	}
	return w.pos < w.end
}

func (w *window) more() (int, error) {
	if w.on != nil {
		return w.on.ReadOn(w.buf, w.end)
	}
	return w.src.Read(w.buf[w.end:])
}

// move makes room behind what is kept, from a position on. Memory that was lent stays as it is: somebody
// may keep the records in it.
func (w *window) move(from int) {
	keep := from
	if w.on != nil {
		keep = min(from, max(0, w.end-history))
	}
	rest := w.buf[keep:w.end]
	var next []byte
	if w.lend != nil {
		next = w.lend(rest)
	}
	switch {
	case len(next)-len(rest) >= leastRoom:
		w.buf = next
	case w.lend == nil && len(rest) <= len(w.buf)/2 && w.buf != nil:
		copy(w.buf, rest)
	default: // full of what must be kept: at most MaxRecord + one window
		w.lend = nil
		bigger := make([]byte, max(firstWindow, 2*len(w.buf)))
		copy(bigger, rest)
		w.buf = bigger
	}
	w.base, w.pos, w.end = w.base+int64(keep), w.pos-keep, len(rest)
	if w.mark >= 0 {
		w.mark -= keep
	}
}

// ahead reads until n bytes are in memory from the current position on, or all
// there are.
func (w *window) ahead(n int) {
	if w.end-w.pos >= n || w.err != nil {
		return
	}
	at := w.offset()
	w.keep()
	for w.end-w.pos < n && w.err == nil {
		w.pos = w.end
		w.fill()
		w.pos = int(at - w.base)
	}
	w.drop()
}

// next skips white space and returns the byte that follows without taking it.
func (w *window) next() (byte, bool) {
	for {
		for w.pos < w.end {
			c := w.buf[w.pos]
			if !isSpace[c] {
				return c, true
			}
			w.pos++
		}
		if !w.fill() {
			return 0, false
		}
	}
}

// skipString moves behind the string that starts at the current position.
func (s *Splitter) skipString(from int64) error {
	s.pos++
	for {
		for s.pos < s.end && plain[s.buf[s.pos]] {
			s.pos++
		}
		if s.pos >= s.end {
			if !s.fill() {
				return s.ended(from, inside)
			}
			continue
		}
		switch s.buf[s.pos] {
		case '"':
			s.pos++
			return nil
		case '\\':
			if s.pos++; s.pos >= s.end && !s.fill() {
				return s.ended(from, inside)
			}
			s.pos++
		default:
			return &damage{from, fmt.Sprintf("broken JSON at byte %d: a control character stands in a string", s.offset())}
		}
	}
}

// class sorts the bytes outside strings.
const (
	illegal = iota
	filler  // white space, numbers, literals, commas and colons
	quote
	opening
	closing
)

var class = func() (t [256]uint8) {
	for _, c := range " \t\r\n0123456789+-.eEtrufalsn,:" {
		t[c] = filler
	}
	t['"'], t['{'], t['['], t['}'], t[']'] = quote, opening, opening, closing, closing
	return t
}()

// skipValue moves behind the value at the current position, checking only that
// strings end and brackets match.
func (s *Splitter) skipValue(from int64) error {
	s.stack = s.stack[:0]
	for {
		for s.pos < s.end && class[s.buf[s.pos]] == filler {
			if len(s.stack) == 0 && (s.buf[s.pos] == ',' || isSpace[s.buf[s.pos]]) {
				return nil // a number or literal has ended
			}
			s.pos++
		}
		if s.pos >= s.end {
			if !s.fill() {
				return s.ended(from, inside)
			}
			continue
		}
		switch c := s.buf[s.pos]; class[c] {
		case quote:
			if err := s.skipString(from); err != nil {
				return err
			}
		case opening:
			if len(s.stack) >= MaxDepth {
				return &damage{from, fmt.Sprintf("nested more than %d deep at byte %d", MaxDepth, s.offset())}
			}
			s.stack = append(s.stack, c+2) // ASCII has each closing bracket two behind its opening one
			s.pos++
		case closing:
			if len(s.stack) == 0 {
				return nil // the end of what surrounds a number or literal
			}
			if s.stack[len(s.stack)-1] != c {
				return &damage{from, fmt.Sprintf("broken JSON at byte %d: brackets do not match", s.offset())}
			}
			s.stack = s.stack[:len(s.stack)-1]
			s.pos++
		default:
			return &damage{from, fmt.Sprintf("broken JSON at byte %d: unexpected %q", s.offset(), c)}
		}
		if len(s.stack) == 0 {
			return nil
		}
	}
}
