package outline

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
)

// Origin puts what lists say of a network into a few words.
func Origin(o investigation.Origin) string {
	var parts []string
	if o.Known != "" {
		parts = append(parts, "known: "+o.Known)
	}
	if o.Country != "" {
		parts = append(parts, o.Country)
	}
	if o.ASN != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("AS%d %s", o.ASN, o.Organization)))
	}
	if o.AWS != "" {
		parts = append(parts, "AWS "+o.AWS)
	}
	return strings.Join(parts, " · ")
}
