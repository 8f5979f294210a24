package sigma

import (
	"fmt"
	"slices"
	"strings"
)

// condition reads Sigma's condition: from the least binding to the most, or,
// and, not, "1 of x*" and "all of x*", brackets.
// The selections are all read before it, so that a name that is not there is a fault of the
// rule and not silence.
func condition(s string, selections map[string]expr) (expr, error) {
	if len(s) > maxCondition {
		return nil, fmt.Errorf("the condition is longer than %d bytes", maxCondition)
	}
	tokens, err := tokenize(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, selections: selections}
	e, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t != "" {
		return nil, fmt.Errorf("condition: %q is not expected", short(t))
	}
	return e, nil
}

// parser reads by recursive descent, one method for each level of binding.
// The levels, from the least binding: or, and, not, and what stands by itself.
type parser struct {
	tokens     []string
	selections map[string]expr
	picked     int // selections that patterns stood for, so far
}

// peek is the next word, "" at the end; no word is empty.
func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

// take consumes the word, in either case.
func (p *parser) take(word string) bool {
	if !strings.EqualFold(p.peek(), word) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

// or is what binds least; depth counts the brackets and negations around it, which a hostile rule
// could pile up until the stack is gone.
func (p *parser) or(depth int) (expr, error) {
	var any anyOf
	for {
		e, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		any = append(any, e)
		if !p.take("or") {
			break
		}
	}
	// One alone stands for itself: pins looks through fewer layers.
	if len(any) == 1 {
		return any[0], nil
	}
	return any, nil
}

// and binds more than or and less than not.
func (p *parser) and(depth int) (expr, error) {
	var all allOf
	for {
		e, err := p.not(depth)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if !p.take("and") {
			break
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// not binds to the one word, bracket or "of" that follows it.
func (p *parser) not(depth int) (expr, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("condition: more than %d brackets and negations in each other", maxDepth)
	}
	if p.take("not") {
		e, err := p.not(depth + 1)
		if err != nil {
			return nil, err
		}
		return not{e}, nil
	}
	return p.primary(depth)
}

// primary is a selection by name, a bracket, or "1 of …".
func (p *parser) primary(depth int) (expr, error) {
	if len(p.tokens) == 0 {
		return nil, fmt.Errorf("condition: it ends where a selection is needed")
	}
	word := p.tokens[0]
	p.tokens = p.tokens[1:]
	if word == "(" {
		e, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, fmt.Errorf("condition: a bracket is not closed")
		}
		return e, nil
	}
	// The word before "of" is a quantity and no name: it is not looked up.
	if strings.EqualFold(p.peek(), "of") {
		p.tokens = p.tokens[1:]
		return p.of(word)
	}
	switch strings.ToLower(word) {
	case ")", "and", "or", "of":
		return nil, fmt.Errorf("condition: %q stands where a selection is needed", word)
	}
	e, ok := p.selections[word]
	if !ok {
		return nil, fmt.Errorf("condition: there is no selection %q", short(word))
	}
	return e, nil
}

// of is "1 of" or "all of" those whose names fit. Names that begin with an
// underscore are left out of "them", as the specification has it.
func (p *parser) of(quantity string) (expr, error) {
	pattern := p.peek()
	if pattern == "" || pattern == "(" || pattern == ")" {
		return nil, fmt.Errorf("condition: %q wants the names of selections, or them", short(quantity)+" of")
	}
	p.tokens = p.tokens[1:]
	them := strings.EqualFold(pattern, "them")
	// Names of selections are told apart by case, as YAML keys are.
	fits := newPattern(pattern, false, false, true)
	var names []string
	for name := range p.selections {
		if them && !strings.HasPrefix(name, "_") || !them && fits.fits(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("condition: no selection fits %q", short(pattern))
	}
	// The map's order must not show in the expression.
	slices.Sort(names)
	if p.picked += len(names); p.picked > maxPicked {
		return nil, fmt.Errorf("condition: it names selections more than %d times", maxPicked)
	}
	var list []expr
	for _, name := range names {
		list = append(list, p.selections[name])
	}
	switch strings.ToLower(quantity) {
	case "1", "any":
		return anyOf(list), nil
	case "all":
		return allOf(list), nil
	}
	return nil, fmt.Errorf("condition: %q is not supported: 1 of, any of and all of are", short(quantity)+" of")
}
