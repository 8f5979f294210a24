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
		if found := in.unique(s.Value); len(found) > 0 {
			in.guessed, said = append(in.guessed, found...), append(said, s.Value)
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
