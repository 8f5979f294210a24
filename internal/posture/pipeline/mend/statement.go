package mend

import (
	"bytes"
	"regexp"

	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
)

// listItem begins an entry of a YAML list that goes on below.
var listItem = regexp.MustCompile(`^([ \t]*)- \w+:(?:\s|$)`)

// assigns is how HCL writes the members of a statement.
var assigns = regexp.MustCompile(`\b(?:Effect|Action)"?\s*=`)

// statement puts a statement before the one that has the action: an object in JSON
// and HCL, an entry of the list in YAML.
// Before and not behind: where the statement begins is certain from its bracket or
// its indent, where a YAML entry ends is not. Order means nothing to IAM.
func statement(data []byte, start int, e check.Edit) ([]byte, string) {
	i := wholeWord(data, start, e.From)
	if i < 0 {
		return nil, e.From + " does not stand in the policy as it was read"
	}
	if open := enclosing(data, i); open >= 0 {
		before := bytes.TrimRight(data[:open], " \t\r\n")
		if len(before) > 0 && (before[len(before)-1] == '[' || before[len(before)-1] == ',') {
			text := `{"Effect": "Allow", "Action": ["` + e.To + `"], "Resource": "*"}, ` // YAML reads it too
			if assigns.Match(data[open:i]) {
				text = `{ Effect = "Allow", Action = ["` + e.To + `"], Resource = "*" }, `
			}
			return splice(data, open, open, text), ""
		}
		return nil, "the statement with " + e.From + " stands alone and not in a list"
	}
	return entry(data, i, e)
}

// enclosing is where the object begins that holds position i, -1 when none does.
func enclosing(data []byte, i int) int {
	for i = opened(data, i); i >= 0 && data[i] != '{'; {
		i = opened(data, i)
	}
	return i
}

// entry puts a YAML entry before that whose lines hold position i: the nearest one
// above that is indented less than the line itself.
func entry(data []byte, i int, e check.Edit) ([]byte, string) {
	own := -1
	for at := bytes.LastIndexByte(data[:i], '\n') + 1; ; {
		line := data[at:]
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		// The action may stand in a list of its own inside the statement, whose
		// entries are indented more: the first list item to the left of the line
		// begins the statement.
		if m := listItem.FindSubmatch(line); m != nil && (own < 0 || indent < own) {
			pad := string(m[1])
			return splice(data, at, at, pad+"- Effect: Allow\n"+pad+"  Action: "+e.To+"\n"+pad+"  Resource: \"*\"\n"), ""
		}
		if own < 0 {
			own = indent
		}
		if at == 0 {
			return nil, "where the statement with " + e.From + " begins cannot be told"
		}
		at = bytes.LastIndexByte(data[:at-1], '\n') + 1
	}
}
