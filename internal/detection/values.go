package detection

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Bounds on what one condition looks at; a record may hold 16 MB.
const (
	maxDepth   = 32
	maxScalars = 20_000
)

// plain copies a record into what CEL understands: nulls gone, so that an
// absent and a null field are one thing; numbers as int64 or float64.
func plain(v any, depth int) any {
	if depth > maxDepth {
		return nil
	}
	switch v := v.(type) {
	case evidence.Record:
		return plain(map[string]any(v), depth)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, el := range v {
			if p := plain(el, depth+1); p != nil {
				out[k] = p
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, el := range v {
			if p := plain(el, depth+1); p != nil {
				out = append(out, p)
			}
		}
		return out
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil || math.IsInf(f, 0) {
			return string(v)
		}
		return f
	case string, bool:
		return v
	}
	return nil
}

// scalar is a scalar as text, as JSON spells it.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// walk visits every scalar below v with the key it stands under (that of the
// enclosing object, through arrays), keys in sorted order.
func walk(v any, visit func(key, text string)) {
	left := maxScalars
	walkBelow("", v, 0, &left, visit)
}

// walkBelow is walk at some depth; left is how many scalars may still be visited.
func walkBelow(key string, v any, depth int, left *int, visit func(key, text string)) {
	if depth > maxDepth || *left <= 0 {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			walkBelow(k, v[k], depth+1, left, visit)
		}
	case []any:
		for _, el := range v {
			walkBelow(key, el, depth+1, left, visit)
		}
	default:
		if s, ok := scalar(v); ok {
			*left--
			visit(key, s)
		}
	}
}

// scalars lists every scalar below v as text.
func scalars(v any) []string {
	var out []string
	walk(v, func(_, s string) { out = append(out, s) })
	return out
}

// under lists the scalars that stand below v under the key, in any depth. It is
// for parameters that AWS writes in several shapes (security group rules,
// instance sets). Keys are compared without case, as services disagree.
func under(v any, key string) []string {
	var out []string
	walk(v, func(k, s string) {
		if strings.EqualFold(k, key) {
			out = append(out, s)
		}
	})
	return out
}

// mentions says whether the key stands anywhere below v, whatever its value.
func mentions(v any, key string, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		for k, el := range v {
			if strings.EqualFold(k, key) || mentions(el, key, depth+1) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(el any) bool { return mentions(el, key, depth+1) })
	}
	return false
}

// at lists the scalars at a dotted path below v, stepping into every array.
func at(v any, path string) []string {
	vals := []any{v}
	for step := range strings.SplitSeq(path, ".") {
		var next []any
		for _, v := range vals {
			next = appendStep(next, v, step)
		}
		vals = next
	}
	var out []string
	for _, v := range vals {
		if list, ok := v.([]any); ok {
			for _, el := range list {
				if s, ok := scalar(el); ok {
					out = append(out, s)
				}
			}
		} else if s, ok := scalar(v); ok {
			out = append(out, s)
		}
	}
	return out
}

// appendStep takes one step from v, into every element of an array.
func appendStep(out []any, v any, step string) []any {
	switch v := v.(type) {
	case map[string]any:
		if w, ok := v[step]; ok && w != nil && len(out) < maxScalars {
			return append(out, w)
		}
	case []any:
		for _, el := range v {
			out = appendStep(out, el, step)
		}
	}
	return out
}

// externalAccount says whether a value names an account that is not one of
// ours, or holds a policy document that lets one in. A document is judged as
// one: an outside account that it denies is not let in.
func externalAccount(v any, ours []string) bool { return externalBelow(v, ours, 0) }

// externalBelow is externalAccount at some depth. Order does not matter: one that is let in is
// enough.
func externalBelow(v any, ours []string, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		if v["Statement"] != nil {
			return policyExternal(v, ours)
		}
		for _, el := range v {
			if externalBelow(el, ours, depth+1) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(el any) bool { return externalBelow(el, ours, depth+1) })
	default:
		s, _ := scalar(v)
		if strings.HasPrefix(s, "{") || strings.HasPrefix(s, "%7B") {
			return policyExternal(s, ours)
		}
		return foreign(s, ours)
	}
	return false
}

// anyPublic says whether a value opens something to everybody: a range that
// ends in /0, the group "all" of images and snapshots, the global groups and
// canned ACLs of S3, the principal "*", or a policy document that does. A
// document is judged as one: a Deny of "*" opens nothing.
func anyPublic(v any) bool { return publicBelow("", v, 0) }

// publicBelow is anyPublic at some depth; key is that of the enclosing object, in small
// letters.
func publicBelow(key string, v any, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		if v["Statement"] != nil {
			return policyPublic(v)
		}
		for k, el := range v {
			if publicBelow(strings.ToLower(k), el, depth+1) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(el any) bool { return publicBelow(key, el, depth+1) })
	case string:
		return publicText(key, v)
	}
	return false
}

// publicText judges one text by itself and by the key that it stands under: "all" opens a
// snapshot and is a word elsewhere.
func publicText(key, s string) bool {
	switch {
	case strings.HasPrefix(s, "{"), strings.HasPrefix(s, "%7B"):
		return policyPublic(s)
	case strings.HasSuffix(s, "/0"):
		return strings.ContainsAny(s, ".:")
	case s == "all":
		return strings.HasPrefix(key, "group") || strings.HasPrefix(key, "valuestoadd")
	case s == "*":
		return key == "principal" || key == "aws" || key == "principals"
	case strings.HasSuffix(key, "acl"):
		return slices.Contains([]string{"public-read", "public-read-write", "authenticated-read"}, s)
	}
	return strings.HasSuffix(s, "/groups/global/AllUsers") || strings.HasSuffix(s, "/groups/global/AuthenticatedUsers")
}
