package policy

import (
	"slices"
	"strings"
)

// Condition is one operator with one key and its values.
type Condition struct {
	Operator string // as written: "ForAnyValue:StringLikeIfExists"
	Key      string
	Values   []string

	set      set
	ifExists bool
	op       operator
	known    bool
}

// set says how the values of a key with several are to be taken.
type set int

const (
	single set = iota
	forAll
	forAny
)

func newCondition(op, key string, values []string) Condition {
	c := Condition{Operator: op, Key: key, Values: values}
	// IAM takes operators in any case.
	name := strings.ToLower(op)
	if rest, ok := strings.CutPrefix(name, "forallvalues:"); ok {
		c.set, name = forAll, rest
	} else if rest, ok := strings.CutPrefix(name, "foranyvalue:"); ok {
		c.set, name = forAny, rest
	}
	if rest, ok := strings.CutSuffix(name, "ifexists"); ok {
		c.ifExists, name = true, rest
	}
	c.op, c.known = operators[name]
	return c
}

// holds says whether the request's context fulfils the condition.
func (c *Condition) holds(ctx *Context, variables bool) Answer {
	if !c.known {
		return unknown("the condition operator " + c.Operator + " is not known")
	}
	have, truth := ctx.Lookup(c.Key)
	if c.op.null {
		return c.isNull(truth)
	}
	if truth == Unknown {
		// ForAllValues holds for a missing key, IfExists too; of a key that may be
		// there nothing follows.
		return unknown("the condition key " + c.Key + " of the request is not known (" + c.String() + ")")
	}
	// A key without any value, or with an empty one, is an empty set.
	empty := truth == No || len(have) == 0
	if c.set == forAll && (empty || !slices.ContainsFunc(have, func(v string) bool { return v != "" })) {
		return yes()
	}
	if empty {
		switch {
		case c.ifExists:
			return yes()
		case c.set == forAny:
			return no()
		}
		// A missing key matches no value, so a negated operator holds. Source: IAM
		// User Guide, "IAM JSON policy elements: Condition operators".
		return decided(c.op.negated)
	}
	return c.over(have, ctx, variables)
}

// over asks each value of the request and joins the answers as the set operator
// says.
func (c *Condition) over(have []string, ctx *Context, variables bool) Answer {
	var answers []Answer
	for _, v := range have {
		answers = append(answers, c.one(v, ctx, variables))
	}
	all, some := yes(), no()
	for _, a := range answers {
		all, some = all.And(a), some.Or(a)
	}
	switch {
	case c.set == forAll:
		return all
	case c.set == forAny || len(answers) == 1:
		return some
	// IAM does not define what a single-valued operator does with several values; if
	// all of them agree it does not matter.
	case all.Truth == some.Truth:
		return all
	}
	return unknown("the key " + c.Key + " has several values, and " + c.Operator + " is for one")
}

// one compares one value of the request with all of the policy's: any may match;
// a negated operator wants that none does.
func (c *Condition) one(have string, ctx *Context, variables bool) Answer {
	match := no()
	for _, want := range c.Values {
		match = match.Or(c.compare(have, want, ctx, variables))
	}
	if c.op.negated {
		return match.Not()
	}
	return match
}

func (c *Condition) compare(have, want string, ctx *Context, variables bool) Answer {
	if !c.op.text {
		return decided(c.op.match(have, want))
	}
	if !variables || !hasVariable(want) {
		if c.op.wild {
			return decided(c.op.glob(have, NewGlob(want)))
		}
		return decided(c.op.glob(have, literal(want)))
	}
	g, a := expand(want, ctx, c.op.wild)
	switch {
	case a.Truth == No:
		return a // a variable without a value is equal to nothing, so a negated operator holds
	case !c.op.glob(have, g):
		return no() // not even with the unknown parts wide open
	}
	return a
}

// isNull answers Null: "true" wants the key absent, "false" present.
func (c *Condition) isNull(truth Truth) Answer {
	if truth == Unknown {
		return unknown("whether the request carries the condition key " + c.Key + " is not known")
	}
	for _, v := range c.Values {
		if strings.EqualFold(v, "true") && truth == No || strings.EqualFold(v, "false") && truth == Yes {
			return yes()
		}
	}
	return no()
}

// String writes the condition in one line.
func (c *Condition) String() string {
	values := strings.Join(c.Values, ", ")
	if len(values) > 120 {
		// Cut in bytes, which may cut a character in two.
		values = strings.ToValidUTF8(values[:120], "") + "…"
	}
	return c.Operator + " " + c.Key + " " + values
}
