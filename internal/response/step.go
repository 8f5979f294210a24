package response

// Step is one step of the containment plan. Nothing in this package executes
// it: a person does, having read it.
type Step struct {
	Step         int      `json:"step"`
	Phase        string   `json:"phase"`  // preserve | contain | eradicate | recover
	Action       string   `json:"action"` // id of the action, "KEY_OFF"
	Target       string   `json:"target"`
	Before       string   `json:"before,omitempty"` // when it is too late: the thing is then gone for good
	Command      string   `json:"command"`
	Why          []string `json:"why"`        // claim ids
	Disruption   string   `json:"disruption"` // none | low | medium | high
	SideEffects  string   `json:"side_effects"`
	Undo         string   `json:"undo"`
	Verify       string   `json:"verify"`
	Irreversible bool     `json:"irreversible"`
}
