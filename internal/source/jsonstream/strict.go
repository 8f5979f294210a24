package jsonstream

import (
	"encoding/binary"
	"math/bits"
)

// Strict reads compact JSON, without white space between its parts, for readers
// that know what they look for: nothing is copied, and of an index it has no more than
// where the quotes are. Whatever it does not know or like is unusual, which says
// nothing about the text: a Doc has the last word. The zero Strict is ready.
type Strict struct {
	Data []byte
	// Short says that the value in hand is unusual since it goes on behind what was looked
	// at: with a longer look it may turn out usual.
	Short bool

	index
	high  uint64 // bytes of the strings with more than ASCII so far, ORed
	blank bool   // a text so far is empty
}

// Place is where reading stands, as small as it must be to be kept in registers.
type Place struct {
	At    int // position in Data; negative where the text is unusual, and from there on
	quote int // the first of index.quotes that is not in front of At
}

var unusual = Place{At: -1}

// Usual says whether the text was usual up to here.
func (p Place) Usual() bool { return p.At >= 0 }

// strictDepth bounds the nesting; AWS's records have about ten.
const strictDepth = 32

// Reset begins another text.
func (s *Strict) Reset(data []byte) {
	s.Data = data
	s.from, s.to = 0, 0
}

// Begin begins a value at position at. It may look for the quotes of this value and of
// those behind it, so many bytes ahead, if it did not before: before is the place
// behind the value in front, or the zero Place.
func (s *Strict) Begin(before Place, at, ahead int) Place {
	s.high, s.blank, s.Short = 0, false, false
	if before.At > s.from && (at+closeToEnd <= s.to || s.to == len(s.Data)) {
		return Place{at, before.quote}
	}
	s.look(s.Data, at, min(len(s.Data), at+ahead))
	return Place{At: at}
}

// Cut says whether the value in hand, which is unusual, may be so since Data ends inside it.
func (s *Strict) Cut() bool { return s.to == len(s.Data) }

// Blank says whether a text of the value so far was empty. The names of members are no texts.
func (s *Strict) Blank() bool { return s.blank }

// ASCII says whether all strings of the value so far were.
func (s *Strict) ASCII() bool { return s.high&highs == 0 }

// Past is the place n bytes and so many quotes behind p, for whoever knows what stands
// between.
func (p Place) Past(n, quotes int) Place { return Place{p.At + n, p.quote + quotes} }

// QuotesTo counts the quotes between two places.
func (p Place) QuotesTo(q Place) int { return q.quote - p.quote }

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// String reads the string at p. Its text is as it is written; escaped says that there is a
// backslash in it.
func (s *Strict) String(p Place) (text []byte, escaped bool, next Place) {
	if k := p.quote; k+1 < len(s.quotes) && int(s.quotes[k]) == p.At {
		if end := int(s.quotes[k+1]); end < s.odd {
			s.blank = s.blank || end == p.At+1
			return s.Data[p.At+1 : end], false, Place{end + 1, k + 2}
		}
	}
	return s.oddString(p)
}

// oddString is String for what is not plain, or no string.
func (s *Strict) oddString(p Place) (text []byte, escaped bool, next Place) {
	k := p.quote
	if k+1 >= len(s.quotes) {
		s.Short = s.to < len(s.Data)
		return nil, false, unusual
	}
	at, end := int(s.quotes[k]), int(s.quotes[k+1])
	if at != p.At {
		return nil, false, unusual
	}
	if s.pass(at); end >= s.odd {
		var found int
		if found, escaped = s.search(at + 1); found != end {
			return nil, false, unusual
		}
	}
	s.blank = s.blank || end == at+1
	return s.Data[at+1 : end], escaped, Place{end + 1, k + 2}
}

// search finds the end of the string whose text starts at i, and checks it.
func (s *Strict) search(i int) (end int, escaped bool) {
	for {
		if i = s.plain(i); i < 0 {
			return -1, false
		}
		switch s.Data[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			n := escapeLen(s.Data[i:])
			if n == 0 {
				return -1, false
			}
			i += n
		default: // a control character
			return -1, false
		}
	}
}

