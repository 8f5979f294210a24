package ledger

// Resource is something the intruder touched.
type Resource struct {
	ID            string   `json:"id"`
	Type          string   `json:"type"`   // "AWS::IAM::User"
	Effect        []string `json:"effect"` // created | modified | deleted | read | shared | used | attempted
	ByEvent       []string `json:"by_event"`
	StateNow      string   `json:"state_now"`            // present | removed | restored | unknown
	DeletesAt     string   `json:"deletes_at,omitempty"` // it is present, and gone at this time unless that is called off
	Undo          string   `json:"undo,omitempty"`       // by this action, if the intruder had scheduled it
	StateEvidence []string `json:"state_evidence"`
}

// Persistence is something that the intruder left: a way back in, something of the
// owner's that stands open to others, or something that goes on acting or costing;
// and the way in that was there before, which lets in again.
type Persistence struct {
	Kind          string   `json:"kind"`
	ID            string   `json:"id"`
	Name          string   `json:"name,omitempty"` // what its maker called it, where the id does not say so
	Means         string   `json:"means"`          // way_back | open_before | exposed | left_behind
	Status        string   `json:"status"`         // live | removed | attempted | unknown
	Events        []string `json:"events"`
	Evidence      []string `json:"evidence"`
	StateEvidence []string `json:"state_evidence"`
	Technique     string   `json:"technique"`
	Undo          string   `json:"undo"` // action id
	Later         []Later  `json:"later,omitempty"`
}

// Later is something that became of a thing after it was made.
type Later struct {
	What   string   `json:"what"`            // used | removed
	At     string   `json:"at"`              // of the last use, or of the removal; RFC 3339
	By     string   `json:"by"`              // the principal as sentences call it
	Actor  string   `json:"actor"`           // who that was, as in attribution; "" if it was not judged
	Calls  int      `json:"calls,omitempty"` // of uses: how many, all of the intruder's
	Events []string `json:"events"`          // the removal; of uses the first and the last
}

// Ledger is what the intruder touched, and which of it would let them back in.
type Ledger struct {
	Resources   []Resource
	Persistence []Persistence
	Unresolved  []Unresolved
}

// Unresolved is a call that changed something, or tried to, and whose record
// does not say what.
type Unresolved struct {
	Event  string // event id
	Action string // "iam:CreateUser"
	Reason string // lower-case, no full stop
}

// The words of Resource.Effect, in the order in which a row lists them.
const (
	Created   = "created"
	Modified  = "modified"
	Deleted   = "deleted"
	Shared    = "shared"
	Read      = "read"
	Used      = "used"
	Attempted = "attempted"
)

var effectOrder = []string{Created, Modified, Shared, Deleted, Read, Used, Attempted}

// The values of Persistence.Means. What is lost is no row of these: it is a resource
// that was deleted, and impact.
const (
	WayBack    = "way_back"    // it lets the intruder in, or acts for them
	OpenBefore = "open_before" // it let the intruder in, and was open before: the owner's own doing
	Exposed    = "exposed"     // others than the owner can take or use what is the owner's
	LeftBehind = "left_behind" // it goes on by itself: deletes, sends, misleads, costs
)

// Meaning is Means, where a report of an earlier version leaves it out by the kind.
func (p Persistence) Meaning() string {
	if p.Means != "" {
		return p.Means
	}
	return meaning(p.Kind)
}

// meaning is what a kind of row means where the table says nothing else.
func meaning(kind string) string {
	switch kind {
	case "share", "bucket_policy", "kms_grant":
		return Exposed
	}
	return WayBack
}

// The values of Persistence.Status. A fifth way in which a thing can be, not
// persistence at all, has no row.
const (
	Live    = "live"
	Removed = "removed"
	Unknown = "unknown" // also of Resource.StateNow
)

// The other values of Resource.StateNow.
const (
	Present  = "present"
	Restored = "restored"
)
