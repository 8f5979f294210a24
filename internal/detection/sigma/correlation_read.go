package sigma

import (
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// correlation reads the mapping of that name. generate may stand beside it too, where older rules
// have it; the one inside counts.
// What it does not know it refuses: a correlation of which a part is not understood could
// count something else than its author meant.
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
		// "yes" is a text in YAML 1.2, and would be true to one author and false to another.
		if generate.Tag != "!!bool" || generate.Decode(&c.generate) != nil {
			return nil, faultAt(generate, "generate is true or false")
		}
	}
	if err := rd.bounds(c, cond); err != nil {
		return nil, err
	}
	return c, c.check(n, cond)
}

// names reads a list of rules or fields, at most limit, none twice.
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

// maxSpan is the longest timespan: a year, and its odd day.
const maxSpan = 366 * 24 * time.Hour

// timespan reads "15m". Ten bytes hold more than a year of seconds, so longer ones are refused
// unread.
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

// bounds reads the condition of a correlation, which may be missing.
func (rd *reader) bounds(c *correlation, n *yaml.Node) error {
	if n == nil {
		return nil
	}
	// Sigma allows an expression over the rules here, which this engine does not evaluate.
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

// aliases reads by which field each rule knows what group-by calls by one name.
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
