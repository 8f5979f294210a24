package investigation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/intake"
)

// personName is how directories name people: first name, mark, last name, and mostly a
// company behind an @. Roles and machines are seldom called so.
var personName = regexp.MustCompile(`^([a-z]{3,})[._]([a-z]{2,})(?:@|$)`)

// firstName is a word that may be one.
var firstName = regexp.MustCompile(`(?:^|[^\pL\pN])(\p{Lu}\p{Ll}{2,})`)

// firstNamesIn are the words of a text that may be first names, as they stand.
func firstNamesIn(text string) (out []string) {
	for _, m := range firstName.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// firstNames looks at the people whom the case names by their first name alone, if the
// evidence knows one person of it: who clicked on something is often named so. To be
// mentioned is no suspicion, and whoever tells of it is mentioned too: only who has calls
// that are held to be an intruder's goes on to be examined.
func (in *inquiry) firstNames(ctx context.Context) error {
	by := map[string][]string{} // first name → whole names
	// The order does not matter: lists are sorted before they are used.
	for e := range in.pass.names {
		if m := personName.FindStringSubmatch(strings.ToLower(e.Name)); m != nil {
			local, _, _ := strings.Cut(strings.ToLower(e.Name), "@")
			by[m[1]] = append(by[m[1]], local)
		}
	}
	mentioned, persons := map[string][2]string{}, []string{} // person → the word, and the name
	var seen []string
	for _, w := range firstNamesIn(in.reading.English) {
		if slices.Contains(in.reading.Tellers, w) {
			continue // "the same as always according to Gus"
		}
		var names []string
		for _, plain := range intake.Unaccented(strings.ToLower(w)) {
			names = append(names, by[plain]...)
		}
		slices.Sort(names)
		// Two people of one first name are nobody: to examine both would be to suspect a stranger.
		if names = slices.Compact(names); len(names) != 1 || slices.Contains(seen, names[0]) {
			continue // nobody, or more than one of that name
		}
		seen = append(seen, names[0])
		for _, p := range in.pass.everybody() {
			for _, name := range []string{p.Identity.UserName, p.Identity.SessionName()} {
				local, _, _ := strings.Cut(strings.ToLower(name), "@")
				if local == names[0] && !slices.Contains(in.input.Examine, p.Person) && !slices.Contains(in.input.Principals, p.Person) {
					mentioned[p.Person], persons = [2]string{w, names[0]}, append(persons, p.Person)
				}
			}
		}
	}
	if len(persons) == 0 {
		return nil
	}
	// Of whom a text only speaks, place, hour and tool alone say as little as of anybody else.
	// A service that they took up is no more.
	swept, noticed := in.input.Swept, in.input.Noticed
	in.input.Swept, in.input.Noticed = append(slices.Clone(swept), persons...), append(slices.Clone(noticed), persons...)
	at, err := in.trial(ctx, persons)
	in.input.Swept, in.input.Noticed = swept, noticed
	if err != nil {
		return err
	}
	for i, row := range at.Rows {
		person := at.Events[i].Identity.Person()
		m, ok := mentioned[person]
		if !ok || !row.Actor.Hostile() {
			continue
		}
		delete(mentioned, person)
		in.input.Examine, in.input.Swept = append(in.input.Examine, person), append(in.input.Swept, person)
		in.input.Noticed = append(in.input.Noticed, person)
		in.assume("principal", fmt.Sprintf("%q was taken for %s, who was examined; nothing is held against them for being named.", m[0], m[1]))
	}
	slices.Sort(in.input.Examine)
	return nil
}
