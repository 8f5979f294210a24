package diff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// attribution counts the events that moved from one actor to another: a thousand rows make a
// handful of changes. An event that one report lacks moved from or to "".
// No kind says whether a move is for better or worse: that an act is held to be the
// intruder's is neither.
func (d *Diff) attribution(before, after []attribution.Row) {
	type move struct{ from, to string }
	was, is := report.Judged(before), report.Judged(after)
	moved := map[move][]string{}
	for event, row := range is {
		if m := (move{string(was[event].Actor), string(row.Actor)}); m.from != m.to {
			moved[m] = append(moved[m], event)
		}
	}
	for event, row := range was {
		if _, ok := is[event]; !ok && row.Actor != "" {
			m := move{string(row.Actor), ""}
			moved[m] = append(moved[m], event)
		}
	}
	var order []move
	for m := range moved {
		order = append(order, m)
	}
	hostile := func(m move) int { // moves to the intruder first, then away from them
		switch {
		case attribution.Actor(m.to).Hostile():
			return 0
		case attribution.Actor(m.from).Hostile():
			return 1
		}
		return 2
	}
	slices.SortFunc(order, func(a, b move) int {
		return cmp.Or(cmp.Compare(hostile(a), hostile(b)), -cmp.Compare(len(moved[a]), len(moved[b])), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	for i, m := range order {
		events := moved[m]
		slices.Sort(events)
		c := Change{Section: "attribution", weight: i, Kind: "changed", ID: m.from + " → " + m.to, Count: len(events), Fields: []Field{{"actor", m.from, m.to}}}
		n := outline.Count(len(events), "event")
		switch {
		case m.from == "":
			c.Kind, c.Text = "added", fmt.Sprintf("%s not seen before, now %s.", n, words(m.to))
		case m.to == "":
			c.Kind, c.Text = "withdrawn", fmt.Sprintf("%s of %s no longer in the report.", n, words(m.from))
		default:
			c.Text = fmt.Sprintf("%s moved from %s to %s.", n, words(m.from), words(m.to))
		}
		for _, e := range events[:min(len(events), maxEvidence)] {
			c.Evidence = append(c.Evidence, "event:"+e)
		}
		d.add(c)
	}
}
