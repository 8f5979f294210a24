package lineage

// Lasting is what hands out sessions and is not ended with any of them: whoever came in
// by it comes in by it again until it is closed itself.
type Lasting string

// What lasts.
const (
	Workload Lasting = "workload" // is handed its role's credentials
	SignIn   Lasting = "sign-in"  // of a person: a password, or a directory account
	Outside  Lasting = "outside"  // a role's trust in somebody outside
)

// LastingOf is what a session of that rule came from and what outlives it, "" if nothing does: then
// another credential opened it, which has a row and a state of its own.
func LastingOf(rule string) Lasting { return ruleByID[rule].Lasts }
