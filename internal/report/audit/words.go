package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/report/inert"
)

// text makes a name out of the inputs harmless on one line.
func text(s string) string { return inert.Text(s) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// counts lists how many there are of each word, in an order given; "none" if there are none.
func counts(m map[string]int, order []string) string {
	var out []string
	for _, k := range order {
		if m[k] > 0 {
			out = append(out, fmt.Sprintf("%d %s", m[k], k))
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// backwards is for tables: the worst stands first there, and last in evidence.Severities.
func backwards(s []string) []string {
	out := slices.Clone(s)
	slices.Reverse(out)
	return out
}
