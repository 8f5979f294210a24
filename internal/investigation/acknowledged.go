package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// acknowledged follows a word by which somebody owns to a thing that the case names ("Inga is at a
// client and confirmed that the role is hers") to the call that made it. Where that call is of the
// very person, it was they who sat at its address: whatever they did from there, in whatever account
// and role, is theirs. A thief with their session would have made a thing that they do not own to.
func (in *inquiry) acknowledged(ctx context.Context) error {
	var things, names []string
	for _, s := range in.seeds {
		if s.Kind == "principal" && !s.Guess && strings.HasPrefix(s.Value, "arn:") {
			things = append(things, lastPart(s.Value))
		}
	}
	for _, st := range in.reading.Statements {
		if st.Relation == intake.PlannedChange && !st.Negated && spoken().pointing.MatchString(st.English) {
			if named := in.namedBeside(st.English); len(named) == 1 { // of two, one may be who tells of it
				names = append(names, named...)
			}
		}
	}
	// Where anything is said to be stolen, a word that owns to a thing may be about another act
	// of the same person.
	if len(things) == 0 || len(names) == 0 || in.input.Denied || in.says(intake.Stolen, intake.Exposed) {
		return nil
	}
	var made []evidence.Event
	q := evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateRole", "CreateUser"}}
	err := in.each(ctx, true, q, func(e *evidence.Event) {
		if m := personName.FindStringSubmatch(localOf(e.Identity)); m != nil && slices.Contains(names, m[1]) && !e.FromAWS() && evidence.IsAddress(e.SourceIP) &&
			slices.ContainsFunc(e.Resources, func(r string) bool { return slices.Contains(things, lastPart(r)) }) {
			made = append(made, *e)
		}
	})
	if err != nil {
		return err
	}
	for i := range made {
		e := &made[i]
		// The place alone vouches: whoever else has a session of theirs elsewhere gains nothing
		// from it.
		k := attribution.Known{Actor: attribution.Owner, Networks: []string{e.Network()}, Why: intake.FromCase}
		for _, p := range in.pass.everybody() {
			if localOf(p.Identity) == localOf(e.Identity) {
				k.Principals = append(k.Principals, p.Person)
			}
		}
		in.input.Known = append(in.input.Known, k)
		in.assume("", fmt.Sprintf("%s owns, by what the case says, to what event %s made: what the same person did from %s, in whatever account, is held to be their own.", localOf(e.Identity), e.ID, e.Network()))
	}
	return nil
}

// namedBeside are the first names of people of the evidence, in small letters, in the sentence that
// holds the words.
func (in *inquiry) namedBeside(words string) (out []string) {
	people := map[string]bool{}
	for _, p := range in.pass.everybody() {
		if m := personName.FindStringSubmatch(localOf(p.Identity)); m != nil {
			people[m[1]] = true
		}
	}
	for _, sentence := range ending.Split(in.reading.English, -1) {
		if !strings.Contains(sentence, words) {
			continue
		}
		for _, w := range firstNamesIn(sentence) {
			for _, w := range intake.Unaccented(strings.ToLower(w)) {
				if people[w] && !slices.Contains(out, w) {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// localOf is the name of a user or of a session's person, without the company's part.
func localOf(id evidence.Identity) string {
	name := id.UserName
	if s := id.SessionName(); s != "" {
		name = s
	}
	return localPart(name)
}
