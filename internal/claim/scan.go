package claim

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// anchor is a field by which the store can look events up, so that ten
// thousand filters cost a few queries and not a pass each.
type anchor struct {
	field string
	// lookup turns a wanted value into what the store knows; false if it cannot.
	lookup func(string) (string, bool)
	// put sets the wanted values in a query; keys are those of an event by which it
	// is found again among the tallies of a group.
	put  func(*evidence.Query, []string)
	keys func(*evidence.Event) []string
}

// versioned event names are stored without their version.
var versioned = regexp.MustCompile(`20\d\d`)

// asIs is the lookup of fields that the store holds as they are written.
func asIs(v string) (string, bool) { return v, v != "" }

// principalKeys are all the names by which the store finds events of a principal:
// a predicate may use any of them.
func principalKeys(e *evidence.Event) []string {
	id := e.Identity
	return []string{id.PrincipalID, id.UniqueID(), id.ARN, id.IssuerARN}
}

func putPrincipals(q *evidence.Query, v []string) { q.Principals = v }

// anchors, the most selective first.
var anchors = []anchor{
	{"event_id", asIs, func(q *evidence.Query, v []string) { q.IDs = v }, func(e *evidence.Event) []string { return []string{e.ID} }},
	{"credential", func(v string) (string, bool) {
		// "AKIA…/AIDA…" names one reading of a reused key id: the store knows the key.
		// Native ids of passwords and tokens do not begin with A and are no column.
		key, _, _ := strings.Cut(v, "/")
		return key, strings.HasPrefix(key, "A")
	}, func(q *evidence.Query, v []string) { q.Credentials = v }, func(e *evidence.Event) []string { return []string{e.Identity.AccessKey} }},
	{"shared_event_id", asIs, func(q *evidence.Query, v []string) { q.SharedIDs = v }, func(e *evidence.Event) []string { return []string{e.SharedID} }},
	{"principal_id", asIs, putPrincipals, principalKeys},
	{"unique_id", asIs, putPrincipals, principalKeys},
	{"principal", asIs, putPrincipals, principalKeys},
	{"source_ip", func(v string) (string, bool) { return v, v != "" && !strings.Contains(v, "/") },
		func(q *evidence.Query, v []string) { q.IPs = v }, func(e *evidence.Event) []string { return []string{e.SourceIP} }},
	{"event_name", func(v string) (string, bool) { return v, v != "" && !versioned.MatchString(v) },
		func(q *evidence.Query, v []string) { q.Names = v }, func(e *evidence.Event) []string { return []string{e.Name} }},
	{"event_source", asIs, func(q *evidence.Query, v []string) { q.Sources = v }, func(e *evidence.Event) []string { return []string{e.Source} }},
}

// group is a set of tallies answered by one query.
type group struct {
	anchor  int // -1: none of them has one, every event is looked at
	body    bool
	tallies []*tally
	values  []string
	index   map[string][]*tally
}

// maxSweeps bounds the filters that only a look at every event can answer.
const maxSweeps = 500

// groupsOf puts tallies together that one query can answer. Those that need the
// record stand apart from those that do not, so that a filter over columns never
// makes the store unpack bodies. Groups keep the order of their first claim.
func groupsOf(tallies []*tally) []*group {
	byKey := map[[2]int]*group{}
	var out []*group
	for _, t := range tallies {
		a, values := anchorOf(&t.selection)
		body := t.body
		key := [2]int{a, 0}
		if body {
			key[1] = 1
		}
		g := byKey[key]
		if g == nil {
			g = &group{anchor: a, body: body, index: map[string][]*tally{}}
			byKey[key] = g
			out = append(out, g)
		}
		g.tallies = append(g.tallies, t)
		for _, v := range values {
			g.values = append(g.values, v)
			g.index[v] = append(g.index[v], t)
		}
	}
	for _, g := range out {
		slices.Sort(g.values)
		g.values = slices.Compact(g.values)
	}
	return out
}

// anchorOf picks the most selective anchor of which every wanted value can be
// looked up: one value that cannot (a CIDR block, "absent") would lose events. -1
// means that all events of the window must be looked at.
func anchorOf(s *selection) (int, []string) {
	for i, a := range anchors {
		want := s.wants(a.field)
		if len(want) == 0 {
			continue
		}
		values := make([]string, 0, len(want))
		for _, w := range want {
			v, ok := a.lookup(w)
			if !ok {
				values = nil
				break
			}
			values = append(values, v)
		}
		if len(values) > 0 {
			slices.Sort(values)
			return i, slices.Compact(values)
		}
	}
	return -1, nil
}

// scan fills the tallies.
func (w *World) scan(ctx context.Context, tallies []*tally, conflicting map[string]bool) error {
	for _, g := range groupsOf(tallies) {
		q := evidence.Query{Body: g.body}
		q.From, q.To = g.span()
		if g.anchor >= 0 {
			anchors[g.anchor].put(&q, g.values)
		}
		for e, err := range w.Events.Events(ctx, q) {
			if err != nil {
				return fmt.Errorf("read events for claims: %w", err)
			}
			s := &subject{e: &e, actor: w.Actors[e.ID]}
			if g.anchor < 0 {
				feed(g.tallies, s, conflicting)
				continue
			}
			var fed []*tally // an event that fits one tally by two keys counts once
			for _, k := range anchors[g.anchor].keys(&e) {
				for _, t := range g.index[k] {
					// A user's ARN is also the issuer's of a session: two keys, one tally.
					if k != "" && !slices.Contains(fed, t) {
						fed = append(fed, t)
					}
				}
			}
			feed(fed, s, conflicting)
		}
	}
	return nil
}

// feed adds the event to each tally that selects it. The lookup only narrowed.
func feed(tallies []*tally, s *subject, conflicting map[string]bool) {
	for _, t := range tallies {
		if t.match(s) {
			t.add(s, conflicting)
		}
	}
}

// span is the smallest interval that holds every window of the group; zero
// where some tally is open at that end.
func (g *group) span() (from, to time.Time) {
	for i, t := range g.tallies {
		if t.from.IsZero() {
			return time.Time{}, time.Time{}
		}
		if i == 0 || t.from.Before(from) {
			from = t.from
		}
		if i == 0 || t.to.After(to) {
			to = t.to
		}
	}
	return from, to
}
