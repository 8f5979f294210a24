// Package sigma reads Sigma rules that a team brings along and runs them over
// CloudTrail events.
//
// What a rule matches is an alert: somebody's opinion of an event, with that
// person's name on it. It is never a finding; nothing here knows who acted.
// Rules for other logs than CloudTrail are passed over with a reason, and what
// the engine cannot do faithfully it refuses by name when the rule is loaded:
// a rule that is silently half understood would look like a clean bill of
// health.
//
// Rules come from strangers and so does the evidence: sizes, depths and counts
// are bounded, and expressions are RE2, which is linear in its input.
// docs/formats/sigma.md lists what is supported.
package sigma
