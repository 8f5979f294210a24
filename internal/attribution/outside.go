package attribution

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// letsIn says whether what a call asked for lets in an account that is not ours, or
// everybody: by a policy's Allow, or by a number or word in a list. What the call
// takes away from such a list lets nobody in.
func letsIn(v any, ours func(account string) bool) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["Statement"]; ok {
			text, err := json.Marshal(v)
			return err == nil && admits(text, ours)
		}
		for key, inner := range v {
			if k := strings.ToLower(key); strings.HasPrefix(k, "remove") || strings.HasSuffix(k, "toremove") {
				continue
			}
			if letsIn(inner, ours) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return letsIn(x, ours) })
	case string:
		text := strings.TrimSpace(v)
		if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "%7B") {
			return admits([]byte(text), ours)
		}
		return stranger(text, ours) || text == "all" || strings.HasSuffix(text, "/groups/global/AllUsers") || strings.HasSuffix(text, "/groups/global/AuthenticatedUsers")
	}
	return false
}

// admits says whether a policy allows anything to a stranger. "*" with a condition is
// mostly one's own network or organisation, and not held to be everybody.
func admits(document []byte, ours func(account string) bool) bool {
	doc, err := policy.Parse(document)
	if err != nil {
		return false
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Effect != policy.Allow || s.Principals == nil {
			continue
		}
		if s.Principals.Everyone && len(s.Conditions) == 0 || slices.ContainsFunc(s.Principals.AWS, func(p string) bool { return stranger(p, ours) }) {
			return true
		}
	}
	return false
}

// stranger says whether a text is the number of an account that is not ours, or the
// ARN of a principal in one.
func stranger(text string, ours func(account string) bool) bool {
	if arn, ok := policy.ParseARN(text); ok {
		if arn.Service != "iam" && arn.Service != "sts" {
			return false
		}
		text = arn.Account
	}
	return len(text) == 12 && strings.Trim(text, "0123456789") == "" && !ours(text)
}
