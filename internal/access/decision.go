package access

import "github.com/trailhound/trailhound/internal/access/policy"

// Effect is the outcome of a decision.
type Effect string

// The three outcomes.
const (
	Allow      Effect = "allow"
	Deny       Effect = "deny"
	CannotTell Effect = "cannot tell"
)

// Decision is what would have been decided of a request, and why.
type Decision struct {
	Effect Effect
	// Explicit says of a Deny that a statement denies; else nothing allows.
	Explicit bool
	// Partial says of CannotTell that nothing is missing: the question is a
	// pattern, and no statement allows all of it.
	Partial bool
	// Reasons say what decided, or for CannotTell what is missing.
	Reasons []Reason
	// Assumed lists what the evidence does not hold and was taken for granted.
	// It is empty for an explicit deny, against which nothing that is missing helps.
	Assumed []string
}

// Reason is one step of a decision.
type Reason struct {
	Text   string // a clause, lower-case, no full stop
	Policy string // ARN or name of the policy; "" if none is meant
	On     string // what the policy hangs on
	Ref    string // where the evidence says so; "" if nowhere
	// Missing says that the policy's document is not there to be read: whatever is
	// said of it could be said of anything.
	Missing bool
	// Part says that the statement covers a part only of what a pattern asks.
	Part bool
}

// Request is a question: may the caller do the action on the resource?
type Request struct {
	Caller   policy.Caller
	Action   string // "s3:GetObject"; may hold wildcards, then all of them are meant
	Resource string // ARN; may hold wildcards; "" is some resource not known
	Exact    bool   // the resource holds no wildcards: "*" is a character of its name
	// ResourceAccount is the account that owns the resource, "" to take it from
	// the ARN, and the caller's where that has none.
	ResourceAccount string
	// Context holds the condition keys that are known. A key that is neither set nor
	// set absent is unknown, and a condition on it cannot be told.
	Context policy.Context

	// ServiceLinked marks a service-linked role, and Management a caller of the
	// organisation's management account: service control policies pass them over.
	ServiceLinked, Management bool
}
