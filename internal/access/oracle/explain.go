package oracle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// settles is how many seconds a change of policies may take until every endpoint
// knows it. AWS gives no number ("IAM is eventually consistent"); this is what is
// seen in trails, and a judgement.
const settles = 15

// blamed is the kind of policy that AWS's own message names.
// Source: IAM User Guide, "Troubleshoot access denied error messages".
var blamed = regexp.MustCompile(`(?:with an explicit deny in an?|because no) ((?:service control|resource control|session|identity-based|resource-based|VPC endpoint|role trust) policy|permissions boundary)`)

// explain says what accounts for a disagreement, by the evidence: what AWS's
// message blames, what had just changed, or what is not there. "" is a
// disagreement that nothing explains, which is most likely a mistake of ours.
func explain(e *evidence.Event, h *access.History, caller policy.Caller, aws access.Effect, here judgement, settling int64) string {
	if settling >= 0 && settling < settles {
		return fmt.Sprintf("policies had changed %d s before: IAM takes some seconds to settle", settling)
	}
	if aws == access.Allow {
		if slices.ContainsFunc(here.assumed, func(a string) bool { return strings.HasPrefix(a, "no resource policy") }) {
			return "the resource's own policy may have allowed it: none of the resource is in the evidence"
		}
		return ""
	}
	if m := blamed.FindStringSubmatch(e.ErrorMessage); m != nil {
		return "AWS's message blames a " + m[1] + ", and no such policy that says so is in the evidence"
	}
	switch {
	case caller.Kind == policy.Root:
		return "over a root user stand only control policies of the organisation, and the evidence does not hold them all"
	case caller.Kind == policy.Role && !h.Made(e.Identity.AccessKey):
		return "the call that made the session is not in the evidence: a session policy may have narrowed it"
	case len(here.assumed) > 0:
		return "it rests on what the evidence does not hold: " + here.assumed[0]
	}
	return ""
}
