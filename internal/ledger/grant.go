package ledger

import (
	"regexp"
	"strings"
)

// How much an identity policy allows.
const (
	grantsNothing = iota // only denies, or is no policy
	grantsSome
	grantsBroad // enough to come back by: everything, a whole service, or IAM writes
)

// grants weighs a policy document for what it lets its holder do.
func grants(doc string) int {
	sts, _ := readPolicy(doc)
	weight := grantsNothing
	for _, s := range sts {
		if s.Effect == "Allow" {
			weight = max(weight, s.grants())
		}
	}
	return weight
}

func (s *statement) grants() int {
	if s.NotAction != nil {
		return grantsBroad
	}
	everything := false
	for _, r := range list(s.Resource) {
		everything = everything || r == "*" || strings.HasSuffix(r, ":*")
	}
	weight := grantsNothing
	for _, a := range list(s.Action) {
		weight = max(weight, grantsSome)
		a = strings.ToLower(a)
		service, op, _ := strings.Cut(a, ":")
		switch {
		case a == "*", op == "*" && (everything || service == "iam" || service == "sts"):
			return grantsBroad
		case service == "iam" && !readVerb.MatchString(op) && op != "createservicelinkedrole" && op != "passrole":
			return grantsBroad
		case everything && (a == "sts:assumerole" || a == "sts:assume*" || a == "iam:passrole"):
			return grantsBroad
		}
	}
	return weight
}

var readVerb = regexp.MustCompile(`^(get|list|generate|simulate)`)

// AWS's managed policies are known by name: the quarantine it puts on leaked
// keys is no grant, and what hands out a whole service or more is broad.
var (
	managedByAWS   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::aws:policy/`)
	managedDeny    = regexp.MustCompile(`/(AWSCompromisedKeyQuarantine(V\d+)?|AWSDenyAll)$`)
	managedIsBroad = regexp.MustCompile(`/(AdministratorAccess\S*|PowerUserAccess|SystemAdministrator|DatabaseAdministrator|NetworkAdministrator|\S*FullAccess\S*|IAMUserSSHKeys)$`)
)

// grantsManaged weighs a managed policy by its ARN. known are the documents of
// customer policies that the evidence shows; one that nothing shows is taken
// for broad, since an intruder attached it and nothing says it is harmless.
func grantsManaged(arn string, known map[string]string) int {
	switch {
	case managedDeny.MatchString(arn):
		return grantsNothing
	case managedByAWS.MatchString(arn):
		if managedIsBroad.MatchString(arn) {
			return grantsBroad
		}
		return grantsSome
	}
	if doc, ok := known[arn]; ok {
		return grants(doc)
	}
	return grantsBroad
}
