package sigma

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// matcher is what one value of a field is held against; any value that fits
// will do.
// A matcher sees single values: paths have taken lists apart.
type matcher interface{ match(v any) bool }

// matchers are what a value stands for: one, but for placeholders.
func (rd *reader) matchers(m modifiers, v *yaml.Node) ([]matcher, error) {
	texts := []string{v.Value}
	if m.expand {
		var err error
		if texts, err = rd.expansions(v, v.Value); err != nil {
			return nil, err
		}
		if rd.tests += len(texts); rd.tests > maxTests {
			return nil, faultAt(v, "placeholders expand to more than %d values", maxTests)
		}
	}
	var out []matcher
	for _, s := range texts {
		one, err := newMatcher(m, v, s)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// newMatcher makes the test of one value. A number or a boolean written as such in YAML is compared
// as one, but with a modifier that is about text it is text.
func newMatcher(m modifiers, v *yaml.Node, s string) (matcher, error) {
	if len(s) > maxPattern {
		return nil, faultAt(v, "a value is longer than %d bytes", maxPattern)
	}
	switch m.kind {
	case "re":
		if len(s) > maxRegexp {
			return nil, faultAt(v, "the expression is longer than %d bytes", maxRegexp)
		}
		flags := ""
		if m.flags != "" {
			flags = "(?" + m.flags + ")"
		}
		// RE2 has no look-around and no back-references; rules that need them are refused by name.
		re, err := regexp.Compile(flags + s)
		if err != nil {
			return nil, faultAt(v, "expression %q is not RE2: %s", short(s), strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		return expression{re}, nil
	case "cidr":
		return newNetwork(v, s)
	case "lt", "lte", "gt", "gte":
		if _, err := decimal(s); err != nil {
			return nil, faultAt(v, "%s wants a number, not %q", m.kind, short(s))
		}
		return relation{m.kind, s}, nil
	}
	// As Sigma has it: a number in a rule is a number, but "contains" makes it text.
	if m.shape == "" && !m.expand && !m.cased {
		switch v.Tag {
		case "!!int", "!!float":
			return number(s), nil
		case "!!bool":
			var b bool
			if err := v.Decode(&b); err != nil {
				return nil, faultAt(v, "%q is no boolean", short(s))
			}
			return boolean(b), nil
		}
	}
	return newPattern(s, m.shape == "endswith" || m.shape == "contains", m.shape == "startswith" || m.shape == "contains", m.cased), nil
}

// newNetwork reads a network or a single address, host bits cut off. One of IPv4 in IPv6 dress is
// the IPv4 network, as CloudTrail writes addresses.
func newNetwork(v *yaml.Node, s string) (matcher, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		s = netip.PrefixFrom(a.WithZone(""), a.BitLen()).String()
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return nil, faultAt(v, "%q is not a network", short(s))
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return network(p.Masked()), nil
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
	// Booleans and objects are in no order.
	switch v.(type) {
	case json.Number, string:
	default:
		return false
	}
	c, ok := order(text(v), q.than)
	return ok && (c < 0 && q.op[0] == 'l' || c > 0 && q.op[0] == 'g' || c == 0 && strings.HasSuffix(q.op, "e"))
}

// expression is an RE2: it takes time linear in the text, whatever the rule's author wrote.
type expression struct{ re *regexp.Regexp }

func (e expression) match(v any) bool { return e.re.MatchString(text(v)) }

// network holds for addresses inside it; "AWS Internal" and names of services are in no network.
type network netip.Prefix

func (n network) match(v any) bool {
	s, ok := v.(string)
	if !ok {
		return false
	}
	a, err := netip.ParseAddr(s)
	return err == nil && netip.Prefix(n).Contains(a.Unmap().WithZone(""))
}
