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
//
// load.go finds the files, node.go walks their YAML by bounds, header.go, selection.go,
// modifier.go and condition.go read a rule, and correlation_read.go a correlation, into the
// expressions of expr.go, matcher.go and pattern.go. link.go joins correlations to the
// rules that they speak of, index.go sorts rules by the calls that they can match, run.go
// holds events against them, and correlate.go, windows.go and sequence.go what matched
// against the correlations; merge.go makes one alert of what overlaps.
package sigma
