package sigma

import "go.yaml.in/yaml/v4"

// selection reads one search identifier: a map (all of its fields), a list of
// maps (any of them), or a list of keywords (any of them).
func (rd *reader) selection(n *yaml.Node) (expr, error) {
	n, err := rd.real(n)
	if err != nil {
		return nil, err
	}
	switch n.Kind {
	case yaml.MappingNode:
		return rd.fields(n)
	case yaml.ScalarNode:
		return rd.keywords(n, modifiers{})
	case yaml.SequenceNode:
		if len(n.Content) == 0 {
			return nil, faultAt(n, "the list is empty")
		}
		var any anyOf
		for _, item := range n.Content {
			if item, err = rd.real(item); err != nil {
				return nil, err
			}
			var e expr
			switch item.Kind {
			case yaml.MappingNode:
				e, err = rd.fields(item)
			case yaml.ScalarNode:
				e, err = rd.keywords(item, modifiers{})
			default:
				err = faultAt(item, "a list in a list has no meaning")
			}
			if err != nil {
				return nil, err
			}
			any = append(any, e)
		}
		return any, nil
	}
	return nil, faultAt(n, "a selection is a map or a list")
}

// fields reads a map: every field must fit. An empty one is refused rather than taken for "always",
// which is what it would mean.
func (rd *reader) fields(n *yaml.Node) (expr, error) {
	list, err := rd.entries(n)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, faultAt(n, "the selection is empty: it would match everything")
	}
	var all allOf
	for _, f := range list {
		p, m, err := fieldKey(f.at, f.key)
		if err != nil {
			return nil, err
		}
		var e expr
		if p == nil {
			e, err = rd.keywords(f.value, m)
		} else {
			e, err = rd.field(p, m, f.value)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// field is one field with its values: any of them, or with the modifier all
// every one of them, be it by different elements of an array.
func (rd *reader) field(p path, m modifiers, n *yaml.Node) (expr, error) {
	list, err := rd.items(n)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, faultAt(n, "field %q has an empty list", short(p.String()))
	}
	var exprs []expr
	for _, v := range list {
		es, err := rd.test(p, m, v)
		if err != nil {
			return nil, err
		}
		exprs = append(exprs, es)
	}
	var e expr = anyOf(exprs)
	switch {
	case m.all:
		e = allOf(exprs)
	case len(exprs) == 1:
		e = exprs[0]
	}
	if m.negate {
		e = not{e}
	}
	return e, nil
}

// test is one value of a field.
// Null is a test of its own: a field that is absent, null or an empty list.
func (rd *reader) test(p path, m modifiers, v *yaml.Node) (expr, error) {
	if v.Kind != yaml.ScalarNode {
		return nil, faultAt(v, "field %q: a value is text, a number, a boolean or null; fields within fields are written with dots", short(p.String()))
	}
	if rd.tests++; rd.tests > maxTests {
		return nil, faultAt(v, "the rule has more than %d values", maxTests)
	}
	switch {
	case m.kind == "exists":
		var want bool
		if v.Tag != "!!bool" || v.Decode(&want) != nil {
			return nil, faultAt(v, "exists wants true or false")
		}
		if want {
			return present{p}, nil
		}
		return not{present{p}}, nil
	case m.kind == "fieldref":
		other, err := fieldPath(v, v.Value)
		if err != nil || v.Value == "" || v.Tag == "!!null" {
			return nil, faultAt(v, "fieldref wants the name of a field")
		}
		return reference{p, other, m.shape == "endswith" || m.shape == "contains", m.shape == "startswith" || m.shape == "contains", m.cased}, nil
	case v.Tag == "!!null":
		if m.shape != "" || m.kind != "" || m.expand || m.cased {
			return nil, faultAt(v, "null takes no modifier")
		}
		return isNull{p}, nil
	}
	ms, err := rd.matchers(m, v)
	if err != nil {
		return nil, err
	}
	if len(ms) == 1 {
		return compare{p, ms[0]}, nil
	}
	var any anyOf
	for _, one := range ms {
		any = append(any, compare{p, one})
	}
	return any, nil
}

// keywords are texts that may stand in any value of the record.
// An empty keyword would be found in everything.
func (rd *reader) keywords(n *yaml.Node, m modifiers) (expr, error) {
	if !m.keywordFit() {
		return nil, faultAt(n, "keywords take only the modifiers all, contains, re, cased and expand")
	}
	list, err := rd.items(n)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, faultAt(n, "the list is empty")
	}
	// A keyword stands anywhere in a value.
	m.shape = "contains"
	if m.kind == "re" {
		m.shape = ""
	}
	var out []expr
	for _, v := range list {
		if rd.tests++; rd.tests > maxTests {
			return nil, faultAt(v, "the rule has more than %d values", maxTests)
		}
		if v.Kind != yaml.ScalarNode || v.Tag == "!!null" || v.Value == "" {
			return nil, faultAt(v, "a keyword is a text")
		}
		ms, err := rd.matchers(m, v)
		if err != nil {
			return nil, err
		}
		var any anyOf
		for _, one := range ms {
			any = append(any, keyword{one})
		}
		out = append(out, any)
	}
	if m.all {
		return allOf(out), nil
	}
	return anyOf(out), nil
}
