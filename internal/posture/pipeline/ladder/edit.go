package ladder

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/rx"
)

// Rung is a step of the ladder.
type Rung int

// The rungs.
const (
	Open   Rung = iota // pull requests build unasked
	Push               // pushes only
	Branch             // pushes to named branches
	Gate               // pull requests of listed contributors, or after a comment
)

// Target is what a plan aims at.
type Target struct {
	Rung         Rung
	Branches     []string // of rung 2, as patterns of a branch name; default main, develop, release/.*
	Contributors []string // of rung 3: account ids at the provider
	Approval     bool     // of rung 3: a comment of somebody who may write
}

// DefaultBranches are those of the hardening guide.
var DefaultBranches = []string{"main", "develop", "release/.*"}

// untrusted are the events that an author of a pull request causes alone.
// A merge is missing on purpose: only somebody who may write causes one.
var untrusted = []string{model.PRCreated, model.PRUpdated, model.PRReopened, model.PRClosed}

// pullOnly are filters that only pull requests can pass.
var pullOnly = []string{model.BaseRef}

// apply computes the smallest edit of s that reaches the target. Notes say what
// of the old state was dropped or rewritten.
// s is left as it was. An error says in words why the target cannot be reached.
func (t Target) apply(s State, provider string) (after State, notes []string, err error) {
	after = s.Clone()
	switch t.Rung {
	case Push:
		notes = after.pushOnly()
	case Branch:
		notes = after.pushOnly()
		more, err := after.branches(t.Branches)
		if err != nil {
			return s, nil, err
		}
		notes = append(notes, more...)
	case Gate:
		switch {
		// Both at once would make a build need a listed author and a comment; which
		// of the two a later step should take away nobody could tell.
		case t.Approval && len(t.Contributors) > 0:
			return s, nil, errors.New("choose contributors or approval, one step at a time")
		case t.Approval:
			notes, err = after.approval(provider)
		case len(t.Contributors) > 0:
			notes, err = after.contributors(t.Contributors, provider)
		default:
			err = errors.New("rung 3 needs to know whom to let in: contributors by account id, or whoever a writer approves by comment")
		}
		if err != nil {
			return s, nil, err
		}
	default:
		return s, nil, fmt.Errorf("there is no rung %d", t.Rung)
	}
	return after, notes, nil
}

// split is the events of a group and its other filters. A group without an event
// filter takes every event.
func split(g []Filter) (events []string, rest []Filter) {
	events = slices.Clone(model.Events)
	// A group without an event filter is taken not to run workflow jobs; of one that
	// only leaves events out see leavesJobs.
	events = slices.DeleteFunc(events, func(e string) bool { return e == model.WorkflowQueue })
	seen := false
	for _, f := range g {
		if f.Type != model.Event {
			rest = append(rest, f)
			continue
		}
		named := names(f.Pattern)
		if !seen && slices.Contains(named, model.WorkflowQueue) {
			events = append(events, model.WorkflowQueue)
		}
		seen = true
		events = slices.DeleteFunc(events, func(e string) bool { return slices.Contains(named, e) == f.Exclude })
	}
	return events, rest
}

