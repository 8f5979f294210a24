// Package generate draws the smallest policy that would have let a principal do
// what the evidence shows it doing, and says what that policy rests on.
//
// The way: events of the principal are collected and held apart by outcome and,
// for builds, by what started them (collect.go, builds.go); each kept event
// becomes the permissions it needs, by a table that is content (table.go,
// need.go); resources are generalised where many share a prefix (widen.go);
// statements are made and sized (policy.go); what no log could show is said
// (blind.go); and the result is replayed through the evaluator of package
// access: every kept event allowed, no refused one (replay.go).
//
// A policy that is drawn from logs is never called complete. Evidence is
// hostile: what a name in a record says is never read as a wildcard.
//
// permission.go and Allows in replay.go lend the table and the judge to others, who ask
// about single calls and about policies that somebody else wrote.
package generate
