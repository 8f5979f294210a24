package sigma

import (
	"fmt"
	"slices"
	"strings"
)

// condition reads Sigma's condition: from the least binding to the most, or,
// and, not, "1 of x*" and "all of x*", brackets.
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

// tokenize splits a condition. A pipe begins what Sigma withdrew: aggregations
// and near.
func tokenize(s string) ([]string, error) {
	if head, rest, ok := strings.Cut(s, "|"); ok {
		name := strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '(' })
		if len(name) == 0 {
			return nil, fmt.Errorf("condition: nothing follows the pipe after %q", short(head))
		}
		what := short(name[0])
		if what == "near" {
			return nil, fmt.Errorf("condition: %q was withdrawn from Sigma: write a correlation of type temporal", what)
		}
		return nil, fmt.Errorf("condition: the aggregation %q was withdrawn from Sigma: write a correlation of type event_count or value_count", what)
	}
	var out []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '(' || c == ')':
			out = append(out, s[i:i+1])
			i++
		default:
			n := strings.IndexAny(s[i:], " \t\r\n()")
			if n < 0 {
				n = len(s) - i
			}
			out = append(out, s[i:i+n])
			i += n
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("condition: it is empty")
	}
	return out, nil
}

type parser struct {
	tokens     []string
	selections map[string]expr
	picked     int // selections that patterns stood for, so far
}

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
	if len(any) == 1 {
		return any[0], nil
	}
	return any, nil
}

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
