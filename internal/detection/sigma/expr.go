package sigma

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// expr is a condition, a selection or a part of one. It is two-valued: an
// absent field makes a comparison false, and its negation true.
type expr interface {
	eval(record map[string]any) bool
}

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

// matcher is what one value of a field is held against; any value that fits
// will do.
type matcher interface{ match(v any) bool }

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
type keyword struct{ m matcher }

func (k keyword) eval(r map[string]any) bool {
	return !leaves(r, func(v any) bool { return !k.m.match(v) })
}

// number is equal to a JSON number of its value and to a text that spells it the
// same: CloudTrail writes some numbers as text.
type number string

func (n number) match(v any) bool {
	switch v := v.(type) {
	case json.Number:
		c, ok := order(v.String(), string(n))
		return ok && c == 0
	case string:
		return v == string(n)
	}
	return false
}

// boolean is equal to a JSON boolean and to its name: CloudTrail writes
// mfaAuthenticated as text.
type boolean bool

func (b boolean) match(v any) bool {
	switch v := v.(type) {
	case bool:
		return v == bool(b)
	case string:
		return strings.EqualFold(v, strconv.FormatBool(bool(b)))
	}
	return false
}

// relation is lt, lte, gt or gte.
type relation struct{ op, than string }

func (q relation) match(v any) bool {
	switch v.(type) {
	case json.Number, string:
	default:
		return false
	}
	c, ok := order(text(v), q.than)
	return ok && (c < 0 && q.op[0] == 'l' || c > 0 && q.op[0] == 'g' || c == 0 && strings.HasSuffix(q.op, "e"))
}

type expression struct{ re *regexp.Regexp }

func (e expression) match(v any) bool { return e.re.MatchString(text(v)) }

type network netip.Prefix

func (n network) match(v any) bool {
	s, ok := v.(string)
	if !ok {
		return false
	}
	a, err := netip.ParseAddr(s)
	return err == nil && netip.Prefix(n).Contains(a.Unmap().WithZone(""))
}
