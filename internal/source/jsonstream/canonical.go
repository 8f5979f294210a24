package jsonstream

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// named is a member with the first eight bytes of its name, which nearly always
// decide its place: comparing them as a number is what makes sorting cheap.
type named struct {
	node   int
	prefix uint64
}

func prefix(name []byte) uint64 {
	if len(name) >= 8 {
		return binary.BigEndian.Uint64(name)
	}
	var b [8]byte
	copy(b[:], name)
	return binary.BigEndian.Uint64(b[:])
}

func (d *Doc) compare(a, b named) int {
	if a.prefix != b.prefix {
		return cmp.Compare(a.prefix, b.prefix)
	}
	return bytes.Compare(d.Name(a.node), d.Name(b.node))
}

// AppendCanonical appends the one form that all spellings of a value share:
// names sorted, no insignificant space, strings with as few escapes as JSON
// allows, numbers as written. Duplicate names keep their order.
func (d *Doc) AppendCanonical(dst []byte, n int) []byte {
	nd := &d.Nodes[n]
	switch nd.Kind {
	case Object:
		var few [32]named // most objects are small: spare the allocation
		members := few[:0]
		sorted := true
		for c := n + 1; c < int(nd.Next); c = int(d.Nodes[c].Next) {
			m := named{c, prefix(d.Name(c))}
			if k := len(members); sorted && k > 0 && d.compare(members[k-1], m) > 0 {
				sorted = false
			}
			members = append(members, m)
		}
		if !sorted {
			slices.SortStableFunc(members, d.compare)
		}
		dst = append(dst, '{')
		for i, m := range members {
			c := m.node
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, d.Data[d.Nodes[c].Key:d.Nodes[c].KeyTo], d.Nodes[c].KeyEscaped)
			dst = d.AppendCanonical(append(dst, ':'), c)
		}
		return append(dst, '}')
	case Array:
		dst = append(dst, '[')
		for c := range d.Children(n) {
			if c > n+1 {
				dst = append(dst, ',')
			}
			dst = d.AppendCanonical(dst, c)
		}
		return append(dst, ']')
	case String:
		return appendString(dst, d.Raw(n), nd.Escaped)
	}
	return append(dst, d.Raw(n)...)
}

func appendString(dst, raw []byte, escaped bool) []byte {
	dst = append(dst, '"')
	if !escaped {
		return append(append(dst, raw...), '"')
	}
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			i++
			continue
		}
		c, r, n := escape(raw[i:])
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		case c != 0:
			dst = appendHex(dst, rune(c))
		case utf16.IsSurrogate(r) || r < ' ':
			dst = appendHex(dst, r) // half a pair has no UTF-8, yet must not equal U+FFFD
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		default:
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	return append(dst, '"')
}

func appendHex(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// AppendQuoted appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = appendHex(dst, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// AppendCompact appends a value as written, without insignificant space.
func (d *Doc) AppendCompact(dst []byte, n int) []byte {
	nd := &d.Nodes[n]
	switch {
	case nd.Kind == String:
		return append(append(append(dst, '"'), d.Raw(n)...), '"')
	case nd.Kind != Object && nd.Kind != Array, !d.Spaced:
		return append(dst, d.Raw(n)...)
	}
	dst = append(dst, d.Data[nd.Start])
	for c := range d.Children(n) {
		if c > n+1 {
			dst = append(dst, ',')
		}
		if nd.Kind == Object {
			dst = append(append(append(dst, '"'), d.Data[d.Nodes[c].Key:d.Nodes[c].KeyTo]...), '"', ':')
		}
		dst = d.AppendCompact(dst, c)
	}
	return append(dst, d.Data[nd.End-1])
}
