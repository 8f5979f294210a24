package jsonstream

import (
	"iter"
	"unicode/utf16"
	"unicode/utf8"
)

// Children yields the indices of the members or elements directly inside node n.
func (d *Doc) Children(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if k := d.Nodes[n].Kind; k != Object && k != Array {
			return
		}
		for c := int32(n) + 1; c < d.Nodes[n].Next; c = d.Nodes[c].Next {
			if !yield(int(c)) {
				return
			}
		}
	}
}

// Member returns the index of the member of that name, the last if there are
// several (as encoding/json has it), or -1.
func (d *Doc) Member(n int, name string) int {
	found := -1
	for c := range d.Children(n) {
		if string(d.Name(c)) == name {
			found = c
		}
	}
	return found
}

// Name is the name of a member. It is valid as long as Data is.
func (d *Doc) Name(n int) []byte {
	nd := &d.Nodes[n]
	raw := d.Data[nd.Key:nd.KeyTo]
	if nd.KeyEscaped {
		return Unescape(nil, raw)
	}
	return raw
}

// Raw is the text of a value: of a string what stands between its quotes.
func (d *Doc) Raw(n int) []byte { return d.Data[d.Nodes[n].Start:d.Nodes[n].End] }

// Text is a string's content, or a number or boolean as written; other kinds
// give nil. It is valid as long as Data is.
func (d *Doc) Text(n int) []byte {
	switch nd := &d.Nodes[n]; nd.Kind {
	case String:
		if nd.Escaped {
			return Unescape(nil, d.Raw(n))
		}
		return d.Raw(n)
	case Number, True, False:
		return d.Raw(n)
	}
	return nil
}

// Unescape appends the content of a checked string to dst. Half a surrogate
// pair becomes U+FFFD, as encoding/json has it.
func Unescape(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			i++
			continue
		}
		c, r, n := escape(raw[i:])
		if c != 0 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	return dst
}

// escape reads the escape that b, out of a checked string, starts with: a plain
// byte c or a rune r, and its length. Half a surrogate pair is given as it is.
func escape(b []byte) (c byte, r rune, n int) {
	switch b[1] {
	case 'b':
		return '\b', 0, 2
	case 'f':
		return '\f', 0, 2
	case 'n':
		return '\n', 0, 2
	case 'r':
		return '\r', 0, 2
	case 't':
		return '\t', 0, 2
	case 'u':
		r, _ = hex4(b[2:])
		if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			low, _ := hex4(b[8:])
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return 0, both, 12
			}
		}
		return 0, r, 6
	}
	return b[1], 0, 2
}
