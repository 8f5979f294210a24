package claim

import (
	"slices"
	"strings"
	"time"
)

// shares are the words behind a number that say whose part of the selected
// calls it is: "310 were the intruder's and 3,900 the owner's".
var shares = map[string][]string{
	"intruder's": {"intruder", "likely_intruder"}, "owner's": {"owner"}, "responder's": {"responder"}, "undetermined": {"undetermined"},
}

// share is how many of the selected events are attributed to whom the words
// behind a number name; ok if they name somebody.
func (st *statement) share(c *counted) (n int64, ok bool) {
	if st.tally == nil || st.p.Op != "count" {
		return 0, false
	}
	// "310 were the intruder's": at most two words stand before whose they are.
	for i, w := range c.words[:min(3, len(c.words))] {
		w = strings.ToLower(strings.ReplaceAll(w, "’", "'"))
		if actors, known := shares[w]; known {
			for _, a := range actors {
				n += st.tally.byActor[a]
			}
			return n, true
		}
		if i > 1 || !slices.Contains([]string{"was", "were", "the"}, w) {
			break
		}
	}
	return 0, false
}

// perDay says whether the number is a rate: "390 a day".
func (c *counted) perDay() bool {
	return len(c.words) >= 2 && (c.words[0] == "a" || c.words[0] == "per") && strings.ToLower(c.words[1]) == "day"
}

// daily holds a rate against the count and the days of its window.
func (st *statement) daily(c *counted) bool {
	n, ok := whole(st.p.Value)
	if !ok || st.p.Op != "count" || st.p.Window == nil {
		return false
	}
	from, to, err := st.p.Window.times()
	days := int(to.Sub(from) / (24 * time.Hour))
	return err == nil && days > 0 && c.n == PerDay(n, days)
}

// PerDay is a count over some days as sentences state it for one: rounded, and
// at least one where anything was counted at all.
func PerDay(n int64, days int) int64 {
	d := int64(days)
	return max((n+d/2)/d, min(n, 1))
}
