package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Table renders scores for people.
// They are sorted in place, by name. "!" marks a verdict that is not among the right ones;
// "uncited" is claims that fail, and references that lead nowhere, of all claims.
func Table(scores []Score) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s %-13s %5s %5s %5s  %-9s %5s %5s %-4s %5s %-9s %5s %5s\n",
		"case", "verdict", "prec", "rec", "F1", "decoys", "edges", "pers", "phan", "tech", "uncited", "seed", "+IPs")
	slices.SortStableFunc(scores, func(a, b Score) int { return cmp.Compare(a.Name, b.Name) })
	for _, s := range scores {
		mark := ""
		if !s.StatusOK {
			mark = "!"
		}
		fmt.Fprintf(&b, "%-34s %-13s %5.2f %5.2f %5.2f  %-9s %5.2f %5.2f %-4d %5.2f %-9s %5.2f %5.2f\n", clip(s.Name, 34), s.Status+mark, s.Precision, s.Recall, s.F1,
			fmt.Sprintf("%d/%d", s.Decoys, s.DecoysOf), s.Lineage, s.Persisted, len(s.Phantoms), s.Technique, fmt.Sprintf("%d/%d", s.Uncited, s.Claims), s.SeedF1, s.SeedIPF1)
	}
	return b.String()
}

// clip cuts a name to n bytes, so that the columns stand; names of cases are our own, in
// ASCII.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}
