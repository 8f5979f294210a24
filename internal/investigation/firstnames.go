package investigation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// personName is how directories name people: first name, mark, last name, and mostly a
// company behind an @. Roles and machines are seldom called so.
var personName = regexp.MustCompile(`^([a-z]{3,})[._]([a-z]{2,})(?:@|$)`)

// firstName is a word that may be one.
var firstName = regexp.MustCompile(`\b[A-Z][a-z]{2,}\b`)

// firstNames examines the people whom the case names by their first name alone, if the
// evidence knows one person of it. To be mentioned is no suspicion, and they are judged by
// their habits; but who clicked, or saw it, is often named so, and the theft is of theirs.
func (in *inquiry) firstNames() {
	by := map[string][]string{} // first name → whole names
	for e := range in.pass.names {
		if m := personName.FindStringSubmatch(strings.ToLower(e.Name)); m != nil {
			local, _, _ := strings.Cut(strings.ToLower(e.Name), "@")
			by[m[1]] = append(by[m[1]], local)
		}
	}
	if len(by) == 0 {
		return
	}
	var said []string
	for _, w := range firstName.FindAllString(in.o.Text, -1) {
		names := by[strings.ToLower(w)]
		slices.Sort(names)
		if names = slices.Compact(names); len(names) != 1 || slices.Contains(said, names[0]) {
			continue // nobody, or more than one of that name
		}
		var found []string
		for _, p := range in.pass.survey.Principals() {
			for _, name := range []string{p.Identity.UserName, p.Identity.SessionName()} {
				if local, _, _ := strings.Cut(strings.ToLower(name), "@"); local == names[0] {
					found = append(found, p.Person)
				}
			}
		}
		added := false
		for _, person := range found {
			if !slices.Contains(in.input.Examine, person) && !slices.Contains(in.input.Principals, person) {
				in.input.Examine, added = append(in.input.Examine, person), true
			}
		}
		if added {
			said = append(said, names[0])
			in.assume("principal", fmt.Sprintf("%q was taken for %s, who was examined; nothing is held against them for being named.", w, names[0]))
		}
	}
	slices.Sort(in.input.Examine)
	in.input.Examine = slices.Compact(in.input.Examine)
}
