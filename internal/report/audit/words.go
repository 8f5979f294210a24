package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/report/inert"
)

func text(s string) string { return inert.Text(s) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

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

func backwards(s []string) []string {
	out := slices.Clone(s)
	slices.Reverse(out)
	return out
}
