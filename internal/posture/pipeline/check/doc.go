// Package check holds the audit's checks against what is known of pipelines.
//
// A check is a file, content/pipeline/FAMILY/ID.yml, with a bad and a good sample
// beside it. Its condition is a CEL expression over one subject: a project, one
// way in, a filter, a source, a variable, a role. Where it rests on a value that
// is not known the answer is neither finding nor pass but undecided, with the
// reason. Conditions that need a buildspec or a shell command parsed are Go, one
// file each, named by the check's code.
//
// check.go loads the catalogue; build.go makes a Scene of an inventory: projects judged,
// and indexes of what surrounds them. subjects.go and its neighbours (roles.go, ways.go,
// secrets.go, tokens.go, network.go, pipelines.go, past.go, calls.go, surrounding.go)
// make subjects, each with a view: the facts of facts.go as plain values. cel.go carries
// what is unknown through a condition, run.go holds checks against subjects, fill.go
// writes message and fix. code_*.go are the checks in Go.
//
// Nothing here asks an account or changes one, and no value of a secret gets into a view,
// a message or an error.
package check
