package jsonstream

import "fmt"

// Kind is the type of a JSON value.
type Kind uint8

// The kinds of JSON values. The zero Kind means that there is no value.
const (
	Object Kind = iota + 1
	Array
	String
	Number
	True
	False
	Null
)

// Node is one value of a Doc, by position in its Data.
type Node struct {
	Kind       Kind
	Escaped    bool  // the string holds a backslash
	KeyEscaped bool  // so does the name
	Start, End int32 // the text of the value; of a string without its quotes
	Key, KeyTo int32 // the text of the member's name without its quotes; 0, 0 outside objects
	Next       int32 // the index of the node after this one and everything inside it
}

// Doc is one JSON value and an index of everything inside it, in document
// order. The zero Doc is ready; Parse reuses it.
type Doc struct {
	Data   []byte
	Nodes  []Node
	Spaced bool // there is insignificant white space inside
}

// SyntaxError says where and how the text stops being JSON.
type SyntaxError struct {
	At   int
	What string
}

// Error gives the place in bytes, since a CloudTrail file is one line.
func (e *SyntaxError) Error() string { return fmt.Sprintf("broken JSON at byte %d: %s", e.At, e.What) }

func bad(at int, what string) error { return &SyntaxError{at, what} }

// Parse indexes data, which must hold exactly one value and stay unchanged for
// as long as the Doc is used.
func (d *Doc) Parse(data []byte) error {
	d.Data, d.Nodes, d.Spaced = data, d.Nodes[:0], false
	if len(data) > MaxRecord {
		return bad(MaxRecord, "larger than 16 MB")
	}
	i, err := d.value(space(data, 0), 0, 0, 0, false)
	if err != nil {
		return err
	}
	if i = space(data, i); i < len(data) {
		return bad(i, "more than one value")
	}
	return nil
}

func space(data []byte, i int) int {
	for i < len(data) && data[i] <= ' ' && isSpace[data[i]] {
		i++
	}
	return i
}

// skip is space, noting that there was some.
func (d *Doc) skip(i int) int {
	if i < len(d.Data) && d.Data[i] > ' ' {
		return i
	}
	j := space(d.Data, i)
	if j > i {
		d.Spaced = true
	}
	return j
}

var isSpace = [256]bool{' ': true, '\t': true, '\n': true, '\r': true}

// value indexes the value at i and returns the position after it.
func (d *Doc) value(i, depth int, key, keyTo int32, keyEscaped bool) (int, error) {
	if i >= len(d.Data) {
		return i, bad(i, "it ends too early")
	}
	if len(d.Nodes) >= MaxNodes {
		return i, bad(i, "too many values")
	}
	at := len(d.Nodes)
	d.Nodes = append(d.Nodes, Node{Key: key, KeyTo: keyTo, KeyEscaped: keyEscaped, Start: int32(i)})
	var err error
	var kind Kind
	start, end := i, i
	escaped := false
	switch c := d.Data[i]; {
	case c == '{':
		kind = Object
		end, err = d.members(i+1, depth+1)
	case c == '[':
		kind = Array
		end, err = d.elements(i+1, depth+1)
	case c == '"':
		kind, start = String, i+1
		end, escaped, err = d.str(i + 1)
	case c == '-' || c >= '0' && c <= '9':
		kind = Number
		end, err = d.number(i)
	default:
		kind, end, err = d.literal(i)
	}
	if err != nil {
		return end, err
	}
	n := &d.Nodes[at]
	n.Kind, n.Escaped, n.Start, n.End, n.Next = kind, escaped, int32(start), int32(end), int32(len(d.Nodes))
	if kind == String {
		return end + 1, nil
	}
	return end, nil
}

func (d *Doc) members(i, depth int) (int, error) {
	if depth > MaxDepth {
		return i, bad(i, "nested too deeply")
	}
	if i = d.skip(i); i < len(d.Data) && d.Data[i] == '}' {
		return i + 1, nil
	}
	for {
		if i = d.skip(i); i >= len(d.Data) || d.Data[i] != '"' {
			return i, bad(i, "a name is missing")
		}
		key := i + 1
		keyTo, escaped, err := d.str(key)
		if err != nil {
			return keyTo, err
		}
		if i = d.skip(keyTo + 1); i >= len(d.Data) || d.Data[i] != ':' {
			return i, bad(i, "a colon is missing")
		}
		if i, err = d.value(d.skip(i+1), depth, int32(key), int32(keyTo), escaped); err != nil {
			return i, err
		}
		i = d.skip(i)
		switch {
		case i < len(d.Data) && d.Data[i] == ',':
			i++
		case i < len(d.Data) && d.Data[i] == '}':
			return i + 1, nil
		default:
			return i, bad(i, "a comma or closing brace is missing")
		}
	}
}

func (d *Doc) elements(i, depth int) (int, error) {
	if depth > MaxDepth {
		return i, bad(i, "nested too deeply")
	}
	if i = d.skip(i); i < len(d.Data) && d.Data[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = d.value(d.skip(i), depth, 0, 0, false); err != nil {
			return i, err
		}
		i = d.skip(i)
		switch {
		case i < len(d.Data) && d.Data[i] == ',':
			i++
		case i < len(d.Data) && d.Data[i] == ']':
			return i + 1, nil
		default:
			return i, bad(i, "a comma or closing bracket is missing")
		}
	}
}
