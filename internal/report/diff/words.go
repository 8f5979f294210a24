package diff

import (
	"fmt"
	"slices"
	"strings"
)

// Words from strong to weak: for upgraded and downgraded, and for what is told first.
// A word that is in none of them, as of a later version, is neither weaker nor stronger,
// and is told last.
var (
	statuses    = []string{"incident", "suspicious", "inconclusive", "no_incident"}
	confidences = []string{"high", "medium", "low"}
	levels      = []string{"confirmed", "probable", "possible", "excluded", "not_covered"}
	outcomes    = []string{"succeeded", "mixed", "attempted"}
	present     = []string{"live", "unknown", "removed", "attempted"}
	holders     = []string{"intruder", "shared", "unknown", "owner"}
)

// direction says whether a word grew stronger; words of no order make a plain change.
func direction(before, after string, order []string) string {
	i, j := slices.Index(order, before), slices.Index(order, after)
	switch {
	case i < 0 || j < 0 || i == j:
		return "changed"
	case j < i:
		return "upgraded"
	}
	return "downgraded"
}

// words is a value of the vocabulary in a sentence. ARNs and ids go through it too, so a dash stays.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// told writes "status live → removed, …".
func told(list []Field) string {
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s %s → %s", words(f.Name), named(f.Old), named(f.New)))
	}
	return strings.Join(out, ", ")
}

// named is a value in a sentence, where nothing has to be said too.
func named(s string) string {
	if s == "" {
		return "nothing"
	}
	return words(s)
}

// place returns where a word stands in an order, after all others if it is unknown.
func place(order []string, word string) int {
	if i := slices.Index(order, word); i >= 0 {
		return i
	}
	return len(order)
}

// fields lists the members that differ: name, old, new, name, old, new.
func fields(triples ...string) []Field {
	var out []Field
	for i := 0; i+2 < len(triples); i += 3 {
		if triples[i+1] != triples[i+2] {
			out = append(out, Field{triples[i], triples[i+1], triples[i+2]})
		}
	}
	return out
}

// has returns the field with a name.
func has(list []Field, name string) (Field, bool) {
	i := slices.IndexFunc(list, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return list[i], true
}
