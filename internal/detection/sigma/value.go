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

// text is a value as rules compare it: numbers and booleans as JSON spells
// them, objects as JSON without blanks and with sorted keys, but with the texts in
// it as they are: rules look for "s3:GetObject" in requestParameters, and it
// stands there in a policy that is itself a text.
// It must be the same for equal values: objects are written with sorted keys for that.
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

// render appends a value. It is no JSON for others to read: texts stand unescaped.
func render(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		// Unescaped: rules are written against what people see.
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
