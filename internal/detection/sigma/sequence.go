package sigma

import (
	"slices"
	"time"
)

// chain is the beginning of a sequence: one match of each rule so far.
// from is the time of its first match: of two chains for one step no later match fits that which
// began earlier and not the other.
type chain struct {
	from  time.Time
	parts []hit
}

// has says whether an event is a step of the chain already.
func (c chain) has(id string) bool {
	for _, h := range c.parts {
		if h.id == id {
			return true
		}
	}
	return false
}

// sequences finds one match of each rule, in their order, within the timespan.
// CloudTrail's times have seconds, so that matches within one second count as in
// order; but one event cannot be two steps.
//
// For every step the latest beginning is kept, since no earlier one could fit
// where it does not; and the second latest that ends in another event, for the
// case that the next step is that very event. What can be missed so is a sequence of
// three steps or more within one second, in which an event could be two steps that
// are no neighbours.
// It takes the number of matches times that of steps, as two chains at most are kept for each step.
func (c *correlation) sequences(hits []hit) []completion {
	best := make([][]chain, len(c.rules))
	var out []completion
	for lo := 0; lo < len(hits); {
		hi := lo
		for hi < len(hits) && hits[hi].at.Equal(hits[lo].at) {
			hi++
		}
		for step, r := range c.rules {
			for _, h := range hits[lo:hi] {
				if h.rule != r {
					continue
				}
				next, ok := chain{from: h.at, parts: []hit{h}}, true
				if step > 0 {
					next, ok = c.extend(best[step-1], h)
				}
				if !ok {
					continue
				}
				if step == len(c.rules)-1 {
					out = append(out, completion{next.from, h.at, next.parts, -1, -1})
					continue
				}
				best[step] = keepTwo(best[step], next)
			}
		}
		lo = hi
	}
	return out
}

// extend adds a match to the latest beginning that it fits.
func (c *correlation) extend(from []chain, h hit) (chain, bool) {
	for _, f := range from {
		if h.at.Sub(f.from) <= c.span && !f.has(h.id) {
			// A copy: the chain may be gone on with by another match too.
			return chain{f.from, append(append([]hit(nil), f.parts...), h)}, true
		}
	}
	return chain{}, false
}

// keepTwo holds the two latest beginnings, latest first, that end in different
// events.
func keepTwo(list []chain, c chain) []chain {
	last := func(c chain) string { return c.parts[len(c.parts)-1].id }
	all := append([]chain{c}, list...)
	slices.SortStableFunc(all, func(a, b chain) int { return b.from.Compare(a.from) })
	out := all[:1]
	for _, o := range all[1:] {
		if len(out) == 1 && last(o) != last(out[0]) {
			out = append(out, o)
		}
	}
	return out
}
