package eval

// Score is how one report did.
// Shares lie in 0 to 1 and are 1 where there was nothing to find. Whatever is a list here
// names mistakes, so an empty one is good.
type Score struct {
	Name       string
	Status     string
	StatusOK   bool
	Precision  float64
	Recall     float64
	F1         float64
	Decoys     int // decoy events blamed
	DecoysOf   int
	Lineage    float64 // edges found; 1 if there are none to find
	Persisted  float64
	Phantoms   []string // live items that nobody made
	Technique  float64
	Missed     []string // techniques, edges and items not found
	Uncited    int      // claims that fail or citations that lead nowhere
	Claims     int
	Struck     int
	Containing int // containment steps
	// F1 of the two scripts of baseline.go: by the seed alone, and by its addresses, too.
	SeedF1   float64
	SeedIPF1 float64

	Quiet bool // there was no intruder
	Wrong int  // events blamed that are nobody's attack
	// Numbers behind Persisted and, tactic by tactic, behind Technique: for sums over a family.
	PersistedOf Found
	Tactics     map[string]Found
	GapsOf      int
	Unnamed     []string // gaps of the evidence that no limit names
	Innocents   []string // steps aimed at people who only did benign work
	Blamed      []string // wrongly, with the reason given; at most ten
	Overlooked  []string // attack events not blamed, with what they were called; at most ten
}
