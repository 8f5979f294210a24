package sigma

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// completion is a window in which the condition holds, told by its last event.
// Where parts stand side by side in the group they are a slice of it, and merging two windows
// is a longer slice.
type completion struct {
	from, at time.Time
	parts    []hit
	lo, hi   int // positions of the parts in the group; -1 if they do not stand side by side
}

// hit is the completion as an event of the correlations above, with the fields they will ask for:
// of the group where it groups by them, else of the last event.
// The last event gives its id: a correlation happens when it is complete.
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
			// Each match enters and leaves once: linear in the matches.
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
// One is moved along the matches; seen keeps counts, so that leaving undoes entering.
type tally struct {
	c    *correlation
	n    int
	seen map[string]int // how often each value or rule is in the window
}

// add lets a match into the window (by 1) or out of it (by -1).
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

// count keeps n at the number of different keys.
// A key is taken out when nothing of it is left in the window, so that seen holds no more than
// the window does.
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
