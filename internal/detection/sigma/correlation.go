package sigma

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// correlation is a rule about the matches of other rules.
type correlation struct {
	kind     string // event_count, value_count, temporal, temporal_ordered
	refs     []string
	rules    []*Rule // what refs name, after link
	groupBy  []string
	fields   []string // of value_count
	span     time.Duration
	bounds   []bound
	aliases  map[string]map[string]string // alias: rule: field
	generate bool
}

type bound struct {
	op string
	n  int
}

// holds says whether a count satisfies the condition.
func (c *correlation) holds(n int) bool {
	for _, b := range c.bounds {
		if b.op == "gt" && n <= b.n || b.op == "gte" && n < b.n || b.op == "lt" && n >= b.n || b.op == "lte" && n > b.n || b.op == "eq" && n != b.n {
			return false
		}
	}
	return n > 0
}

// capped says whether more events can make the condition false.
func (c *correlation) capped() bool {
	return slices.ContainsFunc(c.bounds, func(b bound) bool { return b.op[0] != 'g' })
}

func (rd *reader) correlation(n, generate *yaml.Node) (*correlation, error) {
	list, err := rd.entries(n)
	if err != nil {
		return nil, err
	}
	c := &correlation{aliases: map[string]map[string]string{}}
	var cond *yaml.Node
	for _, e := range list {
		switch e.key {
		case "type":
			c.kind = e.value.Value
		case "rules":
			c.refs, err = rd.names(e.value, maxRelated)
		case "group-by":
			c.groupBy, err = rd.names(e.value, maxGroupBy)
		case "timespan":
			c.span, err = timespan(e.value)
		case "condition":
			cond = e.value
		case "aliases":
			err = rd.aliases(c, e.value)
		case "generate":
			generate = e.value
		default:
			err = faultAt(e.at, "correlation: %q is not known", short(e.key))
		}
		if err != nil {
			return nil, err
		}
	}
	if generate != nil {
		if generate.Tag != "!!bool" || generate.Decode(&c.generate) != nil {
			return nil, faultAt(generate, "generate is true or false")
		}
	}
	if err := rd.bounds(c, cond); err != nil {
		return nil, err
	}
	return c, c.check(n, cond)
}

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

func (rd *reader) names(n *yaml.Node, limit int) ([]string, error) {
	list, err := rd.items(n)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, v := range list {
		switch {
		case v.Kind != yaml.ScalarNode || v.Value == "" || v.Tag == "!!null":
			return nil, faultAt(v, "a name is needed")
		case slices.Contains(out, v.Value):
			return nil, faultAt(v, "%q is given twice", short(v.Value))
		case len(out) == limit:
			return nil, faultAt(v, "more than %d names", limit)
		}
		if _, err := fieldPath(v, v.Value); err != nil {
			return nil, err
		}
		out = append(out, v.Value)
	}
	return out, nil
}

// units are those of Sigma but for months and years, which have no one length.
var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

const maxSpan = 366 * 24 * time.Hour

func timespan(n *yaml.Node) (time.Duration, error) {
	s := n.Value
	if n.Kind == yaml.ScalarNode && len(s) > 1 && len(s) <= 10 {
		count, err := strconv.Atoi(s[:len(s)-1])
		if unit := units[s[len(s)-1]]; err == nil && unit > 0 && count > 0 && time.Duration(count) <= maxSpan/unit {
			return time.Duration(count) * unit, nil
		}
	}
	return 0, faultAt(n, "timespan %q is not a number with s, m, h, d or w, of a year at most", short(s))
}

func (rd *reader) bounds(c *correlation, n *yaml.Node) error {
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return faultAt(n, "a correlation's condition in words is not supported: use gt, gte, lt, lte or eq")
	}
	list, err := rd.entries(n)
	if err != nil {
		return err
	}
	for _, e := range list {
		switch e.key {
		case "gt", "gte", "lt", "lte", "eq":
			var count int
			if e.value.Tag != "!!int" || e.value.Decode(&count) != nil || count < 0 {
				return faultAt(e.value, "%s wants a count", e.key)
			}
			c.bounds = append(c.bounds, bound{e.key, count})
		case "field":
			if c.fields, err = rd.names(e.value, maxGroupBy); err != nil {
				return err
			}
		default:
			return faultAt(e.at, "condition %q is not supported: gt, gte, lt, lte and eq are", short(e.key))
		}
	}
	return nil
}

func (rd *reader) aliases(c *correlation, n *yaml.Node) error {
	list, err := rd.entries(n)
	if err != nil {
		return err
	}
	for _, a := range list {
		of, err := rd.entries(a.value)
		if err != nil {
			return err
		}
		c.aliases[a.key] = map[string]string{}
		for _, e := range of {
			if _, err := fieldPath(e.value, e.value.Value); err != nil || e.value.Kind != yaml.ScalarNode || e.value.Value == "" {
				return faultAt(e.value, "alias %q wants the name of a field", short(a.key))
			}
			c.aliases[a.key][e.key] = e.value.Value
		}
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
