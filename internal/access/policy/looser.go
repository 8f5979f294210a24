package policy

import (
	"net/netip"
	"slices"
	"strings"
)

// looser says whether conditions let through what those before held back: No if
// each of those before is still asked, or something stricter is; Unknown, with
// the reason, if the two cannot be compared.
func looser(before, now []Condition) (Truth, string) {
	answer, why := No, ""
	for i := range before {
		c := &before[i]
		truth, named := Yes, false
		for j := range now {
			if !strings.EqualFold(now[j].Key, c.Key) {
				continue
			}
			named = true
			switch got := now[j].implies(c); {
			case got == Yes:
				truth = No // this one is still asked
			case got == Unknown && truth == Yes:
				truth = Unknown
			}
		}
		switch {
		case truth == Yes && named:
			return Yes, "the condition on " + c.Key + " lets through what it held back before"
		case truth == Yes:
			return Yes, "the condition on " + c.Key + " is gone"
		case truth == Unknown:
			answer, why = Unknown, "the condition on "+c.Key+" is put otherwise than before, and which asks for more is not told"
		}
	}
	return answer, why
}

// implies says whether whatever fulfils the condition fulfils the other, on the
// same key.
func (c *Condition) implies(o *Condition) Truth {
	if !c.known || !o.known || c.set != o.set {
		return Unknown
	}
	if strings.EqualFold(c.Operator, o.Operator) && slices.Equal(sorted(c.Values), sorted(o.Values)) {
		return Yes
	}
	if c.op.null || o.op.null {
		return Unknown // that a key is there, and what it holds, are two things
	}
	if c.op.negated != o.op.negated {
		return Unknown
	}
	answer := Yes
	weigh := func(by *Condition, v string, of *Condition) {
		t := by.holdsValue(v, of)
		if t == No || t == Unknown && answer == Yes {
			answer = t
		}
	}
	if c.op.negated { // it must rule out all that the other rules out
		for _, v := range o.Values {
			weigh(c, v, o)
		}
	} else {
		for _, v := range c.Values {
			weigh(o, v, c)
		}
	}
	if c.ifExists && !o.ifExists && answer == Yes && !c.op.negated {
		return No // a request without the key comes through now
	}
	return answer
}

// holdsValue says whether some value of the condition stands for all that the
// value of the other does.
func (c *Condition) holdsValue(v string, of *Condition) Truth {
	answer := No
	for _, w := range c.Values {
		switch c.stands(w, v, of) {
		case Yes:
			return Yes
		case Unknown:
			answer = Unknown
		}
	}
	return answer
}

func (c *Condition) stands(w, v string, of *Condition) Truth {
	name := strings.ToLower(c.Operator)
	switch {
	case w == v && c.op.wild == of.op.wild:
		return Yes
	case hasVariable(w) || hasVariable(v):
		return Unknown
	case c.op.text && of.op.text:
		if strings.Contains(name, "ignorecase") {
			w, v = strings.ToLower(w), strings.ToLower(v)
		}
		return decided(c.glob(w).Covers(of.glob(v))).Truth
	case strings.Contains(name, "ipaddress"):
		return decided(containsNet(w, v)).Truth
	case strings.EqualFold(w, v), strings.Contains(name, "bool"):
		return decided(strings.EqualFold(w, v)).Truth
	}
	return Unknown // numbers and dates, whose order is not followed
}

// glob is a value as the condition that holds it takes it.
func (c *Condition) glob(v string) Glob {
	if c.op.wild {
		return NewGlob(v)
	}
	return literal(v)
}

// containsNet says whether a network, or an address, lies within another.
func containsNet(w, v string) bool {
	read := func(s string) (netip.Prefix, bool) {
		if p, err := netip.ParsePrefix(s); err == nil {
			return p, true
		}
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	outer, ok := read(w)
	inner, good := read(v)
	return ok && good && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}
