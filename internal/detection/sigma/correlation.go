package sigma

import (
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"
)

// correlation is a rule about the matches of other rules.
// It is read from YAML, completed by link, and immutable after that.
type correlation struct {
	kind     string   // event_count, value_count, temporal, temporal_ordered
	refs     []string // ids or names of rules, as written
	rules    []*Rule  // what refs name, after link
	groupBy  []string
	fields   []string // of value_count
	span     time.Duration
	bounds   []bound
	aliases  map[string]map[string]string // alias: rule: field
	generate bool                         // the rules below give alerts of their own too
}

// bound is one comparison of a condition: gt, gte, lt, lte or eq n.
type bound struct {
	op string
	n  int
}

// holds says whether a count satisfies the condition.
func (c *correlation) holds(n int) bool {
	for _, b := range c.bounds {
		// Each bound that fails makes the whole false; several are a range.
		if b.op == "gt" && n <= b.n || b.op == "gte" && n < b.n || b.op == "lt" && n >= b.n || b.op == "lte" && n > b.n || b.op == "eq" && n != b.n {
			return false
		}
	}
	return n > 0 // "fewer than five" of nothing at all is no match
}

// capped says whether more events can make the condition false.
func (c *correlation) capped() bool {
	return slices.ContainsFunc(c.bounds, func(b bound) bool { return b.op[0] != 'g' })
}

// check refuses what is incomplete or could mean two things, and gives temporal kinds the condition
// they have by default: all of the rules.
func (c *correlation) check(n, cond *yaml.Node) error {
	switch c.kind {
	case "event_count", "value_count":
		if len(c.bounds) == 0 {
			return faultAt(n, "%s needs a condition", c.kind)
		}
	case "temporal", "temporal_ordered":
		if len(c.refs) < 2 {
			return faultAt(n, "%s needs two rules or more", c.kind)
		}
		if len(c.bounds) == 0 {
			c.bounds = []bound{{"gte", len(c.refs)}}
		}
		if all := len(c.refs); c.kind == "temporal_ordered" && (!c.holds(all) || c.holds(all-1)) {
			return faultAt(cond, "temporal_ordered wants all of its rules: leave the condition out")
		}
	// Known to Sigma and not to this engine: by its own name, so that nobody looks for a typing
	// mistake.
	case "value_sum", "value_avg", "value_percentile", "value_median", "value_min", "value_max":
		return faultAt(n, "correlation type %q is not supported", c.kind)
	default:
		return faultAt(n, "correlation type %q is not known", short(c.kind))
	}
	switch {
	case c.kind == "value_count" && len(c.fields) == 0:
		return faultAt(n, "value_count needs a field in its condition")
	case c.kind != "value_count" && len(c.fields) > 0:
		return faultAt(cond, "%s counts no field", c.kind)
	case len(c.refs) == 0:
		return faultAt(n, "the correlation names no rules")
	case c.span == 0:
		return faultAt(n, "the correlation has no timespan")
	}
	return nil
}

// fieldOf is the field that a name of the correlation stands for in the events
// of one of its rules.
func (c *correlation) fieldOf(r *Rule, name string) (string, error) {
	of, ok := c.aliases[name]
	if !ok {
		return name, nil
	}
	for _, key := range []string{r.Name, r.ID} {
		if f := of[key]; f != "" && key != "" {
			return f, nil
		}
	}
	return "", fmt.Errorf("alias %q says nothing of the rule %q", short(name), short(r.Title))
}