// plain finds the first byte from i on that a string cannot hold as it is, eight
// at a time.
func (s *Strict) plain(i int) int {
	data := s.Data
	for i+8 <= len(data) {
		x := binary.LittleEndian.Uint64(data[i:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		// A byte b is zero exactly if (b-1)&^b has its high bit, and below ' '
		// likewise; a borrow can only spoil bytes behind the first that is found.
		found := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x) & highs
		if found != 0 {
			n := bits.TrailingZeros64(found)
			s.high |= x & (1<<n - 1)
			return i + n>>3
		}
		s.high |= x
		i += 8
	}
	for ; i < len(data); i++ {
		if !plain[data[i]] {
			return i
		}
		s.high |= uint64(data[i])
	}
	return -1
}

// Name reads the name of a member. value is where its value stands. Names with escapes
// are unusual.
func (s *Strict) Name(p Place) (name []byte, value Place) {
	if k := p.quote; k+1 < len(s.quotes) && int(s.quotes[k]) == p.At {
		if end := int(s.quotes[k+1]); end < s.odd && end+1 < len(s.Data) && s.Data[end+1] == ':' {
			return s.Data[p.At+1 : end], Place{end + 2, k + 2}
		}
	}
	name, escaped, value := s.oddString(p)
	if escaped || uint(value.At) >= uint(len(s.Data)) || s.Data[value.At] != ':' {
		return nil, unusual
	}
	value.At++
	return name, value
}

// Enter steps into the object or list at p, which opening begins, to its first member or
// element. If there is none, it gives the place behind it, and not more.
func (s *Strict) Enter(p Place, opening byte) (first Place, more bool) {
	if uint(p.At+1) >= uint(len(s.Data)) || p.At < 0 || s.Data[p.At] != opening {
		return unusual, false
	}
	if s.Data[p.At+1] == opening+2 { // ASCII has each closing bracket two behind its opening one
		return Place{p.At + 2, p.quote}, false
	}
	return Place{p.At + 1, p.quote}, true
}

// Next steps over the comma at p, after which there is more, or over the bracket
// that closes a list of members or elements.
func (s *Strict) Next(p Place, closing byte) (next Place, more bool) {
	if uint(p.At) < uint(len(s.Data)) {
		switch s.Data[p.At] {
		case ',':
			return Place{p.At + 1, p.quote}, true
		case closing:
			return Place{p.At + 1, p.quote}, false
		}
	}
	return unusual, false
}

// First is the first byte of the value at p, or 0.
func (s *Strict) First(p Place) byte {
	if uint(p.At) < uint(len(s.Data)) {
		return s.Data[p.At]
	}
	return 0
}

// Skip checks the value at p and gives the place behind it.
func (s *Strict) Skip(p Place, depth int) Place {
	if depth > strictDepth {
		return unusual
	}
	var more bool
	switch s.First(p) {
	case '"':
		_, _, p = s.String(p)
	case '{':
		for p, more = s.Enter(p, '{'); more; p, more = s.Next(p, '}') {
			_, p = s.Name(p)
			p = s.Skip(p, depth+1)
		}
	case '[':
		for p, more = s.Enter(p, '['); more; p, more = s.Next(p, ']') {
			p = s.Skip(p, depth+1)
		}
	default:
		return s.Scalar(p)
	}
	return p
}

// Scalar checks the number or literal at p and gives the place behind it.
func (s *Strict) Scalar(p Place) Place {
	data := s.Data
	i, c := p.At, s.First(p)
	switch {
	case c == 0:
		return unusual
	case c >= '1' && c <= '9': // most numbers are whole
		for i++; i < len(data) && data[i] >= '0' && data[i] <= '9'; i++ {
		}
		if i < len(data) && (data[i] == ',' || data[i] == '}' || data[i] == ']') {
			return Place{i, p.quote}
		}
		fallthrough
	case c == '-' || c == '0':
		end, err := (&Doc{Data: data}).number(p.At)
		if err != nil {
			return unusual
		}
		i = end
	case i+5 <= len(data) && (string(data[i:i+4]) == "true" || string(data[i:i+4]) == "null"):
		i += 4
	case i+5 <= len(data) && string(data[i:i+5]) == "false":
		i += 5
	default:
		return unusual
	}
	if i >= len(data) { // a number may go on behind what is here
		return unusual
	}
	return Place{i, p.quote}
}
