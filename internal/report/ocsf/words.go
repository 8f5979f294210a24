package ocsf

import (
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/outline"
	"github.com/trailhound/trailhound/internal/response"
)

// caption is a value of an enumeration of the schema.
type caption struct {
	id   int
	name string
}

// The enumerations of Incident Finding that we have a word for.
var (
	confidences = map[string]caption{"low": {1, "Low"}, "medium": {2, "Medium"}, "high": {3, "High"}}
	priorities  = map[string]caption{
		"informational": {1, "Low"}, "low": {1, "Low"}, "medium": {2, "Medium"}, "high": {3, "High"}, "critical": {4, "Critical"},
	}
	verdicts = map[string]caption{
		"incident": {2, "True Positive"}, "suspicious": {4, "Suspicious"}, "no_incident": {5, "Benign"}, "inconclusive": {7, "Insufficient Data"},
	}
)

// word returns the number and the caption of one of our words, those of Unknown for any other.
func word(s string, of map[string]caption) (int, string) {
	if c, ok := of[s]; ok {
		return c.id, c.name
	}
	return 0, "Unknown"
}

// unmapped holds what a responder needs and the class has no attribute for, in the words of
// trailhound.report/v1.
type unmapped struct {
	Kind        string                 `json:"case_kind,omitempty"`
	Status      string                 `json:"verdict_status,omitempty"`
	Credentials []lineage.Credential   `json:"credentials"`
	Persistence []ledger.Persistence   `json:"persistence"`
	Impact      []investigation.Impact `json:"impact"`
	Limits      []investigation.Limit  `json:"limits"`
	Containment []response.Step        `json:"containment"`
}

// rest leaves out credentials that the intruder did not hold: they are the owner's business.
func rest(c *exchange.Case) unmapped {
	u := unmapped{
		Kind: c.Case.Kind, Status: c.Verdict.Status, Credentials: []lineage.Credential{},
		Persistence: c.Persistence, Impact: c.Impact, Limits: c.Limits, Containment: c.Containment,
	}
	for _, cr := range c.Credentials {
		if outline.Held(cr) {
			u.Credentials = append(u.Credentials, cr)
		}
	}
	return u
}
