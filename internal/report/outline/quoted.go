package outline

import "strings"

// Quoted splits one of our own sentences at its backquotes, which stand around names
// of things: plain text and quoted names take turns, plain first.
//
// An odd number of backquotes is none of ours, since evidence may hold some too; then
// nothing is quoted, and the sentence comes back whole. A name that holds two can still
// shift what is set as code, so a rendering escapes both kinds of part alike.
func Quoted(s string) []string {
	if parts := strings.Split(s, "`"); len(parts)%2 == 1 {
		return parts
	}
	return []string{s}
}
