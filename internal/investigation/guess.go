package investigation

import (
	"fmt"
	"slices"
	"strings"
)

// guess examines whom the case only guesses at: nobody saw them do anything, so that nothing
// is held against them, and nothing of theirs is assumed to be stolen.
func (in *inquiry) guess() {
	in.guessed = nil
	var said []string
	for _, s := range in.seeds {
		if !s.Guess {
			continue
		}
		found := in.unique(s.Value)
		if s.Kind == "session" {
			found = in.examineSession(s.Value)
		}
		if len(found) > 0 {
			in.guessed, said = append(in.guessed, found...), append(said, lastPart(s.Value))
		}
	}
	if len(said) == 0 {
		return
	}
	in.input.Examine = append(in.input.Examine, in.guessed...)
	in.assume("principal", fmt.Sprintf("The case only guesses at %s. Their calls are examined by themselves; nothing is held against them for being named.", strings.Join(said, ", ")))
}

// onlyGuessed says whether the case names none but those whom it guesses at. A guess may be
// wrong, so that whoever else stands out is looked for as well.
func (in *inquiry) onlyGuessed() bool {
	return !slices.ContainsFunc(in.input.Examine, func(p string) bool { return !slices.Contains(in.guessed, p) })
}

// examineSession examines who goes by the name of a session, and tells of what was done in it. Nothing
// is held against them for that.
func (in *inquiry) examineSession(value string) []string {
	persons := in.unique(value)
	// A role that many enter would make everybody in it examined for one person's name.
	for _, id := range in.g.OfSession(value) {
		if n := in.g.Node(id); n != nil && n.Person != "" && !strings.Contains(n.Person, ":") { // many enter such a role
			persons = append(persons, n.Person)
			in.input.Mentioned = append(in.input.Mentioned, id)
		}
	}
	slices.Sort(persons)
	persons = slices.Compact(persons)
	in.input.Examine = append(in.input.Examine, persons...)
	return persons
}
