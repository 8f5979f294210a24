// Package playbook holds a finished investigation against the flow of its kind
// of case: which questions were settled, which evidence was there, what was
// decided, and which of the criteria that close such a case are met. It also
// asks what else the activity could have been.
//
// Flows and hypotheses are content (content/playbooks, content/hypotheses); the
// checks and signals that they name are the closed vocabularies of this package.
// Nothing here moves an attribution or makes a claim: every fact cites the
// events, limits or claims that the investigation already stands on, and
// "cannot tell" is a result like the others, with what would decide it.
//
// load.go reads the content, view.go indexes the result, check.go and its siblings answer
// the questions of a flow (check_acts.go: who did what; check_time.go: before and
// after), signal.go and signal_course.go what speaks for and against an explanation,
// evaluate.go and hypothesis.go put the answers together in the shapes of types.go.
//
// It runs after the claims were checked and before the report is written. It keeps
// nothing between cases.
package playbook
