package investigation

import (
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// usualDays is how far back the owner's own volume is looked for.
const usualDays = 7

// share is who made the calls of one kind with the intruder's credentials.
type share struct {
	total, hostile, owner, open int
	creds                       map[string]bool
	ids                         []string // the first of each, to cite
}

// ownersShare subtracts, where a credential was shared, what its owner did with
// it on the same days: those calls are part of no number of the intruder's. How
// much that is on other days stands beside it.
func (in *inquiry) ownersShare(d damage, hit []detection.Subject) {
	// Only harm that is a number of calls: of a change of rights the owner's share means
	// nothing.
	if d.proxy || d.context != "" || d.class != "data" && d.unit != "model calls" && d.unit != "messages" {
		return
	}
	from := hit[0].Event.Time.UTC().Truncate(day)
	to := hit[len(hit)-1].Event.Time.UTC().Truncate(day).Add(day)
	creds := map[string]bool{}
	for _, s := range hit {
		creds[s.Event.Identity.AccessKey] = true
	}
	if creds[""] {
		return // who shared what shows no key cannot be counted
	}
	n := in.shareOf(d, creds, from, to)
	if n.owner == 0 {
		return
	}
	text := fmt.Sprintf("Of %d calls of %s with the same credentials between %s and %s, %d were the intruder's and %d the owner's own", n.total, and(d.actions), stamp(from), stamp(to), n.hostile, n.owner)
	if n.open > 0 {
		text += fmt.Sprintf(", and %d were undetermined", n.open)
	}
	text += "."
	window := &claim.Interval{From: stamp(from), To: stamp(to)}
	filter := claim.Filter{"action": list(d.actions), "credential": list(keys(n.creds)), "outcome": "success"}
	in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Window: window, Value: n.total}, cite(n.ids...), "B")
	text += in.usual(d, n.creds, from)
	in.res.Impact = append(in.res.Impact, Impact{Class: d.class, Level: "excluded", Text: text, Quantity: &Quantity{int64(n.owner), "calls"}, Evidence: cite(n.ids...), Coverage: []string{}})
}

// shareOf counts who made such calls with these credentials in [from, to), each event once.
func (in *inquiry) shareOf(d damage, creds map[string]bool, from, to time.Time) share {
	n := share{creds: creds}
	cited := map[attribution.Actor]bool{}
	for i, r := range in.at.Rows {
		e := &in.at.Events[i]
		if in.again(i) || !creds[e.Identity.AccessKey] || e.Time.Before(from) || !e.Time.Before(to) || e.Outcome() != evidence.Success || !slices.Contains(d.actions, e.Action()) {
			continue
		}
		n.total++
		switch actor := in.at.Actor(r.Event); {
		case actor.Hostile():
			n.hostile++
		case actor == attribution.Owner:
			n.owner++
		case actor == attribution.Undetermined:
			n.open++
		}
		if !cited[r.Actor] {
			cited[r.Actor] = true
			n.ids = append(n.ids, r.Event)
		}
	}
	return n
}

// usual says how much of it the owner did on the days before, "" if the evidence
// does not go back a day or shows nothing of the kind.
func (in *inquiry) usual(d damage, creds map[string]bool, before time.Time) string {
	// Whole days of evidence only: half a day would make the owner's volume half of what it is.
	days := min(usualDays, int(before.Sub(in.pass.survey.First.UTC().Truncate(day))/day))
	if days < 1 {
		return ""
	}
	from := before.Add(-time.Duration(days) * day)
	n := in.shareOf(d, creds, from, before)
	if n.owner == 0 {
		return ""
	}
	text := fmt.Sprintf("In the %d days before, the owner made %d such calls with them, %d a day.", days, n.owner, claim.PerDay(int64(n.owner), days))
	if days == 1 {
		text = fmt.Sprintf("The day before, the owner made %d such calls with them.", n.owner)
	}
	in.claims.add(text, claim.Predicate{
		Op: "count", Value: n.owner, Window: &claim.Interval{From: stamp(from), To: stamp(before)},
		Filter: claim.Filter{"action": list(d.actions), "actor": string(attribution.Owner), "credential": list(keys(creds)), "outcome": "success"},
	}, cite(n.ids...), "B")
	return " " + text
}
