package sigma

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// path is a field's name, taken apart at its dots.
type path []string

func (p path) String() string { return strings.Join(p, ".") }

// values appends what stands at the path: every element of every array on the
// way, objects as they are, nulls never.
func (p path) values(out []any, v any) []any {
	switch v := v.(type) {
	case nil:
		return out
	case []any:
		for _, el := range v {
			out = p.values(out, el)
		}
		return out
	case map[string]any:
		if len(p) == 0 {
			return append(out, v)
		}
		if w, n, ok := p.step(v); ok {
			return p[n:].values(out, w)
		}
		return out
	}
	if len(p) == 0 {
		return append(out, v)
	}
	return out
}

// exists says whether the field is there, be it null.
func (p path) exists(v any) bool {
	if len(p) == 0 {
		return true
	}
	switch v := v.(type) {
	case map[string]any:
		w, n, ok := p.step(v)
		return ok && p[n:].exists(w)
	case []any:
		for _, el := range v {
			if p.exists(el) {
				return true
			}
		}
	}
	return false
}

// step finds the next key. Keys of tags and policy conditions have dots
// themselves, so that longer keys are tried where the short one is absent.
func (p path) step(m map[string]any) (v any, n int, ok bool) {
	if v, ok = m[p[0]]; ok || len(p) == 1 {
		return v, 1, ok
	}
	key := p[0]
	for n = 2; n <= len(p); n++ {
		key += "." + p[n-1]
		if v, ok = m[key]; ok {
			return v, n, true
		}
	}
	return nil, 0, false
}

// leaves calls yield with every scalar of the record until it says stop.
func leaves(v any, yield func(any) bool) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		for _, w := range v {
			if !leaves(w, yield) {
				return false
			}
		}
		return true
	case []any:
		for _, w := range v {
			if !leaves(w, yield) {
				return false
			}
		}
		return true
	}
	return yield(v)
}

// text is a value as rules compare it: numbers and booleans as JSON spells
// them, objects as JSON without blanks and with sorted keys, but with the texts in
// it as they are: rules look for "s3:GetObject" in requestParameters, and it
// stands there in a policy that is itself a text.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return string(render(nil, v))
}

func render(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return append(append(append(b, '"'), v...), '"')
	case []any:
		b = append(b, '[')
		for i, el := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = render(b, el)
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(render(b, key), ':')
			b = render(b, v[key])
		}
		return append(b, '}')
	case json.Number, bool:
		return append(b, text(v)...)
	}
	return b // records hold nothing else
}

// fold makes letters of either case equal, rune by rune, so that "?" still
// counts letters. Lowering alone would keep ſ and s apart.
func fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.Map(func(r rune) rune {
				if r < utf8.RuneSelf {
					if 'A' <= r && r <= 'Z' {
						r += 'a' - 'A'
					}
					return r
				}
				return unicode.ToLower(unicode.ToUpper(r))
			}, s)
		}
	}
	return s
}

// order compares two numbers as written. Event ids and byte counts outgrow
// what a float can tell apart, so that integers are compared as such.
func order(a, b string) (c int, ok bool) {
	if x, err := strconv.ParseInt(a, 10, 64); err == nil {
		if y, err := strconv.ParseInt(b, 10, 64); err == nil {
			switch {
			case x < y:
				return -1, true
			case x > y:
				return 1, true
			}
			return 0, true
		}
	}
	x, errX := decimal(a)
	y, errY := decimal(b)
	if errX != nil || errY != nil {
		return 0, false
	}
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

// decimal refuses what ParseFloat would take beyond JSON's numbers: inf, nan,
// hexadecimal, underscores.
func decimal(s string) (float64, error) {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}
