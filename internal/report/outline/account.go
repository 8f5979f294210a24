package outline

import (
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
)

// Account lists what an incident comes to, in the order in which the verdict tells
// it: its claims, less the one that its headline begins with. Other verdicts have
// none, see Undecided.
func (o *Outline) Account() []claim.Claim {
	if o.Verdict.Status != "incident" {
		return nil
	}
	var out []claim.Claim
	for _, id := range o.Verdict.Claims {
		if c := o.Claim(id); c != nil && !strings.HasPrefix(o.Verdict.Headline, c.Text) {
			out = append(out, *c)
		}
	}
	return out
}
