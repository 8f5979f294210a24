package policy

import "strings"

// part is a piece of a policy's text: a pattern, or a variable.
type part struct {
	text     string
	variable bool
	key      string
	fallback string // what stands for the variable if the request has no such key
	has      bool   // whether there is a fallback
}

// split cuts a text at its variables: ${aws:username}, ${aws:PrincipalTag/team,
// 'none'}. ${*}, ${?} and ${$} are the characters themselves. A "${" that is
// never closed is text.
func split(s string) []part {
	var out []part
	for {
		open := strings.Index(s, "${")
		if open < 0 {
			break
		}
		end := strings.IndexByte(s[open:], '}')
		if end < 0 {
			break
		}
		if open > 0 {
			out = append(out, part{text: s[:open]})
		}
		inner := s[open+2 : open+end]
		s = s[open+end+1:]
		p := part{variable: true, text: "${" + inner + "}"}
		key, rest, ok := strings.Cut(inner, ",")
		p.key = strings.TrimSpace(key)
		if rest = strings.TrimSpace(rest); ok && len(rest) >= 2 && rest[0] == '\'' && rest[len(rest)-1] == '\'' {
			p.fallback, p.has = rest[1:len(rest)-1], true
		}
		out = append(out, p)
	}
	if s != "" {
		out = append(out, part{text: s})
	}
	return out
}

// hasVariable says whether a text would change by expand.
func hasVariable(s string) bool { return strings.Contains(s, "${") }

// expand puts the request's values into a text. wild says whether "*" and "?"
// of the text itself are wildcards; those of a value never are.
//
// The answer is Yes with the pattern; No if a variable's key is absent and it
// has no default: then the text matches nothing; Unknown if a key is unknown:
// then the pattern has "*" in the variable's place, and matches at least all
// that the text could.
func expand(s string, ctx *Context, wild bool) (Glob, Answer) {
	var b globBuilder
	answer := yes()
	for _, p := range split(s) {
		switch {
		case !p.variable && wild:
			b.pattern(p.text)
		case !p.variable:
			b.literal(p.text)
		case p.key == "*" || p.key == "?" || p.key == "$":
			b.literal(p.key)
		default:
			v, truth := ctx.Lookup(p.key)
			switch {
			case truth == Yes && len(v) == 1:
				b.literal(v[0])
			case truth == Yes && len(v) > 1:
				// A key with several values cannot stand in a variable.
				answer = answer.And(unknown("the variable " + p.text + " has several values in the request"))
				b.pattern("*")
			case truth == Unknown:
				answer = answer.And(unknown("the value of the variable " + p.text + " is not known"))
				b.pattern("*")
			case p.has:
				b.literal(p.fallback)
			default:
				return Glob{}, no()
			}
		}
	}
	return b.glob(), answer
}
