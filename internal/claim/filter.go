package claim

import (
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// cond is one field of a filter: any of the wanted values will do.
type cond struct {
	f    field
	want []string
}

// selection is a filter that was understood, with its window.
type selection struct {
	conds    []cond // by field name
	from, to time.Time
	body     bool // whether some field reads the original record
	actor    bool // whether some field reads the attribution
}

// compile understands a filter whole or not at all. Fields are taken in the order of
// their names as written, so that errors and keys do not vary with the map.
func compile(f Filter, w *Interval) (selection, error) {
	var s selection
	names := make([]string, 0, len(f))
	for n := range f {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fd, ok := fieldOf(n)
		if !ok {
			return s, fmt.Errorf("the filter names %q, which is no field of an event", brief(n))
		}
		want, err := wanted(f[n])
		if err != nil {
			return s, fmt.Errorf("the filter's %s cannot be compared: %w", fd.name, err)
		}
		s.conds = append(s.conds, cond{fd, want})
		s.body = s.body || fd.body
		s.actor = s.actor || fd.actor
	}
	if w != nil {
		var err error
		if s.from, s.to, err = w.times(); err != nil {
			return s, err
		}
	}
	return s, nil
}

// times reads the interval; both ends must be there and in order.
func (i Interval) times() (from, to time.Time, err error) {
	from, to = evidence.ParseTime(i.From), evidence.ParseTime(i.To)
	if from.IsZero() || to.IsZero() || !from.Before(to) {
		return from, to, fmt.Errorf("the window from %q to %q is not an interval", brief(i.From), brief(i.To))
	}
	return from, to, nil
}

// match says whether the event is selected.
func (s *selection) match(sub *subject) bool {
	t := sub.e.Time
	if !s.from.IsZero() && t.Before(s.from) || !s.to.IsZero() && !t.Before(s.to) {
		return false
	}
	for i := range s.conds {
		if !s.conds[i].holds(sub) {
			return false
		}
	}
	return true
}

// holds says whether any wanted value is one of the event's.
func (c *cond) holds(sub *subject) bool {
	for _, w := range c.want {
		if c.f.has(sub, w) {
			return true
		}
	}
	return false
}

// wants returns the values that the filter demands of a field, nil if none.
// Where a filter names one field by two names, both must hold of an event, and the
// first is returned. Callers use it to narrow what is read and to widen what must be
// covered; both stay right with a part of the conditions.
func (s *selection) wants(name string) []string {
	for _, c := range s.conds {
		if c.f.name == name {
			return c.want
		}
	}
	return nil
}

// key is equal for equal selections, so that each is evaluated once.
// The kind of a field follows from its name, so the name stands for it.
func (s *selection) key() string {
	parts := []any{stamp(s.from), stamp(s.to)}
	for _, c := range s.conds {
		want := append([]string(nil), c.want...)
		sort.Strings(want)
		parts = append(parts, c.f.name, want)
	}
	out, _ := json.Marshal(parts)
	return string(out)
}

// brief shortens foreign text for an error sentence.
func brief(s string) string {
	const most = 80
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
