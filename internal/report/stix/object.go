package stix

// object is one member of the bundle, with only the properties this package uses.
type object struct {
	Type        string `json:"type"`
	SpecVersion string `json:"spec_version"`
	ID          string `json:"id"`

	CreatedBy  string     `json:"created_by_ref,omitempty"`
	Created    string     `json:"created,omitempty"`
	Modified   string     `json:"modified,omitempty"`
	Confidence int        `json:"confidence,omitempty"`
	Labels     []string   `json:"labels,omitempty"`
	External   []external `json:"external_references,omitempty"`

	Name          string   `json:"name,omitempty"`
	Description   string   `json:"description,omitempty"`
	IdentityClass string   `json:"identity_class,omitempty"`
	KillChain     []phase  `json:"kill_chain_phases,omitempty"`
	Published     string   `json:"published,omitempty"`
	ReportTypes   []string `json:"report_types,omitempty"`
	Context       string   `json:"context,omitempty"`
	Abstract      string   `json:"abstract,omitempty"`
	Content       string   `json:"content,omitempty"`
	ObjectRefs    []string `json:"object_refs,omitempty"`

	IndicatorTypes []string `json:"indicator_types,omitempty"`
	Pattern        string   `json:"pattern,omitempty"`
	PatternType    string   `json:"pattern_type,omitempty"`
	ValidFrom      string   `json:"valid_from,omitempty"`

	FirstObserved string   `json:"first_observed,omitempty"`
	LastObserved  string   `json:"last_observed,omitempty"`
	Number        int      `json:"number_observed,omitempty"`
	FirstSeen     string   `json:"first_seen,omitempty"`
	LastSeen      string   `json:"last_seen,omitempty"`
	Count         int      `json:"count,omitempty"`
	SightingOf    string   `json:"sighting_of_ref,omitempty"`
	ObservedRefs  []string `json:"observed_data_refs,omitempty"`
	WhereSighted  []string `json:"where_sighted_refs,omitempty"`

	Relationship string `json:"relationship_type,omitempty"`
	Source       string `json:"source_ref,omitempty"`
	Target       string `json:"target_ref,omitempty"`

	Value   string `json:"value,omitempty"`        // of an address
	UserID  string `json:"user_id,omitempty"`      // of an account
	Display string `json:"display_name,omitempty"` // of an account
}

// external is a name for the object elsewhere: of a technique, or of a credential in AWS.
type external struct {
	SourceName string `json:"source_name"`
	ExternalID string `json:"external_id,omitempty"`
	URL        string `json:"url,omitempty"`
}

// phase is a tactic, by its short name.
type phase struct {
	KillChain string `json:"kill_chain_name"`
	Phase     string `json:"phase_name"`
}

// bundle is the whole file. The standard gives a bundle no meaning of its own.
type bundle struct {
	Type    string   `json:"type"`
	ID      string   `json:"id"`
	Objects []object `json:"objects"`
}

// order is how the bundle is sorted: what a reader wants first stands first.
var order = []string{
	"identity", "report", "grouping", "incident", "note", "attack-pattern", "sighting", "observed-data",
	"user-account", "ipv4-addr", "ipv6-addr", "indicator", "course-of-action", "relationship",
}
