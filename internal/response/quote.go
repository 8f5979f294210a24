package response

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxValue bounds a value in a command; the longest AWS names are ARNs.
const maxValue = 2048

// embeddable are values that may stand inside a word beside other text.
var embeddable = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._:@+-]*$`)

// safe refuses what no quoting makes safe: characters that a terminal acts on
// or that a person pasting the line cannot see.
func safe(name, v string) error {
	// Values are names out of records, which the intruder chose. A command that is
	// wrong in one of them is run by somebody with the rights of an administrator.
	if len(v) > maxValue {
		return fmt.Errorf("the %s is longer than %d bytes", name, maxValue)
	}
	if !utf8.ValidString(v) {
		return fmt.Errorf("the %s is not valid UTF-8", name)
	}
	for _, r := range v {
		// A newline would end the command, an escape sequence could hide half of it,
		// a mark for right-to-left text show another one than is run.
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return fmt.Errorf("the %s has an invisible or control character", name)
		}
	}
	return nil
}

// safeWhole refuses values that the AWS CLI itself would read as something else
// than text: it opens file:// and fetches http://, and takes what begins with a
// bracket for a structure.
func safeWhole(name, v string) error {
	for _, p := range []string{"file://", "fileb://", "http://", "https://"} {
		if strings.HasPrefix(strings.ToLower(v), p) && !(name == "queue" && p == "https://") {
			return fmt.Errorf("the %s begins with %s, which the AWS CLI would open", name, p)
		}
	}
	if v[0] == '{' || v[0] == '[' {
		return fmt.Errorf("the %s begins with a bracket, which the AWS CLI would take for a structure", name)
	}
	return nil
}

// plain are the characters that no shell minds in the middle of a word.
var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// Quote writes s as one POSIX shell word.
func Quote(s string) string {
	if plain.MatchString(s) {
		return s
	}
	// In single quotes a POSIX shell reads nothing but the quote itself.
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// quoted builds one shell word out of literal text and the one thing a shell
// is asked to fill in, the time at which the person runs the line.
type quoted struct {
	parts []string // literal parts; between two of them stands the time
}

func (q *quoted) literal(s string) {
	if len(q.parts) == 0 {
		q.parts = []string{""}
	}
	q.parts[len(q.parts)-1] += s
}

func (q *quoted) now() {
	q.literal("")
	q.parts = append(q.parts, "")
}

func (q *quoted) String() string {
	if len(q.parts) == 0 {
		return "''"
	}
	out := make([]string, len(q.parts))
	for i, p := range q.parts {
		if p != "" || len(q.parts) == 1 {
			out[i] = Quote(p)
		}
	}
	return strings.Join(out, `"$(date -u +%Y-%m-%dT%H:%M:%SZ)"`)
}
