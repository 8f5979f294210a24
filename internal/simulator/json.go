package simulator

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// obj is a JSON object that keeps the order of its fields, as CloudTrail does.
// Reflection would cost more than the rest of a record together, so records
// are appended by hand.
type obj []field

type field struct {
	name  string
	value any
}

// list is a JSON array.
type list []any

// raw is JSON that is already encoded.
type raw []byte

// o makes an object from name, value, name, value…
func o(pairs ...any) obj {
	out := make(obj, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		out = append(out, field{name, pairs[i+1]})
	}
	return out
}

// appendValue writes what records are made of. A nil obj is null, an empty one {}:
// CloudTrail makes that difference. Anything of another type is null as well.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	case time.Time:
		return appendTime(b, v)
	case raw:
		return append(b, v...)
	case obj:
		if v == nil {
			return append(b, "null"...)
		}
		b = append(b, '{')
		for i, f := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, f.name), ':')
			b = appendValue(b, f.value)
		}
		return append(b, '}')
	case list:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, e)
		}
		return append(b, ']')
	case []string:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, e)
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// appendString escapes what JSON demands and nothing more: CloudTrail writes
// "<" and "&" as they are, and so must we for sizes and searches to be real.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// appendTime writes eventTime's form: UTC, whole seconds.
func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.AppendFormat(b, "2006-01-02T15:04:05Z")
	return append(b, '"')
}

// encode is JSON inside a JSON string, as policies are.
func encode(v any) string { return string(appendValue(nil, v)) }
