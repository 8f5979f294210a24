package sigma

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// modifiers is what stands after a field's name.
// At most one shape and one kind: two could be meant in either order.
type modifiers struct {
	shape    string // contains, startswith, endswith; "" is the whole value
	kind     string // re, cidr, exists, fieldref, lt, lte, gt, gte; "" is a pattern
	flags    string // of re
	all      bool
	negate   bool // neq
	cased    bool
	expand   bool
	somewhat bool // any modifier but all was given
}

// foreign are modifiers of Sigma that this engine has not, with the reason.
// By name and reason, as authors will ask why their rule is not taken.
var foreign = map[string]string{
	"base64": "CloudTrail has no field that is Base64 as a whole; use re", "base64offset": "CloudTrail has no field that is Base64 as a whole; use re",
	"utf16": "CloudTrail is UTF-8", "utf16le": "CloudTrail is UTF-8", "utf16be": "CloudTrail is UTF-8", "wide": "CloudTrail is UTF-8",
	"windash": "it is about Windows command lines",
	"minute":  "parts of dates are not taken out", "hour": "parts of dates are not taken out", "day": "parts of dates are not taken out",
	"week": "parts of dates are not taken out", "month": "parts of dates are not taken out", "year": "parts of dates are not taken out",
}

// fieldKey reads "requestParameters.userName|contains|all".
func fieldKey(n *yaml.Node, key string) (p path, m modifiers, err error) {
	name, rest, given := strings.Cut(key, "|")
	if name != "" {
		if p, err = fieldPath(n, name); err != nil {
			return nil, m, err
		}
	}
	if !given {
		return p, m, nil
	}
	for _, mod := range strings.Split(rest, "|") {
		if err := m.add(n, mod); err != nil {
			return nil, m, err
		}
	}
	return p, m, m.check(n)
}

// fieldPath takes a field's name apart. Keys with dots in them are found when the record is
// read, see step.
func fieldPath(n *yaml.Node, name string) (path, error) {
	if len(name) > maxPattern {
		return nil, faultAt(n, "the field name is longer than %d bytes", maxPattern)
	}
	p := path(strings.Split(name, "."))
	if len(p) > maxSteps {
		return nil, faultAt(n, "field %q has more than %d steps", short(name), maxSteps)
	}
	return p, nil
}

// add takes in one modifier. What Sigma has and this engine has not is refused with its
// reason, what nobody has as unknown.
func (m *modifiers) add(n *yaml.Node, mod string) error {
	set := func(slot *string, what string) error {
		if *slot != "" {
			return faultAt(n, "modifiers %q and %q exclude each other", *slot, what)
		}
		*slot = what
		return nil
	}
	m.somewhat = m.somewhat || mod != "all"
	switch mod {
	case "contains", "startswith", "endswith":
		return set(&m.shape, mod)
	case "re", "cidr", "exists", "fieldref", "lt", "lte", "gt", "gte":
		return set(&m.kind, mod)
	case "i", "m", "s":
		if m.kind != "re" {
			return faultAt(n, "modifier %q is only for re", mod)
		}
		m.flags += mod
	case "all":
		m.all = true
	case "neq":
		m.negate = true
	case "cased":
		m.cased = true
	case "expand":
		m.expand = true
	default:
		if why := foreign[mod]; why != "" {
			return faultAt(n, "modifier %q is not supported: %s", mod, why)
		}
		return faultAt(n, "modifier %q is not known", short(mod))
	}
	return nil
}

// check refuses combinations that could mean two things or nothing.
func (m *modifiers) check(n *yaml.Node) error {
	switch {
	case m.shape != "" && m.kind != "" && m.kind != "fieldref":
		return faultAt(n, "modifiers %q and %q exclude each other", m.shape, m.kind)
	case m.cased && m.kind != "" && m.kind != "fieldref" && m.kind != "re":
		return faultAt(n, "modifiers \"cased\" and %q exclude each other", m.kind)
	case m.cased && strings.Contains(m.flags, "i"):
		return faultAt(n, "modifiers \"cased\" and \"i\" exclude each other")
	case m.expand && m.kind != "" && m.kind != "cidr":
		return faultAt(n, "modifiers \"expand\" and %q cannot be combined", m.kind)
	case m.kind == "exists" && (m.all || m.negate):
		return faultAt(n, "modifier \"exists\" stands alone")
	case m.negate && m.all:
		return faultAt(n, "modifiers \"neq\" and \"all\" cannot be combined")
	}
	return nil
}

// keywordFit says whether the modifiers make sense without a field.
func (m *modifiers) keywordFit() bool {
	return m.shape != "startswith" && m.shape != "endswith" && slices.Contains([]string{"", "re"}, m.kind) && !m.negate
}
