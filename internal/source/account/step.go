package account

import (
	"context"
	"slices"
)

// scope says where a step is made.
type scope int

const (
	once      scope = iota // in one region: the answer is the same in all
	perRegion              // in every region that is wanted
)

// step is one call that gathers, with all of its pages.
type step struct {
	action string   // the permission that it needs
	also   []string // further permissions, of calls made for each thing that the first one named
	scope  scope
	org    bool // asked only with Options.Organization: it tells of other accounts
	run    func(ctx context.Context, g *gatherer, e *Entry) error
}

// steps are in the order in which they are made: what is quick and says most
// comes first, the log of events, at two calls a second, last.
var steps = slices.Concat(orgSteps, iamSteps, trailSteps, alertSteps, ec2Steps, costSteps, buildSteps, eventSteps)

// Actions lists every permission that gathering needs, sorted. Asking for one's
// own identity needs none.
func Actions() []string { return actions(func(s step) bool { return !s.org }) }

// OrgActions lists what gathering a whole organisation needs beyond Actions, but
// for sts:AssumeRole on the role in each member account.
func OrgActions() []string { return actions(func(s step) bool { return s.org }) }

// Questions lists the actions under which what was not answered is written down:
// of every step, and of entering a member account.
func Questions() []string {
	list := []string{regionsAction, memberAction}
	for _, s := range steps {
		list = append(list, s.action)
	}
	slices.Sort(list)
	return list
}

func actions(of func(step) bool) []string {
	list := []string{}
	if of(step{}) {
		list = append(list, regionsAction)
	}
	for _, s := range steps {
		if of(s) {
			list = append(append(list, s.action), s.also...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
