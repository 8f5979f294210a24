package evidence

import (
	"regexp"
	"strings"
)

// Denial is what a refused call's errorMessage tells when its
// requestParameters are null, as they often are.
type Denial struct {
	Actor    string // ARN of the caller
	Action   string // "service:Operation" as IAM names it
	Resource string // ARN or "*", of IAM also "user bob"; "" if not said; without the quotes that S3 puts around it
	Explicit bool   // refused by an explicit deny, not for want of an allow
}

// AWS writes "User: ARN is not authorized to perform: svc:Action [on resource: ARN]
// [because …]"; EC2 puts a sentence of its own in front, and IAM names some of
// its things in two words, "on resource: user bob".
var denial = regexp.MustCompile(`(?:User|Principal): (\S+) is not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z0-9*]+)(?: on resource: ((?:(?:user|role|group|policy|instance profile|access key) )?\S+))?`)

// ParseDenial reads an errorMessage of a refused call. ok is false for any
// other message: many services say only that something went wrong.
func ParseDenial(message string) (d Denial, ok bool) {
	m := denial.FindStringSubmatch(message)
	if m == nil {
		return Denial{}, false
	}
	return Denial{
		Actor:    m[1],
		Action:   m[2],
		Resource: strings.Trim(m[3], `"'.,;`),
		Explicit: strings.Contains(message, "explicit deny"),
	}, true
}
