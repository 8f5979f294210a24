package investigation

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// maxUnsettled bounds the sentences about what is left open. Somebody has to be
// asked about each, and nobody asks about more.
const maxUnsettled = 8

// openActors are the parties of calls that no verdict of an incident rests on.
var openActors = []any{string(attribution.LikelyIntruder), string(attribution.Undetermined)}

// use is what one credential did from one network and what is not settled of it.
type use struct {
	credential, network string
	rows                []int // of the attribution, in order of time
	likely, changes     int
}

// unsettled claims what could not be put down to anybody, by credential and
// network: where there is no incident, this is what a person must look at, and
// what the owner is asked about. Suspected calls come first, then those with
// changes, then the earliest.
// It stands under a verdict that is no incident, so that "cannot tell" comes with what to look
// at.
func (in *inquiry) unsettled() []string {
	type key struct{ credential, network string }
	uses := map[key]*use{}
	var order []*use
	for i, r := range in.at.Rows {
		if r.Actor != attribution.LikelyIntruder && r.Actor != attribution.Undetermined || in.again(i) {
			continue
		}
		e := &in.at.Events[i]
		k := key{r.Credential, evidence.Network(e.SourceIP)} // as the claim's filter sees it, also through an endpoint
		u := uses[k]
		if u == nil {
			u = &use{credential: k.credential, network: k.network}
			uses[k], order = u, append(order, u)
		}
		u.rows = append(u.rows, i)
		if r.Actor == attribution.LikelyIntruder {
			u.likely++
		}
		if !e.ReadOnly && e.Outcome() == evidence.Success {
			u.changes++
		}
	}
	slices.SortStableFunc(order, func(a, b *use) int {
		return cmp.Or(cmp.Compare(min(b.likely, 1), min(a.likely, 1)), cmp.Compare(min(b.changes, 1), min(a.changes, 1)))
	})
	var out []string
	for _, u := range first(order, maxUnsettled) {
		out = append(out, in.unsettledClaim(u))
	}
	return out
}

// unsettledClaim is one sentence about them: how many, from where, when, and what
// they began and ended with.
func (in *inquiry) unsettledClaim(u *use) string {
	a, b := &in.at.Events[u.rows[0]], &in.at.Events[u.rows[len(u.rows)-1]]
	text := fmt.Sprintf("%s made %d %s", upperFirst(by(a)), len(u.rows), plural("calls", int64(len(u.rows))))
	filter := claim.Filter{"actor": openActors, "credential": u.credential, "network": u.network}
	if len(u.rows) == 1 && a.Identity.AccessKey == "" { // a sign-in to the portal shows no key, and all that follows from it bears its id
		filter = claim.Filter{"actor": openActors, "event_id": a.ID}
	}
	if u.network != "" {
		text += " from " + u.network
	}
	text += " " + span(a.Time, b.Time)
	switch {
	case len(u.rows) == 1:
		text += ", " + a.Action()
	case a.Action() == b.Action():
		text += ", the first and the last " + a.Action()
	default:
		text += fmt.Sprintf(", the first %s, the last %s", a.Action(), b.Action())
	}
	return in.claims.add(text+".", claim.Predicate{Op: "count", Filter: filter, Value: len(u.rows)}, cite(a.ID, b.ID), "D")
}
