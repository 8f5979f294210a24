package jsonstream

import (
	"encoding/binary"
	"math/bits"
)

// Strict reads compact JSON, without white space between its parts, for readers
// that know what they look for: no index is made and nothing is copied. Whatever
// it does not know or like is Unusual, which says nothing about the text: a Doc
// has the last word. The zero Strict is ready.
type Strict struct {
	Data []byte
	high uint64 // every byte of a string seen so far, ORed: whether there was more than ASCII
}

// Unusual is the position that stands for "look at it with a Doc".
const Unusual = -1

// strictDepth bounds the nesting; AWS's records have about ten.
const strictDepth = 32

// Reset begins another text.
func (s *Strict) Reset(data []byte) { s.Data, s.high = data, 0 }

// ASCII says whether all strings so far were.
func (s *Strict) ASCII() bool { return s.high&highs == 0 }

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// String reads the string whose text starts at i. It gives the position of its
// closing quote.
func (s *Strict) String(i int) (end int, escaped bool) {
	for {
		if i = s.plain(i); i < 0 {
			return Unusual, false
		}
		switch s.Data[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			n := escapeLen(s.Data[i:])
			if n == 0 {
				return Unusual, false
			}
			i += n
		default: // a control character
			return Unusual, false
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
	return Unusual
}

// Name reads a member's name, at whose opening quote i stands. The text of the
// name is Data[i+1:end]; its value starts at end+2. Names with escapes are unusual.
func (s *Strict) Name(i int) (end int) {
	if i >= len(s.Data) || s.Data[i] != '"' {
		return Unusual
	}
	end, escaped := s.String(i + 1)
	if end < 0 || escaped || end+2 >= len(s.Data) || s.Data[end+1] != ':' {
		return Unusual
	}
	return end
}

// Skip checks the value at i and gives the position behind it.
func (s *Strict) Skip(i, depth int) int {
	if i >= len(s.Data) || depth > strictDepth {
		return Unusual
	}
	switch c := s.Data[i]; {
	case c == '"':
		end, _ := s.String(i + 1)
		if end < 0 {
			return Unusual
		}
		return end + 1
	case c == '{':
		i++
		if i < len(s.Data) && s.Data[i] == '}' {
			return i + 1
		}
		for {
			end := s.Name(i)
			if end < 0 {
				return Unusual
			}
			if i = s.Skip(end+2, depth+1); i < 0 {
				return Unusual
			}
			var more bool
			if i, more = s.Next(i, '}'); !more {
				return i
			}
		}
	case c == '[':
		i++
		if i < len(s.Data) && s.Data[i] == ']' {
			return i + 1
		}
		for {
			if i = s.Skip(i, depth+1); i < 0 {
				return Unusual
			}
			var more bool
			if i, more = s.Next(i, ']'); !more {
				return i
			}
		}
	}
	return s.Scalar(i)
}

// Next steps over the comma at i, after which there is more, or over the bracket
// that closes a list of members or elements.
func (s *Strict) Next(i int, closing byte) (at int, more bool) {
	if i >= len(s.Data) {
		return Unusual, false
	}
	switch s.Data[i] {
	case ',':
		return i + 1, true
	case closing:
		return i + 1, false
	}
	return Unusual, false
}

// Scalar checks the number or literal at i and gives the position behind it.
func (s *Strict) Scalar(i int) int {
	if i >= len(s.Data) {
		return Unusual
	}
	d := Doc{Data: s.Data}
	var err error
	if c := s.Data[i]; c == '-' || c >= '0' && c <= '9' {
		i, err = d.number(i)
	} else {
		_, i, err = d.literal(i)
	}
	if err != nil || i >= len(s.Data) { // a number may go on behind what is here
		return Unusual
	}
	return i
}
