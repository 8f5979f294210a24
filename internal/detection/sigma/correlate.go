package sigma

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// correlate runs the correlations over the matches, innermost first. A
// correlation's own matches, one for each event that completes it, are in turn
// the events of those above it.
// Each rule comes after those it refers to, so that hits holds all that it needs when its turn
// comes.
func (p *Pack) correlate(ctx context.Context, hits map[*Rule][]hit, res *Result) error {
	for _, r := range p.ordered {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Bounds are for each rule: one that matches everything takes nothing from the others.
		alerts, visits := 0, maxVisits
		for _, g := range r.corr.groups(hits) {
			found := r.corr.completions(g.hits)
			// What feeds others is kept as their events; what is not silent is told as well, merged.
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
	values [][]string // of each field of group-by; a field may have several
	hits   []hit      // in order of time, then of id, then of the rules: the order that the rules rely on
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
			// The separators stand in no text that is worth grouping by; two values must not join
			// into a third's key.
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
