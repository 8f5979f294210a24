package investigation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// makers asks who is behind the calls that made a key of the intruder's, or gave a principal of
// theirs its way in or its rights, where the evidence tells neither an owner nor an intruder:
// their other changes with the same credential are named beside it.
func (in *inquiry) makers() {
	// Of an event with two rows the later stands; both are of one call.
	rows, asked := map[string]int{}, map[string]bool{}
	first := map[string]*evidence.Event{} // hostile call of a credential
	for i, row := range in.at.Rows {
		rows[row.Event] = i
		if k := row.Credential; row.Actor.Hostile() && k != "" && first[k] == nil {
			first[k] = &in.at.Events[i]
		}
	}
	for _, key := range keys(first) {
		n := in.g.Node(key)
		if n == nil || n.Kind != "access_key" || n.Best() == nil {
			continue
		}
		i, ok := rows[n.Best().Event]
		if !ok || in.at.Rows[i].Actor != attribution.Undetermined {
			continue
		}
		e := &in.at.Events[i]
		asked[e.ID] = true
		text := fmt.Sprintf("Who was %s? It made %s, which the intruder used from %s on (event %s).", in.act(e, in.at.Rows[i].Credential), key, stamp(first[key].Time), e.ID)
		if also := in.otherChanges(in.at.Rows[i].Credential, e); len(also) > 0 {
			text += " With the same credential: " + strings.Join(also, ", ") + "."
		}
		in.res.Open = append(in.res.Open, text)
	}
	in.doors(rows, asked)
}

// doors asks the same of what made, empowered or let in a principal that the intruder acted as,
// once for each session that did.
func (in *inquiry) doors(rows map[string]int, asked map[string]bool) {
	// One session that did several such things is one question.
	more := map[string]int{} // credential → which question is about it
	for _, d := range in.at.Doors {
		i, ok := rows[d.Event]
		if !ok || asked[d.Event] || in.at.Rows[i].Actor != attribution.Undetermined {
			continue
		}
		asked[d.Event] = true
		e := &in.at.Events[i]
		if n, told := more[d.Credential]; told {
			in.res.Open[n] += fmt.Sprintf(" So did %s at %s (event %s).", e.Action(), stamp(e.Time), e.ID)
			continue
		}
		more[d.Credential] = len(in.res.Open)
		whom := d.Person
		if seen := in.pass.survey.Principal(d.Person); seen != nil {
			whom = seen.Identity.Called()
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("Who was %s? It gave %s, which the intruder acted as, a way in or rights (event %s).", in.act(e, in.at.Rows[i].Credential), whom, e.ID))
	}
}

// otherChanges are the changes of one credential that nobody is held to account for,
// by action and day, without the call that is told already.
func (in *inquiry) otherChanges(credential string, told *evidence.Event) []string {
	set := map[string]bool{}
	for i, row := range in.at.Rows {
		e := &in.at.Events[i]
		if row.Credential == credential && row.Actor == attribution.Undetermined && !e.ReadOnly && e.ID != told.ID && e.Outcome() == evidence.Success {
			set[e.Action()+" on "+e.Time.Format("2 January")] = true
		}
	}
	out := keys(set)
	if len(out) > 8 {
		out = append(slices.Clone(out[:8]), fmt.Sprintf("%d more", len(out)-8))
	}
	return out
}

// act tells of a call the way somebody asks about it: who, what, when and from where.
// A role's name alone would not say which of the people in it is meant.
func (in *inquiry) act(e *evidence.Event, credential string) string {
	who := by(e)
	if n := in.g.Node(credential); n != nil {
		who = holderName(n) + " (" + credential + ")"
	}
	text := who + ", who called " + e.Action() + " at " + stamp(e.Time)
	if from := quoteSource(e); from != "" {
		text += " from " + from
	}
	return text
}
