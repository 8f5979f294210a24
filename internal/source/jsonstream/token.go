package jsonstream

// plain are the bytes that a string holds as they are: no quote, backslash or
// control character.
var plain = func() (t [256]bool) {
	for c := ' '; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// str checks the string whose text starts at i and returns where its closing
// quote stands.
func (d *Doc) str(i int) (end int, escaped bool, err error) {
	data := d.Data
	for {
		for i < len(data) && plain[data[i]] {
			i++
		}
		if i >= len(data) {
			return i, escaped, bad(i, "a string does not end")
		}
		switch data[i] {
		case '"':
			return i, escaped, nil
		case '\\':
			escaped = true
			n := escapeLen(data[i:])
			if n == 0 {
				return i, escaped, bad(i, "an escape is not valid")
			}
			i += n
		default:
			return i, escaped, bad(i, "a control character stands in a string")
		}
	}
}

// escapeLen is the length of the escape that b starts with, or 0.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func (d *Doc) number(i int) (int, error) {
	data := d.Data
	digits := func() bool {
		from := i
		for i < len(data) && data[i] >= '0' && data[i] <= '9' {
			i++
		}
		return i > from
	}
	if data[i] == '-' {
		i++
	}
	if i < len(data) && data[i] == '0' {
		i++
	} else if !digits() {
		return i, bad(i, "a number is not valid")
	}
	if i < len(data) && data[i] == '.' {
		if i++; !digits() {
			return i, bad(i, "a number is not valid")
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		if !digits() {
			return i, bad(i, "a number is not valid")
		}
	}
	return i, nil
}

func (d *Doc) literal(i int) (Kind, int, error) {
	for _, l := range [...]struct {
		text string
		kind Kind
	}{{"null", Null}, {"true", True}, {"false", False}} {
		if end := i + len(l.text); end <= len(d.Data) && string(d.Data[i:end]) == l.text {
			return l.kind, end, nil
		}
	}
	return 0, i, bad(i, "a value is missing")
}
