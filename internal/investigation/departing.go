package investigation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// leaving says whether t lies shortly before the end of employment that the case is about.
func (in *inquiry) leaving(t time.Time) bool {
	end := in.input.Terminated
	return !end.IsZero() && t.Before(end) && !t.Before(end.AddDate(0, 0, -attribution.NoticeDays))
}

// departing lists what a person who left did by right and may not have done rightly: habit
// and place cannot tell, since it was their job. So it is asked, and nobody is accused.
func (in *inquiry) departing() {
	// By rule and not by call: whoever gave the work is asked about sorts of acts, with the
	// first as the example.
	type act struct {
		title  string
		rank   int
		events []string
	}
	// Acts are of calls held to be the owner's by habit and place; kept are those that
	// attribution left open because somebody was about to leave.
	acts, kept := map[string]*act{}, []detection.Subject(nil)
	for _, s := range in.subjects {
		m, ok := in.matches[s.Event.ID]
		if in.lastDays(s.Event.ID) {
			kept = append(kept, s)
		}
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
		in.res.Open = append(in.res.Open, fmt.Sprintf("Before the end of employment, and so held to be the job: %s (%s, %d %s, first event %s). Whoever gave the work must say whether this was asked for.%s",
			a.title, id, len(a.events), plural("calls", int64(len(a.events))), a.events[0], in.gave(a.events)))
	}
	in.departed = len(ids) + in.keptOpen(kept)
}

// lastDays says whether attribution kept an act of who left open.
func (in *inquiry) lastDays(event string) bool {
	return in.rows()[event].Because == attribution.LastDays && in.rows()[event].Actor == attribution.Undetermined
}

// keptOpen lists the grave and new acts of somebody's last days that are held to be nobody's, and says
// how many sorts of them there are.
func (in *inquiry) keptOpen(acts []detection.Subject) int {
	sorts := map[string][]string{}
	for _, s := range acts {
		sorts[s.Event.Action()] = append(sorts[s.Event.Action()], s.Event.ID)
	}
	for _, name := range keys(sorts) {
		events, title := sorts[name], ""
		// The title of a rule about any call would say of the credential what is asked of the act.
		if m, ok := in.matches[events[0]]; ok && !anyCall(m.Rule) {
			title = fmt.Sprintf(" (%s: %s)", m.Rule.ID, m.Rule.Title)
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("In the last days before the end of employment, grave or new for who did it, and so held to be nobody's yet: %s%s, %d %s, first event %s. Whoever gave the work must say whether this was asked for.%s",
			name, title, len(events), plural("calls", int64(len(events))), events[0], in.gave(events)))
	}
	return len(sorts)
}

// gave says which credentials the calls gave to whom, and whether they are in use.
func (in *inquiry) gave(events []string) string {
	var out []string
	for _, id := range events {
		for _, e := range in.g.IssuedBy(id) {
			n := in.g.Node(e.Child)
			if n == nil || e.Rule != "create_access_key" && e.Rule != "service_specific_credential" || len(out) == 5 {
				continue
			}
			whose := ""
			if s := in.subject(id); s != nil && s.Record.Str("requestParameters.userName") != "" {
				whose = " of user " + s.Record.Str("requestParameters.userName")
			}
			use := "was not used in the evidence"
			if n.Uses > 0 {
				use = fmt.Sprintf("was used in %d %s from %s, last at %s", n.Uses, plural("calls", int64(n.Uses)), strings.Join(first(n.Networks, 3), ", "), stamp(n.Last))
			}
			out = append(out, fmt.Sprintf(" Credential %s%s, made by event %s, %s.", n.ID, whose, id, use))
		}
	}
	return strings.Join(out, "")
}

// earlier asks about what departs from the habits weeks before the stated exposure:
// a candidate for a beginning that nobody knows of, and not joined to the rest.
func (in *inquiry) earlier() {
	n := 0
	for _, c := range in.at.Clusters {
		if c.Actor != attribution.Undetermined || !strings.HasPrefix(c.Why, "early|") {
			continue
		}
		if n++; n > 5 {
			continue
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("Candidate, not counted as the intruder's: %d %s with %s from %s (%s) %s, weeks before the stated time. %s. Whose were they?",
			c.Events(), plural("calls", int64(c.Events())), attribution.BareID(c.Credential), c.Network, c.Agent, span(c.First, c.Last), upperFirst(attribution.Words(c.Why))))
	}
	if n > 5 {
		in.res.Open = append(in.res.Open, fmt.Sprintf("Further candidates of the same sort: %d.", n-5))
	}
}
