// Package detection runs rules over events and says which techniques they show.
//
// A rule is a file (content/detections/SERVICE/WHAT-WAS-SEEN.yml) with its
// samples beside it (.txtar). Its condition is a CEL expression over the
// record, over what the case knows about the actor (facts), and over the
// neighbouring events of the same credential (windows). A condition that
// touches an absent or null field is false; a condition that cannot be decided
// because AWS left out the parameters of a refused call makes an attempt.
//
// The package concludes nothing: a match on the owner's event is a decoy for
// the investigation to explain, and it keeps the actor out of the rule unless
// the rule asks for it.
//
// load.go, rule.go and check.go read the files; expr.go compiles a condition, in which
// macros.go finds what needs the case and functions.go what does not; values.go, policy.go
// and target.go are what those look at in a record. run.go goes through the subjects
// twice: first every condition with its windows taken for true (scene.go), which gathers
// candidates, and then, over those, the windows themselves (window.go). noise.go runs the
// markers of daily noise by the same engine. sample.go and contenttest.go hold content
// against its samples.
package detection
