package sigma

import (
	"slices"
	"strings"
)

// expr is a condition, a selection or a part of one. It is two-valued: an
// absent field makes a comparison false, and its negation true.
// An expression holds no state, so that one is used for all events.
type expr interface {
	eval(record map[string]any) bool
}

// allOf of nothing holds and anyOf of nothing does not; the reader makes neither.
type (
	allOf []expr
	anyOf []expr
	not   struct{ expr }
)

func (a allOf) eval(r map[string]any) bool {
	for _, e := range a {
		if !e.eval(r) {
			return false
		}
	}
	return true
}

func (a anyOf) eval(r map[string]any) bool {
	for _, e := range a {
		if e.eval(r) {
			return true
		}
	}
	return false
}

func (n not) eval(r map[string]any) bool { return !n.expr.eval(r) }

// compare is one field with one value of the rule.
type compare struct {
	path path
	m    matcher
}

func (c compare) eval(r map[string]any) bool {
	var room [4]any
	return slices.ContainsFunc(c.path.values(room[:0], r), c.m.match)
}

// isNull holds where the path leads to no value: absent, null, or a list of
// nothing.
type isNull struct{ path path }

func (n isNull) eval(r map[string]any) bool {
	var room [4]any
	return len(n.path.values(room[:0], r)) == 0
}

// present is the modifier exists: the field is there, be it null.
// Unlike a comparison it sees a null, which is why path has a walk of its own for it.
type present struct{ path path }

func (p present) eval(r map[string]any) bool { return p.path.exists(r) }

// reference compares two fields of the same event.
type reference struct {
	path, other   path
	before, after bool // text may stand before, after the other's
	cased         bool
}

func (f reference) eval(r map[string]any) bool {
	values, others := f.path.values(nil, r), f.other.values(nil, r)
	// Any value of the one with any of the other, as any value of a field does elsewhere.
	for _, v := range values {
		s := text(v)
		if !f.cased {
			s = fold(s)
		}
		for _, o := range others {
			t := text(o)
			if !f.cased {
				t = fold(t)
			}
			if f.before && f.after && strings.Contains(s, t) || f.before && strings.HasSuffix(s, t) ||
				f.after && strings.HasPrefix(s, t) || s == t {
				return true
			}
		}
	}
	return false
}

// keyword looks at every value of the record, not at the names of its fields.
// Rules with keywords alone cannot be indexed: they meet every event.
type keyword struct{ m matcher }

func (k keyword) eval(r map[string]any) bool {
	return !leaves(r, func(v any) bool { return !k.m.match(v) })
}
