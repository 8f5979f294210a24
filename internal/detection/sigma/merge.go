package sigma

import (
	"cmp"
	"slices"
	"strings"
)

// merge makes one alert of windows that share events, so that a burst of a
// thousand is told once: from when the condition first held.
// Completions come in order of their last event, and those that share events overlap in time:
// a window that begins after the one before has ended is another alert.
func merge(found []completion, g *group, visits *int) []Alert {
	var out []Alert
	for i := 0; i < len(found); {
		f := found[i]
		at, end, parts := f.at, f.at, slices.Clip(f.parts) // clipped: appending copies, the parts belong to others too
		for i++; i < len(found) && !found[i].from.After(end); i++ {
			end = found[i].at
			if f.lo >= 0 {
				parts = g.hits[f.lo : found[i].hi+1]
			} else {
				parts = append(parts, found[i].parts...)
			}
		}
		a := Alert{At: at}
		for _, v := range g.values {
			a.Group = append(a.Group, shown(strings.Join(v, ", ")))
		}
		a.rests(parts, visits)
		out = append(out, a)
	}
	return out
}

// rests lists the events that an alert rests on, down to single ones. Windows
// of windows overlap, so that the walk is bounded: beyond it, a correlation
// within stands for its last event alone.
// An event that several parts share is counted once.
func (a *Alert) rests(parts []hit, visits *int) {
	type match struct {
		rule *Rule
		id   string
	}
	var single []hit
	seen := map[match]bool{} // one rule matches with one last event once
	var down func(h hit)
	down = func(h hit) {
		// The budget is shared by all alerts of a rule: overlapping windows of windows multiply.
		if *visits--; seen[match{h.rule, h.id}] {
			return
		}
		seen[match{h.rule, h.id}] = true
		if h.parts == nil || *visits < 0 {
			single = append(single, h)
			return
		}
		for _, p := range h.parts {
			down(p)
		}
	}
	for _, h := range parts {
		down(h)
	}
	slices.SortFunc(single, func(a, b hit) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id)) })
	for i, h := range single {
		if i > 0 && h.id == single[i-1].id {
			continue
		}
		if a.Total++; a.Total <= MaxAlertEvents {
			a.Events = append(a.Events, h.id)
		}
	}
}
