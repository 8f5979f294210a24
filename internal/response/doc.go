// Package response plans containment: ordered steps with exact commands, side effects
// and undo. It executes nothing.
//
// action.go and template.go read content/actions: what can be done, to which kinds of
// target, and the lines of shell that do it. kinds.go understands an id of the report as
// such a target. sources.go goes through the conclusions and asks for actions; plan.go
// decides what may be asked for, drops what another step makes needless and puts the rest
// in order; group.go makes one step of a dozen alike. render.go and quote.go put a step
// into words, and treat every name as written by the intruder: what cannot be quoted
// safely is told and not written. reasons.go finds the claims that a step rests on, and
// denied.go says what would be done about those whom nothing is held against.
package response
