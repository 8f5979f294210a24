package trust

import (
	"fmt"
	"slices"
	"strings"
)

// What the comment policy of a webhook does.
const (
	PolicyOff     = "off"     // disabled, or absent from what the service says
	PolicyDefault = "default" // not written down in a template: the service's default for new projects
	PolicyStrong  = "strong"  // only writers' comments count
	PolicyWeak    = "weak"    // the comment of somebody who cannot write counts
)

// strong are the roles that can write to a repository anyway: their approval gives
// nothing away. Everything else that can be named is weaker.
var strong = []string{"GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN", "GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER", "BITBUCKET_WRITE", "BITBUCKET_ADMIN"}

// granted are roles below write that somebody must have been given; the rest of
// the weak ones everybody has on a public repository.
var granted = []string{"GITHUB_TRIAGE", "GITLAB_REPORTER", "GITLAB_PLANNER"}

// everybody are the roles that come with being able to see a public repository.
var everybody = []string{"GITHUB_READ", "GITLAB_GUEST", "BITBUCKET_READ"}

// Roles are all approver roles that the API has.
func Roles() []string { return slices.Concat(strong, granted, everybody) }

// WeakRoles lists those of the roles that are below write.
func WeakRoles(roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return slices.Contains(strong, r) })
}

// policy is what the comment policy makes of pull requests: Approved, Readers,
// Anyone (it stops nobody) or Unknown.
func (e *evaluator) policy() (Verdict, string, string) {
	if e.w.Policy.Unknown() {
		return Unknown, "", "its comment policy is not known: " + e.w.Policy.Why
	}
	if e.w.Policy.Absent() {
		if e.p.Form.Template() {
			return Approved, PolicyDefault, "its template states no comment policy: the service's default for new projects asks for a writer's comment"
		}
		return Anyone, PolicyOff, ""
	}
	p := e.w.Policy.V
	switch {
	case p.Requires.Unknown() || p.Roles.Unknown():
		return Unknown, "", "its comment policy is not known: " + p.Requires.Why + p.Roles.Why
	case p.Requires.V == "DISABLED":
		return Anyone, PolicyOff, ""
	case p.Requires.V != "ALL_PULL_REQUESTS" && p.Requires.V != "FORK_PULL_REQUESTS":
		return Unknown, "", fmt.Sprintf("the API has no comment policy %q", p.Requires.V)
	}
	weak := WeakRoles(p.Roles.V)
	for _, r := range weak {
		if !slices.Contains(Roles(), r) {
			return Unknown, "", fmt.Sprintf("the API has no approver role %q", r)
		}
	}
	switch {
	case len(weak) == 0:
		return Approved, PolicyStrong, "pull requests wait for a comment of somebody who may write"
	case slices.ContainsFunc(weak, func(r string) bool { return slices.Contains(everybody, r) }) && e.repo.Ungated() == Anyone:
		return Anyone, PolicyWeak, ""
	}
	return Readers, PolicyWeak, "pull requests wait for a comment, and that of " + strings.Join(weak, " or ") + " counts"
}
