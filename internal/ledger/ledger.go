// Package ledger keeps account of what was made, changed, shared and removed:
// which call did it, what became of it later, and how to undo it. What a call
// does to which resource is data, in content/ledger.
package ledger

// Resource is something the intruder touched.
type Resource struct {
	ID            string   `json:"id"`
	Type          string   `json:"type"`   // "AWS::IAM::User"
	Effect        []string `json:"effect"` // created | modified | deleted | read | shared | used | attempted
	ByEvent       []string `json:"by_event"`
	StateNow      string   `json:"state_now"` // present | removed | restored | unknown
	StateEvidence []string `json:"state_evidence"`
}

// Persistence is something that would let the intruder back in.
type Persistence struct {
	Kind          string   `json:"kind"`
	ID            string   `json:"id"`
	Status        string   `json:"status"` // live | removed | attempted | unknown
	Events        []string `json:"events"`
	Evidence      []string `json:"evidence"`
	StateEvidence []string `json:"state_evidence"`
	Technique     string   `json:"technique"`
	Undo          string   `json:"undo"` // action id
}