// names are the events of a pattern, which is a list with commas and no expression.
func names(pattern string) (out []string) {
	for _, e := range strings.Split(pattern, ",") {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}

// eventFilter takes these events and no others.
func eventFilter(events []string) Filter {
	return Filter{Type: model.Event, Pattern: strings.Join(events, ",")}
}

// leavesJobs says whether the group's event filters only leave things out, and not
// the workflow jobs: whether such a group takes them is not documented, and trust
// counts it so. Its events are then named instead.
func leavesJobs(g []Filter) bool {
	some := false
	for _, f := range g {
		if f.Type == model.Event {
			if !f.Exclude || slices.Contains(names(f.Pattern), model.WorkflowQueue) {
				return false
			}
			some = true
		}
	}
	return some
}

// pushOnly takes pull requests out of every group. What only writers cause, a
// merge or a release, stays.
func (s *State) pushOnly() (notes []string) {
	var out [][]Filter
	for i, g := range s.FilterGroups {
		events, rest := split(g)
		if !slices.ContainsFunc(events, isUntrusted) && !leavesJobs(g) {
			out = append(out, g)
			continue
		}
		left := slices.DeleteFunc(slices.Clone(events), isUntrusted)
		if !slices.ContainsFunc(g, func(f Filter) bool { return f.Type == model.Event }) {
			left = []string{model.Push} // it names no event: what it is for is a push
		}
		if len(left) == 0 {
			notes = append(notes, fmt.Sprintf("group %d is dropped: it was for pull requests only", i+1))
			continue
		}
		kept := []Filter{eventFilter(left)}
		for _, f := range rest {
			if slices.Contains(pullOnly, f.Type) && !slices.Contains(left, model.PRMerged) {
				notes = append(notes, fmt.Sprintf("group %d: the filter %s %s is dropped: only pull requests can pass it", i+1, f.Type, f.Pattern))
				continue
			}
			kept = append(kept, f)
		}
		out = append(out, kept)
	}
	// A webhook without groups takes everything, so one group must be left.
	if len(out) == 0 {
		group := []Filter{eventFilter([]string{model.Push})}
		// The old filter was searched for anywhere in the branch's name; anchored it
		// may let in fewer branches than before, which the note tells.
		if s.BranchFilter != "" {
			group = append(group, Filter{Type: model.HeadRef, Pattern: "^refs/heads/(" + s.BranchFilter + ")$"})
			notes = append(notes, "the old branch filter "+s.BranchFilter+" becomes a HEAD_REF filter, anchored")
		}
		out = append(out, group)
	}
	s.FilterGroups, s.BranchFilter = out, ""
	return notes
}

func isUntrusted(e string) bool { return slices.Contains(untrusted, e) }

// branchName is what a pattern for a branch may hold: it becomes part of a
// regular expression.
var branchName = regexp.MustCompile(`^[A-Za-z0-9._/*\[\]|()?+\\-]{1,200}$`)

// branches holds pushes to named branches. A group that names other events beside
// pushes is divided: only pushes have a branch that is the writer's own.
func (s *State) branches(list []string) (notes []string, err error) {
	if len(list) == 0 {
		list = DefaultBranches
	}
	for _, b := range list {
		if !branchName.MatchString(b) {
			return nil, fmt.Errorf("%q is no pattern of a branch name", b)
		}
	}
	pattern := "^refs/heads/(" + strings.Join(list, "|") + ")$"
	// A branch pattern may close the bracket early, "a)|(.*": the whole is looked at.
	if ok, _, err := rx.Anchored(pattern, true); err != nil || !ok {
		return nil, fmt.Errorf("the branches %s make no anchored pattern", strings.Join(list, ", "))
	}
	var out [][]Filter
	for i, g := range s.FilterGroups {
		events, rest := split(g)
		if !slices.Contains(events, model.Push) {
			out = append(out, g)
			continue
		}
		others := slices.DeleteFunc(slices.Clone(events), func(e string) bool { return e == model.Push })
		// The others keep their old filters, without the branch: on a release or a
		// merge HEAD_REF is not the name that was meant.
		if len(others) > 0 {
			out = append(out, append([]Filter{eventFilter(others)}, rest...))
			notes = append(notes, fmt.Sprintf("group %d is divided: the branches hold for its pushes only", i+1))
		}
		kept, held := []Filter{eventFilter([]string{model.Push})}, false
		for _, f := range rest {
			if f.Type == model.HeadRef && !f.Exclude {
				held = true
				if ok, _, err := rx.Anchored(f.Pattern, true); err == nil && !ok {
					notes = append(notes, fmt.Sprintf("group %d: the HEAD_REF filter %s is anchored", i+1, f.Pattern))
					f.Pattern = anchor(f.Pattern)
				}
			}
			if !slices.Contains(pullOnly, f.Type) {
				kept = append(kept, f)
			}
		}
		if !held {
			kept = append(kept, Filter{Type: model.HeadRef, Pattern: pattern})
		}
		out = append(out, kept)
	}
	s.FilterGroups, s.BranchFilter = out, ""
	return notes, nil
}

// anchor makes a pattern that was searched for one that must match as a whole.
func anchor(p string) string {
	if strings.ContainsAny(p, "|") {
		p = "(" + p + ")"
	}
	if !strings.HasPrefix(p, "^") {
		p = "^" + p
	}
	if !strings.HasSuffix(p, "$") || strings.HasSuffix(p, `\$`) {
		p += "$"
	}
	return p
}

// accountID is an id at GitHub or GitLab, or a UUID in braces at Bitbucket.
var accountID = regexp.MustCompile(`^([1-9][0-9]{0,18}|\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\})$`)

// contributors lets pull requests of listed accounts build, and of nobody else.
func (s *State) contributors(ids []string, provider string) (notes []string, err error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	quoted := make([]string, len(ids))
	for i, id := range ids {
		if !accountID.MatchString(id) {
			return nil, fmt.Errorf("%q is no account id of %s: give the number, not the login", id, strings.ToLower(provider))
		}
		quoted[i] = regexp.QuoteMeta(id)
	}
	// Anchored and bracketed: CodeBuild searches, and ^1|2$ would be two patterns
	// with one anchor each.
	gate := Filter{Type: model.Actor, Pattern: "^(" + strings.Join(quoted, "|") + ")$"}
	found := false
	for i, g := range s.FilterGroups {
		events, _ := split(g)
		if !slices.ContainsFunc(events, isUntrusted) {
			continue
		}
		found = true
		kept := slices.DeleteFunc(slices.Clone(g), func(f Filter) bool { return f.Type == model.Actor })
		if len(kept) < len(g) {
			notes = append(notes, fmt.Sprintf("group %d: its actor filter is replaced", i+1))
		}
		if slices.Contains(events, model.Push) {
			notes = append(notes, fmt.Sprintf("group %d also takes pushes: from now on only those of the listed accounts", i+1))
		}
		s.FilterGroups[i] = append(kept, gate)
	}
	if !found {
		s.FilterGroups = append(s.FilterGroups, []Filter{eventFilter([]string{model.PRCreated, model.PRUpdated, model.PRReopened}), gate})
		notes = append(notes, "no group took pull requests: one is added for those of the listed accounts")
	}
	s.BranchFilter = ""
	return notes, nil
}

// writers are the roles of each provider that may write to the repository.
var writers = map[string][]string{
	"GITHUB":              {"GITHUB_ADMIN", "GITHUB_MAINTAIN", "GITHUB_WRITE"},
	"GITHUB_ENTERPRISE":   {"GITHUB_ADMIN", "GITHUB_MAINTAIN", "GITHUB_WRITE"},
	"GITLAB":              {"GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER"},
	"GITLAB_SELF_MANAGED": {"GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER"},
	"BITBUCKET":           {"BITBUCKET_ADMIN", "BITBUCKET_WRITE"},
}

// approval lets pull requests build once somebody who may write said so.
func (s *State) approval(provider string) (notes []string, err error) {
	roles := writers[provider]
	if roles == nil {
		return nil, fmt.Errorf("%s has no approval by comment", provider)
	}
	if s.Policy != nil && s.Policy.Requires == Forks {
		notes = append(notes, "approval was asked of forks only: from now on of every pull request")
	}
	// All and not only those of forks: whoever may push a branch may not be one who
	// may approve.
	s.Policy = &Policy{AllPulls, slices.Clone(roles)}
	takes := slices.ContainsFunc(s.FilterGroups, func(g []Filter) bool {
		events, _ := split(g)
		return slices.ContainsFunc(events, isUntrusted)
	})
	if len(s.FilterGroups) > 0 && !takes {
		s.FilterGroups = append(s.FilterGroups, []Filter{eventFilter([]string{model.PRCreated, model.PRUpdated, model.PRReopened})})
		notes = append(notes, "no group took pull requests: one is added, and its builds wait for a comment")
	}
	return notes, nil
}
