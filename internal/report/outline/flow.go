package outline

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/playbook"
)

// CriteriaMet sums up a playbook's criteria in one line.
func CriteriaMet(p playbook.Outcome) string {
	n := map[string]int{}
	for _, c := range p.Criteria {
		n[c.Status]++
	}
	parts := []string{fmt.Sprintf("%d of %d met", n[playbook.Met], len(p.Criteria))}
	if k := n[playbook.NotMet]; k > 0 {
		parts = append(parts, fmt.Sprintf("%d not met", k))
	}
	if k := n[playbook.CannotTell]; k > 0 {
		parts = append(parts, fmt.Sprintf("%d that the evidence cannot tell", k))
	}
	return strings.Join(parts, ", ") + "."
}
