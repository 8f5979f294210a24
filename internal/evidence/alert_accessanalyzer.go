package evidence

import "slices"

// readAccessAnalyzer reads a row of list-findings or list-findings-v2. It is about
// how something is set up; Access Analyzer gives no severity. The principal's members
// are "AWS" and "Federated", of which camel has made the first letter small.
func readAccessAnalyzer(r Record) Alert {
	a := Alert{
		ID: r.Str("id"), Product: "IAM Access Analyzer", Type: r.Str("findingType"), Severity: "informational",
		First: firstTime(r, "createdAt"), Last: firstTime(r, "updatedAt", "analyzedAt"),
		Account: r.Str("resourceOwnerAccount"), Resources: r.Strs("resource"), Principals: strs(r, "principal", "aWS", "federated"),
		Closed: r.Str("status") == "ARCHIVED" || r.Str("status") == "RESOLVED",
	}
	// "*" is everybody, which is no name to join by.
	a.Principals = slices.DeleteFunc(a.Principals, func(p string) bool { return p == "*" })
	if a.Type == "" { // the older list knows only these
		a.Type = "ExternalAccess"
	}
	a.Title = r.Str("resource") + " can be reached from outside"
	if a.Type != "ExternalAccess" {
		a.Title = r.Str("resource") + ": " + a.Type
	}
	return a
}
