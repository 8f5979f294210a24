package mend

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
)

// reshape turns the object of a member that the API does not have into the one it
// has: sourceCredentialsOverride{serverType, authType, token} is
// auth{type, resource}. It does so in JSON only, where an object's end is certain,
// and only when the new resource is known.
func reshape(data []byte, start int, e check.Edit) ([]byte, string) {
	key := `"` + e.From + `"`
	i := bytes.Index(data[start:], []byte(key))
	if i < 0 {
		return nil, e.From + " does not stand there as a member of JSON"
	}
	i += start
	after := i + len(key)
	colon := bytes.IndexByte(data[after:], ':')
	if colon < 0 || strings.TrimSpace(string(data[after:after+colon])) != "" {
		return nil, e.From + " has no value"
	}
	from := after + colon + 1
	// The decoder finds where the value ends, whatever strings and brackets it
	// holds.
	dec := json.NewDecoder(bytes.NewReader(data[from:]))
	var old map[string]any
	if dec.Decode(&old) != nil {
		return nil, e.From + " is no object"
	}
	to := from + int(dec.InputOffset())
	if sibling(data[to:], "auth") || sibling(data[enclosing(data, i)+1:i], "auth") {
		// The right member stands beside it: the wrong one goes.
		return drop(data, i, to), ""
	}
	// The old member holds a token in plain text. It is not carried over: the new
	// member names a secret, and only a person can say which one.
	if e.To == "" {
		return nil, "the ARN of the secret is not known: write auth {type: SECRETS_MANAGER, resource: ARN} in its place"
	}
	text, err := json.Marshal(struct {
		Type     string `json:"type"`
		Resource string `json:"resource"`
	}{"SECRETS_MANAGER", e.To})
	if err != nil {
		return nil, "the new value cannot be written"
	}
	return splice(data, i, to, `"auth": `+string(text)), ""
}

// sibling says whether the rest of the same object, before or behind, has a member.
// Names deeper inside do not count, hence the depth, and text in quotes is skipped
// so that a brace in a value does not move it.
func sibling(part []byte, name string) bool {
	depth := 0
	key := []byte(`"` + name + `"`)
	for i := 0; i < len(part); i++ {
		switch {
		case depth == 0 && bytes.HasPrefix(part[i:], key):
			return true
		case part[i] == '"':
			for i++; i < len(part) && part[i] != '"'; i++ {
				if part[i] == '\\' {
					i++
				}
			}
		case part[i] == '{' || part[i] == '[':
			depth++
		case part[i] == '}' || part[i] == ']':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return false
}

// drop takes a member out with the comma that then is one too many.
func drop(data []byte, from, to int) []byte {
	rest := bytes.TrimLeft(data[to:], " \t\r\n")
	if len(rest) > 0 && rest[0] == ',' {
		to = len(data) - len(rest) + 1
		for to < len(data) && (data[to] == ' ' || data[to] == '\n' || data[to] == '\t' || data[to] == '\r') {
			to++
		}
		return splice(data, from, to, "")
	}
	// It was the last member: the comma before it goes instead, for JSON allows none
	// at the end.
	before := bytes.TrimRight(data[:from], " \t\r\n")
	if len(before) > 0 && before[len(before)-1] == ',' {
		from = len(before) - 1
	}
	return splice(data, from, to, "")
}

// blockItem is an entry of a YAML list on a line of its own.
var blockItem = regexp.MustCompile(`^([ \t]*- )(["']?)$`)

// actions adds actions to the list of a policy that has the one named, quoted or
// not as that one is.
func actions(data []byte, start int, e check.Edit) ([]byte, string) {
	i := wholeWord(data, start, e.From)
	if i < 0 {
		return nil, e.From + " does not stand in the policy as it was read"
	}
	end := i + len(e.From)
	line := data[bytes.LastIndexByte(data[:i], '\n')+1 : i]
	var b strings.Builder
	m := blockItem.FindSubmatch(line)
	for _, a := range strings.Fields(e.To) {
		switch quote := quoteBefore(data, i); {
		case m != nil:
			b.WriteString("\n" + string(m[1]) + string(m[2]) + a + string(m[2]))
		default:
			b.WriteString(", " + quote + a + quote)
		}
	}
	if quoteBefore(data, i) != "" && end < len(data) {
		end++ // behind the closing quote
	}
	// A single action as a string would have to become a list, and where that string
	// ends in YAML or HCL cannot always be told.
	if m == nil && !inList(data, i) {
		return nil, e.From + " stands alone and not in a list"
	}
	return splice(data, end, end, b.String()), ""
}

func quoteBefore(data []byte, i int) string {
	if i > 0 && (data[i-1] == '"' || data[i-1] == '\'') {
		return string(data[i-1])
	}
	return ""
}

// inList says whether the nearest open bracket before is that of a list.
func inList(data []byte, i int) bool {
	at := opened(data, i)
	return at >= 0 && data[at] == '['
}

// opened is where the bracket stands that was opened last before position i and is
// still open there, -1 when none is.
// It looks backwards and takes brackets in strings for brackets. A policy document
// has none in its strings but in conditions and variables such as ${aws:username},
// whose braces are in pairs.
func opened(data []byte, i int) int {
	depth := 0
	for i--; i >= 0; i-- {
		switch data[i] {
		case ']', '}':
			depth++
		case '[', '{':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
