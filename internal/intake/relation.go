package intake

// Relation is how a statement says something stands to us.
type Relation string

// The relations. Those of the first group vouch for what is named, and keep it from
// becoming a seed; those of the second tell a fact and leave a seed a seed; those of the
// third accuse.
const (
	Owner          Relation = "owner"           // uses the credential legitimately, or is its usual use
	Responder      Relation = "responder"       // handles this incident
	Vendor         Relation = "vendor"          // an outside company with access
	AuthorizedTest Relation = "authorized_test" // a penetration test, a scan
	PlannedChange  Relation = "planned_change"  // a migration, maintenance
	UsualNetwork   Relation = "usual_network"   // an address that is ours
	ExpectedRegion Relation = "expected_region" // a region that is used on purpose
	Excluded       Relation = "excluded"        // "not X", "X is unrelated"
	Reporter       Relation = "reporter"        // noticed it, was told, pays: clears nothing that they did, only keeps them from being a seed

	Rotated    Relation = "rotated"
	Disabled   Relation = "disabled"
	Contained  Relation = "contained"
	Terminated Relation = "terminated" // a person's employment ended
	Away       Relation = "away"       // somebody travels, or has a new device: place and tool will be new
	Noticed    Relation = "noticed"
	Critical   Relation = "critical" // matters most
	Logs       Relation = "logs"     // which logs exist
	InScope    Relation = "in_scope" // accounts, regions and identities that belong to the case
	Other      Relation = "statement"

	Stolen  Relation = "stolen"   // the case itself calls it stolen
	Exposed Relation = "exposed"  // and says how others came to see it; When is exposed_at
	NotOurs Relation = "not_ours" // nobody of us
)

// benign says that what is named in such a statement is not what the case suspects.
func (r Relation) benign() bool {
	switch r {
	case Owner, Responder, Vendor, AuthorizedTest, PlannedChange, UsualNetwork, ExpectedRegion, Excluded, Reporter:
		return true
	}
	return false
}

// pastCase says that the time of such a statement is not the time of what happened.
func (r Relation) pastCase() bool {
	return r.benign() || r == Rotated || r == Disabled || r == Contained
}

// question is the standard question that a statement of this relation answers.
func (r Relation) question(timed bool) string {
	switch r {
	case Owner:
		return "owner"
	case Responder:
		return "responders"
	case Vendor:
		return "vendors"
	case AuthorizedTest:
		return "authorized_testing"
	case PlannedChange:
		return "planned_changes"
	case UsualNetwork:
		return "known_networks"
	case ExpectedRegion:
		return "expected_regions"
	case Rotated:
		return "rotated_at"
	case Disabled, Contained:
		return "containment_done"
	case Critical:
		return "critical_assets"
	case Logs:
		return "logs_available"
	}
	if timed {
		switch r {
		case Exposed:
			return "exposed_at"
		case Terminated:
			return "terminated_at"
		case Noticed:
			return "noticed_at"
		}
	}
	return ""
}

// answers gives the relation that a bare value takes from the question it answers:
// "192.0.2.0/24" under known_networks is a usual network.
var answers = map[string]Relation{
	"accounts": InScope, "regions": InScope, "principal": InScope, "identities": InScope,
	"owner": Owner, "responders": Responder, "authorized_testing": AuthorizedTest,
	"planned_changes": PlannedChange, "vendors": Vendor, "known_networks": UsualNetwork,
	"expected_regions": ExpectedRegion, "critical_assets": Critical, "logs_available": Logs,
	"noticed_at": Noticed, "exposed_at": Exposed, "rotated_at": Rotated,
	"terminated_at": Terminated, "containment_done": Contained, "time_zone": Other,
}
