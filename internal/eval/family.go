package eval

import (
	"fmt"
	"slices"
	"strings"
)

// Found is how many of how many.
// Of is kept beside N so that sums over cases weigh each thing to find alike, where a mean
// of shares would weigh a case with one thing like one with twenty.
type Found struct{ N, Of int }

// Family sums up the scores of one mutation of every incident. The mean hides
// what a responder would be hit by, so each column shows the worst or a count.
type Family struct {
	Name  string
	Cases []Score
}

// good is the F1 from which on a case counts as solved.
const good = 0.95

// Families renders the scoreboard over families.
func Families(families []Family) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s %5s %7s %7s %6s %-26s %5s %5s %7s %7s %7s %7s %9s %7s\n",
		"family", "cases", "verdict", "F1≥.95", "min F1", "worst tactic", "pers", "phan", "decoys", "blamed", "quiet", "cleared", "innocents", "gaps")
	all := Family{Name: "all"}
	for _, f := range families {
		f.row(&b)
		all.Cases = append(all.Cases, f.Cases...)
	}
	all.row(&b)
	return b.String()
}

// row prints one family. Phantoms, decoys, blamed, quiet, cleared and innocents count what
// must not happen, so 0 is right for all of them; verdict, F1, pers and gaps count what must.
func (f Family) row(b *strings.Builder) {
	verdict, solved, phantoms, decoys, blamed, quiet, cleared, innocents := 0, 0, 0, 0, 0, 0, 0, 0
	low, gaps, persisted := 1.0, Found{}, Found{}
	tactics := map[string]Found{}
	for _, s := range f.Cases {
		if s.StatusOK {
			verdict++
		}
		if s.F1 >= good {
			solved++
		}
		low = min(low, s.F1)
		phantoms += len(s.Phantoms)
		decoys += s.Decoys
		blamed += s.Wrong
		if !s.Quiet && s.Status == "no_incident" {
			cleared++
		}
		if s.Quiet { // nothing happened: anybody blamed is innocent
			quiet += s.Wrong
		}
		innocents += len(s.Innocents)
		gaps.N, gaps.Of = gaps.N+s.GapsOf-len(s.Unnamed), gaps.Of+s.GapsOf
		persisted.N, persisted.Of = persisted.N+s.PersistedOf.N, persisted.Of+s.PersistedOf.Of
		for t, n := range s.Tactics {
			x := tactics[t]
			tactics[t] = Found{x.N + n.N, x.Of + n.Of}
		}
	}
	fmt.Fprintf(b, "%-16s %5d %7s %7s %6.2f %-26s %5.2f %5d %7d %7d %7d %7d %9d %7s\n", clip(f.Name, 16), len(f.Cases), share(verdict, len(f.Cases)), share(solved, len(f.Cases)),
		low, worst(tactics), ratio(persisted.N, persisted.Of), phantoms, decoys, blamed, quiet, cleared, innocents, fmt.Sprintf("%d/%d", gaps.N, gaps.Of))
}

func share(n, of int) string { return fmt.Sprintf("%d/%d", n, of) }

// worst is the tactic of which the smallest share was found; of equals the
// one with the most to find, then the first by name.
func worst(tactics map[string]Found) string {
	names := make([]string, 0, len(tactics))
	for t := range tactics {
		names = append(names, t)
	}
	slices.Sort(names)
	out, low := "", Found{}
	for _, t := range names {
		f := tactics[t]
		a, b := ratio(f.N, f.Of), ratio(low.N, low.Of)
		if out == "" || a < b || a == b && f.Of > low.Of {
			out, low = t, f
		}
	}
	if out == "" {
		return "-"
	}
	return fmt.Sprintf("%s %d/%d", out, low.N, low.Of)
}
