package investigation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/intake"
)

// leaverNames finds who is said to have left and is named by their first name alone: colleagues
// are. The evidence must know one person of it, and the sentence that tells of the leaving must
// say it of them: it is read once more with those names in it, since who tells of it, or closed
// the account, stands beside them.
func (in *inquiry) leaverNames(clock intake.Clock, lex intake.Lexicon) {
	in.gone = nil
	if len(in.leavers()) > 0 || !in.says(intake.Terminated) {
		return
	}
	byFirst := map[string][]intake.Entry{} // in small letters
	for _, e := range lex.Entries {
		if m := personName.FindStringSubmatch(strings.ToLower(e.Name)); m != nil && (e.Kind == "session" || e.Kind == "principal") {
			byFirst[m[1]] = append(byFirst[m[1]], e)
		}
	}
	var named []string
	for _, text := range []struct{ words, from string }{{in.o.Text, intake.FromCase}, {in.o.Answers["terminated_at"].Text, intake.FromAnswer("terminated_at")}} {
		// The lexicon is widened for this one reading: a first name is nobody's name anywhere
		// else.
		with, whole := intake.Lexicon{Entries: slices.Clone(lex.Entries)}, map[string]string{} // value → whole name
		for _, w := range firstNamesIn(text.words) {
			var found []intake.Entry
			for _, plain := range intake.Unaccented(strings.ToLower(w)) {
				found = append(found, byFirst[plain]...)
			}
			one := slices.ContainsFunc(found, func(e intake.Entry) bool { return localPart(e.Name) != localPart(found[0].Name) })
			if len(found) == 0 || one || regexp.MustCompile(`\b`+regexp.QuoteMeta(strings.ToLower(w))+`\b`).MatchString(text.words) {
				continue // nobody, more than one of that name, or a word
			}
			for _, e := range found {
				whole[e.Value] = localPart(e.Name)
				with.Entries = append(with.Entries, intake.Entry{Name: w, Kind: e.Kind, Value: e.Value})
			}
		}
		if len(whole) == 0 {
			continue
		}
		for _, st := range intake.Read(text.words, text.from, clock, with).Statements {
			for _, s := range st.Seeds {
				if st.Relation == intake.Terminated && !st.Negated && !st.Party && whole[s.Value] != "" && !slices.Contains(in.gone, s.Value) {
					in.gone = append(in.gone, s.Value)
					in.input.Examine = append(in.input.Examine, in.unique(s.Value)...)
					named = append(named, whole[s.Value])
				}
			}
		}
	}
	slices.Sort(named)
	for _, name := range slices.Compact(named) {
		in.assume("principal", fmt.Sprintf("%s is taken to be who left: the case gives the first name, and the evidence knows nobody else of it.", name))
	}
	slices.Sort(in.input.Examine)
	in.input.Examine = slices.Compact(in.input.Examine)
}

// localPart is a name in small letters, without the company's part of an address.
func localPart(name string) string {
	local, _, _ := strings.Cut(strings.ToLower(name), "@")
	return local
}

// closedAfter is when the case says that the leaver's access was closed, where that is the day
// after the last one: whoever still came in on it was let in.
func (in *inquiry) closedAfter(last intake.Span) (closed intake.Span, ok bool) {
	for _, st := range in.reading.Statements {
		if st.Relation != intake.Disabled || st.Negated {
			continue
		}
		for _, s := range st.When {
			if s.Grain != "until" && !s.From.Before(last.To) && s.From.Before(last.To.Add(day)) && s.To.After(last.To) && !s.To.After(last.To.Add(day)) {
				return s, true
			}
		}
	}
	return closed, false
}
