// Package check holds the audit's checks against what is known of pipelines.
//
// A check is a file, content/pipeline/FAMILY/ID.yml, with a bad and a good sample
// beside it. Its condition is a CEL expression over one subject: a project, one
// way in, a filter, a source, a variable, a role. Where it rests on a value that
// is not known the answer is neither finding nor pass but undecided, with the
// reason. Conditions that need a buildspec or a shell command parsed are Go, one
// file each, named by the check's code.
package check
