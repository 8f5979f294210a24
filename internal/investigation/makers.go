package investigation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// makers asks who is behind the calls that made a key of the intruder's, where the
// evidence tells neither an owner nor an intruder: whoever made it gave them the way
// in, so their other changes with the same credential are named beside it.
func (in *inquiry) makers() {
	rows := map[string]int{}
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
		text := fmt.Sprintf("Who was %s? It made %s, which the intruder used from %s on (event %s).", in.act(e, in.at.Rows[i].Credential), key, stamp(first[key].Time), e.ID)
		if also := in.otherChanges(in.at.Rows[i].Credential, e); len(also) > 0 {
			text += " With the same credential: " + strings.Join(also, ", ") + "."
		}
		in.res.Open = append(in.res.Open, text)
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
	if e.SourceIP != "" {
		text += " from " + quoteSource(e)
	}
	return text
}
