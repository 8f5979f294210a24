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
package detection
