package outline

import (
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
)

// Account lists what the case comes to, in the order in which the verdict tells it: its
// claims, less the one that its headline begins with. Of another verdict than an incident these
// are what was found of what the case tells of; what it leaves open stands in Undecided.
func (o *Outline) Account() []claim.Claim {
	incident := o.Verdict.Status == "incident"
	var out []claim.Claim
	for _, id := range o.Verdict.Claims {
		if c := o.Claim(id); c != nil && !strings.HasPrefix(o.Verdict.Headline, c.Text) && (incident || !unsettled(c.Predicate)) {
			out = append(out, *c)
		}
	}
	return out
}
