package evidence

import "slices"

// Severities are the words for how bad something is, the mildest first. Source: the
// report's format, "Values"; rules, checks and flags use the same.
var Severities = []string{"informational", "low", "medium", "high", "critical"}

// SeverityRank is a word's place among Severities, 0 for the mildest; -1 if it is none.
func SeverityRank(s string) int { return slices.Index(Severities, s) }
