package investigation

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// noticeDays is how long before somebody's last day their own acts are looked at for what
// would be serious in anybody's hands. Most who take data with them take it within thirty
// days of leaving (CERT, Common Sense Guide to Mitigating Insider Threats).
const noticeDays = 30

// leaving says whether t lies shortly before the end of employment that the case is about.
func (in *inquiry) leaving(t time.Time) bool {
	end := in.input.Terminated
	return !end.IsZero() && t.Before(end) && !t.Before(end.AddDate(0, 0, -noticeDays))
}

// departing lists what a person who left did by right and may not have done rightly: habit
// and place cannot tell, since it was their job. So it is asked, and nobody is accused.
func (in *inquiry) departing() {
	type act struct {
		title  string
		rank   int
		events []string
	}
	acts := map[string]*act{}
	for _, s := range in.subjects {
		m, ok := in.matches[s.Event.ID]
		if !ok || s.Actor != attribution.Owner || s.Event.Outcome() == evidence.Failure || !in.leaving(s.Event.Time) || anyCall(m.Rule) {
			continue
		}
		rank := evidence.SeverityRank(m.Rule.Severity.Attributed)
		if rank < evidence.SeverityRank("high") || s.Event.ReadOnly {
			continue
		}
		if acts[m.Rule.ID] == nil {
			acts[m.Rule.ID] = &act{title: m.Rule.Title, rank: rank}
		}
		acts[m.Rule.ID].events = append(acts[m.Rule.ID].events, s.Event.ID)
	}
	ids := keys(acts)
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(acts[b].rank, acts[a].rank) })
	for _, id := range ids {
		a := acts[id]
		in.res.Open = append(in.res.Open, fmt.Sprintf("Before the end of employment, and so held to be the job: %s (%s, %d %s, first event %s). Whoever gave the work must say whether this was asked for.",
			a.title, id, len(a.events), plural("calls", int64(len(a.events))), a.events[0]))
	}
	in.departed = len(ids)
}
