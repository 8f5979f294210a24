package investigation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// maxDoomed bounds the things that are told one by one; the rows of what was touched, and
// the plan, name all.
const maxDoomed = 8

// doomed says of each thing of the owner's whose deletion the intruder scheduled until when
// it can be had back, the next first: it is the one harm that waiting makes final.
// What the intruder made themselves may go; it is nobody's loss.
func (in *inquiry) doomed() {
	var list []ledger.Resource
	for _, r := range in.ledger.Resources {
		if r.DeletesAt != "" && r.Undo != "" && !slices.Contains(r.Effect, ledger.Created) && claim.Quotable(lastPart(r.ID)) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b ledger.Resource) int { return strings.Compare(a.DeletesAt, b.DeletesAt) })
	for _, r := range list[:min(len(list), maxDoomed)] {
		id := strings.TrimPrefix(r.StateEvidence[0], "event:")
		s := in.subject(id)
		if s == nil {
			continue
		}
		equals := map[string]any{"event_name": s.Event.Name, "outcome": "success"}
		text := fmt.Sprintf("The intruder had `%s` deleted with %s at %s; the deletion is pending, and can be called off %s.", lastPart(r.ID), s.Event.Name, stamp(s.Event.Time), window(equals, s))
		in.claims.add(text, claim.Predicate{Op: "event", Event: id, Equals: equals}, cite(id), "A")
		in.res.Impact = append(in.res.Impact, Impact{Class: "availability", Level: "probable", Text: text, Evidence: cite(id), Coverage: []string{}})
	}
}

// window says how long, and adds to what is checked where the record says so: the date that
// the answer gave, else the days that were asked for. What is only reckoned stands on the
// row of the thing and in the plan.
func window(equals map[string]any, s *detection.Subject) string {
	for _, path := range []string{"deletionDate", "calculatedLifecycle.deleteAt"} {
		if v := s.Record.Str("responseElements." + path); !evidence.ParseTime(v).IsZero() {
			equals["response."+path] = v
			return "until " + stamp(evidence.ParseTime(v))
		}
	}
	for _, path := range []string{"pendingWindowInDays", "recoveryWindowInDays"} {
		if n, err := jsonInt(s.Record.Get("requestParameters." + path)); err == nil && n > 0 {
			equals["request."+path] = n
			return fmt.Sprintf("within %d days from then", n)
		}
	}
	return "only for some time"
}

// awaiting says whether the thing is there until a time that is set.
func (in *inquiry) awaiting(id string) bool {
	return slices.ContainsFunc(in.ledger.Resources, func(r ledger.Resource) bool { return r.DeletesAt != "" && r.ID == id })
}
