package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// maxBenignEvents bounds the events listed with one harmless thing; its
// sentence states how many there are.
const maxBenignEvents = 50

// harmless is one thing that was judged so: calls of one sort, actor and kind of reason, and of look-alikes
// of one name. They are kept by a key that holds all that the sentence says: an event under another's
// sentence would be a false one.
type harmless struct {
	text, because string
	events        []string // the first of them, see maxBenignEvents
	n             int      // of all of them
	creds         map[string]bool
}

// harmlessThings are those of one report, by key.
type harmlessThings map[string]*harmless

// add counts an event under its key; the first one's words stand for the rest.
func (l harmlessThings) add(key, text, because, event, cred string) {
	g := l[key]
	if g == nil {
		g = &harmless{text: text, because: because, creds: map[string]bool{}}
		l[key] = g
	}
	g.n++
	if cred != "" { // a sign-in, or a service's own event, shows none
		g.creds[cred] = true
	}
	if len(g.events) < maxBenignEvents {
		g.events = append(g.events, event)
	}
}

// benign lists what was examined and judged harmless, with the reason: other
// actors' use of the same credentials, and calls that look like a technique and
// were somebody else's.
func (in *inquiry) benign(ctx context.Context) error {
	starts, err := in.starts(ctx)
	if err != nil {
		return err
	}
	things := in.harmless(starts)
	shown := map[string]bool{}
	for _, g := range things {
		for _, id := range g.events {
			shown[id] = true
		}
	}
	// Only of the events that are listed: the marks explain them and decide nothing.
	marks, err := in.noiseMarks(ctx, shown)
	if err != nil {
		return err
	}
	for _, key := range keys(things) {
		g := things[key]
		text := fmt.Sprintf("%s (events: %d, credentials: %d).", g.text, g.n, len(g.creds))
		if len(g.creds) == 0 {
			text = fmt.Sprintf("%s (events: %d).", g.text, g.n)
		}
		in.res.Benign = append(in.res.Benign, Benign{Text: text, Events: g.events, Because: g.because + marks.among(g.events)})
	}
	return nil
}

// harmless gathers the calls that are held to be somebody's own. What nobody can be held to account
// for is no harmless thing: it is asked about elsewhere.
func (in *inquiry) harmless(starts map[string]string) harmlessThings {
	things := harmlessThings{}
	for i, r := range in.at.Rows {
		e := &in.at.Events[i]
		if r.Actor != attribution.Owner && r.Actor != attribution.Service && r.Actor != attribution.Responder {
			continue
		}
		// One row for each kind of reason, not for each score: the first one's code
		// stands for the rest.
		kind, detail, _ := strings.Cut(r.Because, ":")
		if kind == "started" || kind == "noise" { // who started it, and which noise it is, the reason says
			kind += detail
		}
		if m, ok := in.matches[r.Event]; ok {
			things.add("b"+m.Rule.ID+string(r.Actor)+kind+"\x00"+e.Action(), fmt.Sprintf("%s: resembles %s, and was the %s's", e.Action(), m.Rule.TitleOf(e.Name), r.Actor), reason(r)+" Look-alike: "+m.Rule.Benign, r.Event, r.Credential)
			continue
		}
		if r.Credential == "" {
			continue
		}
		who := cmp.Or(e.Identity.IssuerARN, e.Identity.ARN, e.Identity.PrincipalID)
		things.add("a"+who+string(r.Actor)+kind, fmt.Sprintf("Calls of %s that were the %s's", who, r.Actor), cmp.Or(starts[detail], reason(r)), r.Event, r.Credential)
	}
	return things
}

// starts say who started the runbooks that were judged by their start, by event.
func (in *inquiry) starts(ctx context.Context) (map[string]string, error) {
	// A long list of calls may go back to one start, so each is read once.
	var ids []string
	for _, r := range in.at.Rows {
		if id, ok := strings.CutPrefix(r.Because, "started:"); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	out := map[string]string{}
	if ids = slices.Compact(ids); len(ids) == 0 {
		return out, nil
	}
	for e, err := range in.q.Events(ctx, evidence.Query{IDs: ids}) {
		if err != nil {
			return nil, fmt.Errorf("read who started runbooks: %w", err)
		}
		out[e.ID] = fmt.Sprintf("It is a runbook that %s had started at %s (event %s), and that call was judged so.", cmp.Or(e.Identity.ARN, e.Identity.PrincipalID), stamp(e.Time), e.ID)
	}
	return out, nil
}

// reason puts an attribution's code into words.
func reason(r attribution.Row) string {
	kind, detail, _ := strings.Cut(r.Because, ":")
	switch kind {
	case "workload":
		return "It comes from where the workload's own agent calls from (" + detail + ")."
	case "noise":
		if detail == "NM-01" {
			return "AWS attached its quarantine policy for exposed keys; the record names the user, the act was AWS's (NM-01)."
		}
		return "An AWS service or a service-linked role acted for itself (" + detail + ")."
	case "started":
		return "It is a runbook that was started in event " + detail + ", and that call was judged so."
	case "lineage", "session", "shared_event", "principal_id", "issued":
		return "It belongs to a call that was judged so."
	}
	code, _, _ := strings.Cut(r.Because, "|")
	switch kind {
	case "score": // what spoke against it was outweighed
		return "It fits the habits of the principal."
	case "habit":
		return "It carries on what was done before, from the same network with the same tool."
	}
	words := attribution.Words(code)
	return upperFirst(words) + "."
}

// ownerUse describes, per principal, the owner's own use of it during the
// intrusion: what a containment step will interrupt.
// The text goes under each step of containment about that principal, so that whoever takes it
// knows whom they lock out.
func (in *inquiry) ownerUse() {
	type use struct {
		n        int
		networks map[string]bool
		actions  map[string]int
	}
	uses := map[string]*use{}
	for i, r := range in.at.Rows {
		if r.Actor != attribution.Owner {
			continue
		}
		e := &in.at.Events[i]
		arn := e.Identity.ARN
		if e.Identity.IssuerARN != "" {
			arn = e.Identity.IssuerARN
		}
		u := uses[arn]
		if u == nil {
			u = &use{networks: map[string]bool{}, actions: map[string]int{}}
			uses[arn] = u
		}
		u.n++
		u.networks[e.Network()] = true
		u.actions[e.Action()]++
	}
	for arn, u := range uses {
		// Sorted by name first, so that of equal counts the order does not vary.
		top := keys(u.actions)
		slices.SortStableFunc(top, func(a, b string) int { return u.actions[b] - u.actions[a] })
		in.res.OwnerUse[arn] = fmt.Sprintf("The owner made %d calls with it from %s, mostly %s; those will stop.",
			u.n, strings.Join(first(keys(u.networks), 3), ", "), strings.Join(first(top, 3), ", "))
	}
}

// first is the beginning of a list, at most n of it.
func first[T any](list []T, n int) []T { return list[:min(len(list), n)] }
