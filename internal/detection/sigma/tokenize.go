package sigma

import (
	"fmt"
	"strings"
)

// tokenize splits a condition. A pipe begins what Sigma withdrew: aggregations
// and near.
// Brackets are words by themselves; everything else is parted by blanks.
func tokenize(s string) ([]string, error) {
	if head, rest, ok := strings.Cut(s, "|"); ok {
		name := strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '(' })
		if len(name) == 0 {
			return nil, fmt.Errorf("condition: nothing follows the pipe after %q", short(head))
		}
		what := short(name[0])
		if what == "near" {
			return nil, fmt.Errorf("condition: %q was withdrawn from Sigma: write a correlation of type temporal", what)
		}
		return nil, fmt.Errorf("condition: the aggregation %q was withdrawn from Sigma: write a correlation of type event_count or value_count", what)
	}
	var out []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '(' || c == ')':
			out = append(out, s[i:i+1])
			i++
		default:
			n := strings.IndexAny(s[i:], " \t\r\n()")
			if n < 0 {
				n = len(s) - i
			}
			out = append(out, s[i:i+n])
			i += n
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("condition: it is empty")
	}
	return out, nil
}
