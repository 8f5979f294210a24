package sigma

import "strings"

// path is a field's name, taken apart at its dots.
type path []string

func (p path) String() string { return strings.Join(p, ".") }

// values appends what stands at the path: every element of every array on the
// way, objects as they are, nulls never.
// What stands at the end of a path and is a list gives its elements; a list in a list is one
// list.
// Null is no value: an absent and a null field are one thing to a rule.
func (p path) values(out []any, v any) []any {
	switch v := v.(type) {
	case nil:
		return out
	case []any:
		for _, el := range v {
			out = p.values(out, el)
		}
		return out
	case map[string]any:
		if len(p) == 0 {
			return append(out, v)
		}
		if w, n, ok := p.step(v); ok {
			return p[n:].values(out, w)
		}
		return out
	}
	if len(p) == 0 {
		return append(out, v)
	}
	return out
}

// exists says whether the field is there, be it null.
func (p path) exists(v any) bool {
	if len(p) == 0 {
		return true
	}
	switch v := v.(type) {
	case map[string]any:
		w, n, ok := p.step(v)
		return ok && p[n:].exists(w)
	case []any:
		for _, el := range v {
			if p.exists(el) {
				return true
			}
		}
	}
	return false
}

// step finds the next key. Keys of tags and policy conditions have dots
// themselves, so that longer keys are tried where the short one is absent.
func (p path) step(m map[string]any) (v any, n int, ok bool) {
	if v, ok = m[p[0]]; ok || len(p) == 1 {
		return v, 1, ok
	}
	// The shortest key that is there wins; the specification says nothing of it.
	key := p[0]
	for n = 2; n <= len(p); n++ {
		key += "." + p[n-1]
		if v, ok = m[key]; ok {
			return v, n, true
		}
	}
	return nil, 0, false
}

// leaves calls yield with every scalar of the record until it says stop, and returns whether it
// never did. Objects come in no order: a keyword fits somewhere or nowhere.
func leaves(v any, yield func(any) bool) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		for _, w := range v {
			if !leaves(w, yield) {
				return false
			}
		}
		return true
	case []any:
		for _, w := range v {
			if !leaves(w, yield) {
				return false
			}
		}
		return true
	}
	return yield(v)
}
