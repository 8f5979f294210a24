package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// covered is one account and region over its days: the table has a row for each
// day, and a month more of evidence is one change, not thirty.
type covered struct {
	account, region string
	days            map[string]bool // YYYY-MM-DD
	classes         map[string]bool // of events, as in the report
	gaps            map[string]bool // as the report words them
	events          int
}

// coveredPlaces folds the table into places, sorted.
func coveredPlaces(rows []investigation.Coverage) []covered {
	var out []covered
	at := map[string]int{}
	for _, r := range rows {
		k := r.Account + "\x00" + r.Region
		i, ok := at[k]
		if !ok {
			i, at[k] = len(out), len(out)
			out = append(out, covered{account: r.Account, region: r.Region, days: map[string]bool{}, classes: map[string]bool{}, gaps: map[string]bool{}})
		}
		out[i].days[r.Day], out[i].events = true, out[i].events+r.Events
		for _, c := range r.Classes {
			out[i].classes[c] = true
		}
		for _, g := range r.Gaps {
			out[i].gaps[g] = true
		}
	}
	slices.SortFunc(out, func(a, b covered) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region))
	})
	return out
}

// coverage compares what was recorded where and when: every negative sentence
// rests on it.
func (d *Diff) coverage(before, after []investigation.Coverage) {
	old, now := coveredPlaces(before), coveredPlaces(after)
	pairs, gone, come := match(old, now, rules[covered]{exact: func(c covered) string { return c.account + "\x00" + c.region }})
	for _, j := range come {
		c := now[j]
		d.add(Change{Section: "coverage", Kind: "added", ID: c.id(), Text: fmt.Sprintf("%s: %s, %s (%s).", c.id(), c.span(), outline.Count(c.events, "event"), sorted(c.classes))})
	}
	for _, p := range pairs {
		a, b := old[p[0]], now[p[1]]
		f := fields("days", a.span(), b.span(), "classes", sorted(a.classes), sorted(b.classes), "gaps", sorted(a.gaps), sorted(b.gaps), "events", outline.Number(int64(a.events)), outline.Number(int64(b.events)))
		if len(f) == 0 {
			continue
		}
		d.add(Change{Section: "coverage", Kind: wider(a, b), ID: b.id(), Fields: f, Text: b.id() + ": " + told(f) + "."})
	}
	for _, i := range gone {
		c := old[i]
		d.add(Change{Section: "coverage", Kind: "withdrawn", ID: c.id(), Text: fmt.Sprintf("%s is no longer covered; it was on %s.", c.id(), c.span())})
	}
}

// wider says whether one coverage holds all of the other: more days or classes,
// no day or class lost, and no gap that was not there.
// Gaps go the other way round: one that is gone makes the new coverage wider.
func wider(a, b covered) string {
	more, less := false, false
	for _, s := range []struct{ old, new map[string]bool }{{a.days, b.days}, {a.classes, b.classes}, {b.gaps, a.gaps}} {
		more, less = more || beyond(s.new, s.old), less || beyond(s.old, s.new)
	}
	switch {
	case more && !less:
		return "upgraded"
	case less && !more:
		return "downgraded"
	}
	return "changed"
}

// beyond says whether a holds something that b does not.
func beyond(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return true
		}
	}
	return false
}

// id names a place as the claims do, "account/region"; evidence may know neither.
func (c covered) id() string {
	return cmp.Or(c.account, "no account") + "/" + cmp.Or(c.region, "no region")
}

// span is the days in words: one, or how many of which stretch.
func (c covered) span() string {
	days := list(c.days)
	if len(days) == 1 {
		return days[0]
	}
	return fmt.Sprintf("%s of %s to %s", outline.Count(len(days), "day"), days[0], days[len(days)-1])
}

func sorted(set map[string]bool) string { return strings.Join(list(set), ", ") }

func list(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
