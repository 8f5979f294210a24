package sigma

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// correlate runs the correlations over the matches, innermost first. A
// correlation's own matches, one for each event that completes it, are in turn
// the events of those above it.
func (p *Pack) correlate(ctx context.Context, hits map[*Rule][]hit, res *Result) error {
	for _, r := range p.ordered {
		if err := ctx.Err(); err != nil {
			return err
		}
		alerts, visits := 0, maxVisits
		for _, g := range r.corr.groups(hits) {
			found := r.corr.completions(g.hits)
			for _, f := range found {
				if !r.feeds {
					break
				}
				if len(hits[r]) == maxHits {
					res.Dropped[r]++
					continue
				}
				hits[r] = append(hits[r], f.hit(r, g, p.wanted[r]))
			}
			if r.silent {
				continue
			}
			for _, a := range merge(found, g, &visits) {
				if alerts++; alerts > MaxAlerts {
					res.Dropped[r]++
					continue
				}
				a.Rule = r
				res.Alerts = append(res.Alerts, a)
			}
		}
	}
	return nil
}

// group is the matches that agree in every field of group-by.
type group struct {
	key    string
	values [][]string
	hits   []hit
}

// groups divides the matches of a correlation's rules. A match that lacks a
// field of group-by belongs to no group: two unknowns are not the same.
func (c *correlation) groups(hits map[*Rule][]hit) []*group {
	by := map[string]*group{}
	for _, r := range c.rules {
		names := make([]string, len(c.groupBy))
		for i, name := range c.groupBy {
			names[i], _ = c.fieldOf(r, name) // link has refused what has no field
		}
	next:
		for _, h := range hits[r] {
			var key strings.Builder
			values := make([][]string, len(names))
			for i, name := range names {
				if values[i] = h.fields[name]; len(values[i]) == 0 {
					continue next
				}
				key.WriteString(strings.Join(values[i], "\x1f") + "\x1e")
			}
			for _, name := range c.fields { // what has no value to count has no part in the count
				if f, _ := c.fieldOf(r, name); len(h.fields[f]) == 0 {
					continue next
				}
			}
			g := by[key.String()]
			if g == nil {
				g = &group{key: key.String(), values: values}
				by[g.key] = g
			}
			g.hits = append(g.hits, h)
		}
	}
	var out []*group
	for _, g := range by {
		slices.SortFunc(g.hits, func(a, b hit) int {
			return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id), cmp.Compare(slices.Index(c.rules, a.rule), slices.Index(c.rules, b.rule)))
		})
		if c.kind == "event_count" { // an event that two rules match is one event
			g.hits = slices.CompactFunc(g.hits, func(a, b hit) bool { return a.id == b.id && a.parts == nil && b.parts == nil })
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return strings.Compare(a.key, b.key) })
	return out
}

// completion is a window in which the condition holds, told by its last event.
type completion struct {
	from, at time.Time
	parts    []hit
	lo, hi   int // positions of the parts in the group; -1 if they do not stand side by side
}

func (f completion) hit(r *Rule, g *group, want []path) hit {
	last := f.parts[len(f.parts)-1]
	h := hit{at: f.at, id: last.id, rule: r, parts: f.parts, fields: map[string][]string{}}
	for _, p := range want {
		name := p.String()
		if i := slices.Index(r.corr.groupBy, name); i >= 0 {
			h.fields[name] = g.values[i]
		} else if f, err := r.corr.fieldOf(last.rule, name); err == nil {
			h.fields[name] = last.fields[f]
		}
	}
	return h
}

// completions finds the windows. Where more events cannot undo the condition, a
// window ends at every event and reaches back by the timespan. Where they can
// (lt, lte, eq, ranges), windows stand one after another, each opened by the
// first event that the one before has not: any smaller part of a large burst
// would satisfy "fewer than five".
func (c *correlation) completions(hits []hit) []completion {
	if c.kind == "temporal_ordered" {
		return c.sequences(hits)
	}
	var out []completion
	count := tally{c: c, seen: map[string]int{}}
	if !c.capped() {
		lo := 0
		for hi, h := range hits {
			count.add(h, 1)
			for ; h.at.Sub(hits[lo].at) > c.span; lo++ {
				count.add(hits[lo], -1)
			}
			if c.holds(count.n) {
				out = append(out, completion{hits[lo].at, h.at, hits[lo : hi+1], lo, hi})
			}
		}
		return out
	}
	for lo := 0; lo < len(hits); {
		hi := lo
		count = tally{c: c, seen: map[string]int{}}
		for ; hi < len(hits) && hits[hi].at.Sub(hits[lo].at) <= c.span; hi++ {
			count.add(hits[hi], 1)
		}
		if c.holds(count.n) {
			out = append(out, completion{hits[lo].at, hits[hi-1].at, hits[lo:hi], lo, hi - 1})
		}
		lo = hi
	}
	return out
}

// tally counts what the correlation counts: events, different values, or
// different rules.
type tally struct {
	c    *correlation
	n    int
	seen map[string]int
}

func (t *tally) add(h hit, by int) {
	switch t.c.kind {
	case "event_count":
		t.n += by
	case "temporal":
		t.count(strconv.Itoa(slices.Index(t.c.rules, h.rule)), by)
	case "value_count":
		if len(t.c.fields) == 1 {
			f, _ := t.c.fieldOf(h.rule, t.c.fields[0])
			for _, v := range h.fields[f] {
				t.count(v, by)
			}
			return
		}
		key := ""
		for _, name := range t.c.fields {
			f, _ := t.c.fieldOf(h.rule, name)
			key += strings.Join(h.fields[f], "\x1f") + "\x1e"
		}
		t.count(key, by)
	}
}

func (t *tally) count(key string, by int) {
	before := t.seen[key]
	t.seen[key] = before + by
	switch {
	case before == 0:
		t.n++
	case before+by == 0:
		delete(t.seen, key)
		t.n--
	}
}

// merge makes one alert of windows that share events, so that a burst of a
// thousand is told once: from when the condition first held.
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
func (a *Alert) rests(parts []hit, visits *int) {
	type match struct {
		rule *Rule
		id   string
	}
	var single []hit
	seen := map[match]bool{} // one rule matches with one last event once
	var down func(h hit)
	down = func(h hit) {
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
