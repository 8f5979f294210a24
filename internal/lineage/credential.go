package lineage

// Credential is one row of the report's "credentials": what was presented to
// AWS, where it came from and who held it. Times are RFC 3339 UTC.
type Credential struct {
	ID            string   `json:"id"`   // access key id; the native id where no key is ever shown
	Kind          string   `json:"kind"` // access_key | session | console_session | login_profile | service_specific | bearer
	Principal     string   `json:"principal"`
	PrincipalID   string   `json:"principal_id"`
	IssuedBy      *Issue   `json:"issued_by"` // nil at a root of the graph
	FirstSeen     string   `json:"first_seen"`
	LastSeen      string   `json:"last_seen"`
	ExpiresAt     string   `json:"expires_at"`
	Networks      []string `json:"networks"`
	Hostile       []string `json:"hostile_networks,omitempty"` // those of the intruder's calls, and of none of the owner's
	HeldBy        string   `json:"held_by"`                    // intruder | shared | owner | unknown
	State         string   `json:"state"`                      // active | disabled | deleted | expired | unknown
	StateEvidence []string `json:"state_evidence"`
}

// Issue is the edge that made a credential: the report's "issued_by".
type Issue struct {
	Credential string `json:"credential"` // parent; "" when a service issued it
	Event      string `json:"event"`      // id of the issuing event
	Rule       string `json:"rule"`       // see Rules
	Tier       int    `json:"tier"`       // 5 identifiers equal … 1 capability only
	Confidence string `json:"confidence"` // exact | structural | probable | candidate | capability
}
