package eval

// Truth is what a case should have found. Events that are in neither Attack nor
// Innocent count neither way: an operator's own set-up, calls that a service
// made for the intruder.
// Nil and empty differ in two places. Innocent nil takes all that is not listed for
// innocent; empty takes nobody. Persistence nil knows nothing of what was left behind;
// empty says that nothing was.
type Truth struct {
	Name        string
	Sentence    string
	Answers     map[string]string // by question of the intake
	Status      []string          // verdicts that are right; empty: any
	Unanswered  []string          // those that are right as well where no question is answered
	Attack      []string
	Neutral     []string
	Innocent    []string // nil: every event that is not Attack or Neutral
	Decoys      []Decoy
	Lineage     []Edge
	Persistence []Item
	Techniques  []string            // catalogue ids
	Attacks     []string            // ATT&CK ids, where labels use those
	Tactics     map[string][]string // catalogue id to its tactics
	Gaps        []Gap               // what the evidence lacks
	SeedKey     string              // for the dumb baselines
	SeedUser    string
	SeedIP      string
}

// Decoy is benign work that must not be blamed.
type Decoy struct {
	What   string
	Events []string
}

// Edge is a credential and the one it came from.
type Edge struct{ Parent, Child string }

// Item is something left behind.
type Item struct {
	Kind, ID, Status string
	Optional         bool // arguable: neither a miss nor a phantom
}

// Gap is something that the evidence lacks, as the truth file lists it.
type Gap struct{ Kind, Value string }
