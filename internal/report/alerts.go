package report

import (
	"cmp"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection/sigma"
)

// Alert is what one of a team's own Sigma rules matched: the opinion of the
// rule's author about events, beside what this report says of who made them. It
// is no finding, and nothing in the report rests on it.
type Alert struct {
	Rule       string       `json:"rule"` // the rule's id, "" if it gives none
	Title      string       `json:"title"`
	Level      string       `json:"level"`
	Author     string       `json:"author"`  // the Detection Rule License asks for it; "" if not stated
	License    string       `json:"license"` // "" if not stated
	References []string     `json:"references"`
	Techniques []string     `json:"techniques"` // ATT&CK, by the rule's tags
	Path       string       `json:"path"`       // within the folder of rules
	Matches    int          `json:"matches"`
	Actors     []AlertActor `json:"actors"`
	Events     []string     `json:"events"` // typed references, the intruder's first, at most MaxAlertEvents
	First      string       `json:"first"`
	Last       string       `json:"last"`
}

// AlertActor is how many of an alert's events are whose.
type AlertActor struct {
	Actor  string `json:"actor"` // as in attribution, or Unexamined
	Events int    `json:"events"`
}

// MaxAlertEvents bounds the events named with one rule; Actors counts them all.
const MaxAlertEvents = 20

// Unexamined is whose events are of credentials that the case did not touch.
const Unexamined = "unexamined"

// actors in the order in which they are listed.
var actors = []string{string(attribution.Intruder), string(attribution.LikelyIntruder), string(attribution.Undetermined), string(attribution.Owner),
	string(attribution.Service), string(attribution.Responder), Unexamined}

// Alerts sums up what the rules matched, one row a rule: those that matched
// the intruder first, then by level.
func Alerts(res *sigma.Result, rows []attribution.Row) []Alert {
	judged := Judged(rows)
	var order []*sigma.Rule
	of := map[*sigma.Rule][]sigma.Alert{}
	for _, a := range res.Alerts {
		if of[a.Rule] == nil {
			order = append(order, a.Rule)
		}
		of[a.Rule] = append(of[a.Rule], a)
	}
	out := []Alert{}
	for _, r := range order {
		out = append(out, alertOf(r, of[r], judged, res.Dropped[r]))
	}
	slices.SortStableFunc(out, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()),
			cmp.Compare(slices.Index(sigma.Levels, b.Level), slices.Index(sigma.Levels, a.Level)), cmp.Compare(a.First, b.First), cmp.Compare(a.Path, b.Path))
	})
	return out
}

// hostile says whether an event of the intruder's is among those matched.
func (a *Alert) hostile() bool {
	return slices.ContainsFunc(a.Actors, func(w AlertActor) bool { return attribution.Actor(w.Actor).Hostile() })
}

// rank is 0 for what matched the intruder.
func (a *Alert) rank() int {
	if a.hostile() {
		return 0
	}
	return 1
}

// alertOf sums up the matches of one rule, of which there is at least one. dropped
// is how many more there were than the run kept; of those nothing but the number is
// known. An event that several matches share is one event.
func alertOf(r *sigma.Rule, list []sigma.Alert, judged map[string]attribution.Row, dropped int) Alert {
	a := Alert{Rule: r.ID, Title: r.Title, Level: r.Level, Author: r.Author, License: r.License, References: r.References, Techniques: r.Techniques(),
		Path: r.Path, Matches: len(list) + dropped, First: list[0].At.UTC().Format(stampLayout), Last: list[len(list)-1].At.UTC().Format(stampLayout)}
	seen, whose := map[string]bool{}, map[string]int{}
	var hostile, others []string
	for _, match := range list {
		for _, e := range match.Events {
			if seen[e] {
				continue
			}
			seen[e] = true
			who := cmp.Or(string(judged[e].Actor), Unexamined)
			whose[who]++
			if attribution.Actor(who).Hostile() {
				hostile = append(hostile, "event:"+e)
			} else {
				others = append(others, "event:"+e)
			}
		}
	}
	for _, w := range actors {
		if whose[w] > 0 {
			a.Actors = append(a.Actors, AlertActor{w, whose[w]})
		}
	}
	events := slices.Concat(hostile, others)
	a.Events = events[:min(len(events), MaxAlertEvents)]
	return a
}

// stampLayout is the format's time, RFC 3339 in UTC, to the second.
const stampLayout = "2006-01-02T15:04:05Z"
