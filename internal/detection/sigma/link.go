package sigma

import (
	"fmt"
	"slices"
)

// link finds the rules that correlations speak of, refuses correlations that
// lack one or lead back to themselves, and puts the others in an order in which
// each comes after those it needs.
func (p *Pack) link() {
	by := map[string]*Rule{}
	for _, r := range p.Rules {
		by[r.ID], by[r.Name] = r, r
	}
	// Rules without an id or name would all be called so.
	delete(by, "")
	done := map[*Rule]bool{}
	broken := map[*Rule]string{}
	for _, r := range p.Rules {
		done[r] = !r.IsCorrelation()
	}
	// Each round settles the correlations whose rules are all settled; what is
	// left after the last possible round is a circle or too long a chain.
	// At least one is settled in a round, or none ever will be.
	for range maxChain {
		var now []*Rule
		for _, r := range p.Rules {
			if done[r] || broken[r] != "" {
				continue
			}
			if ready, why := r.corr.resolve(by, done, broken); why != "" {
				broken[r] = why
			} else if ready {
				now = append(now, r)
			}
		}
		for _, r := range now {
			done[r] = true
			p.ordered = append(p.ordered, r)
		}
	}
	p.keep(func(r *Rule) string {
		if !done[r] && broken[r] == "" {
			return fmt.Sprintf("its correlations speak of each other in a circle, or more than %d deep", maxChain)
		}
		return broken[r]
	})
	p.silence()
	p.want()
}

// resolve finds the rules of one correlation. It is ready when all of them are done; why is given
// when it never will be.
func (c *correlation) resolve(by map[string]*Rule, done map[*Rule]bool, broken map[*Rule]string) (ready bool, why string) {
	// Begun anew in each round: a round that found some rules undone left a part of the list.
	c.rules = nil
	for _, ref := range c.refs {
		r := by[ref]
		switch {
		case r == nil:
			return false, fmt.Sprintf("there is no usable rule with the id or name %q", short(ref))
		case broken[r] != "":
			return false, fmt.Sprintf("the correlation %q was refused", short(ref))
		case slices.Contains(c.rules, r):
			return false, fmt.Sprintf("it names the rule %q twice", short(r.Title))
		case !done[r]:
			return false, ""
		}
		c.rules = append(c.rules, r)
	}
	for _, name := range slices.Concat(c.groupBy, c.fields) {
		for _, r := range c.rules {
			if _, err := c.fieldOf(r, name); err != nil {
				return false, err.Error()
			}
		}
	}
	return true, ""
}

// silence keeps rules quiet that only feed correlations, as the specification
// has it, unless one of those says generate: true.
func (p *Pack) silence() {
	loud := map[*Rule]bool{}
	for _, c := range p.ordered {
		for _, r := range c.corr.rules {
			r.feeds, r.silent = true, true
			loud[r] = loud[r] || c.corr.generate
		}
	}
	for r := range loud {
		r.silent = r.silent && !loud[r]
	}
}

// want tells each rule which fields the correlations above it will ask for.
// Correlations are walked from the outermost in, so that what one is asked for
// reaches the rules below it.
// Only what is asked for is kept of an event, see take.
func (p *Pack) want() {
	p.wanted = map[*Rule][]path{}
	ask := func(c *correlation, name string) {
		for _, r := range c.rules {
			f, err := c.fieldOf(r, name)
			if err != nil {
				continue // an inner alias that is silent: the field stays empty
			}
			if fp, err := fieldPath(nil, f); err == nil && !slices.ContainsFunc(p.wanted[r], func(q path) bool { return slices.Equal(q, fp) }) {
				p.wanted[r] = append(p.wanted[r], fp)
			}
		}
	}
	for _, r := range slices.Backward(p.ordered) {
		for _, name := range slices.Concat(r.corr.groupBy, r.corr.fields) {
			ask(r.corr, name)
		}
		for _, fp := range p.wanted[r] {
			if name := fp.String(); !slices.Contains(r.corr.groupBy, name) {
				ask(r.corr, name)
			}
		}
	}
}
