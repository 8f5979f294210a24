package playbook

// Outcome is the report's section "playbook": the flow of the case's kind, as
// far as it came.
type Outcome struct {
	Kind      string      `json:"kind"` // the playbook used; "common" where the kind has none
	Title     string      `json:"title"`
	Questions []Asked     `json:"questions"`
	Evidence  []Wanted    `json:"evidence"`
	Decisions []Decision  `json:"decisions"`
	Criteria  []Criterion `json:"criteria"`
}

// Asked is a question that the flow needs, and whether somebody settled it.
type Asked struct {
	ID       string `json:"id"` // of content/questions
	Required bool   `json:"required"`
	Status   string `json:"status"` // settled | assumed
}

// Wanted is evidence that the flow wants.
type Wanted struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Present string `json:"present"` // yes | no | cannot_tell
	Because string `json:"because"`
	// At most ten, of what the sentence counts.
	Refs []string `json:"evidence"`
}

// Decision is a fork of the flow, and the way this case went.
type Decision struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`   // the question
	Answer  string   `json:"answer"` // yes | no | cannot_tell
	Then    string   `json:"then"`   // what follows from the answer
	Because string   `json:"because"`
	Refs    []string `json:"evidence"`
}

// Criterion is one condition for closing the case.
type Criterion struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Status  string   `json:"status"` // met | not_met | cannot_tell
	Then    string   `json:"then"`   // the playbook's sentence for that status
	Because string   `json:"because"`
	Refs    []string `json:"evidence"`
}

// Hypothesis is a harmless explanation, weighed. It never changes who an event
// is attributed to.
type Hypothesis struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Verdict string  `json:"verdict"` // supported | possible | refuted | no_evidence
	For     []Point `json:"for"`
	Against []Point `json:"against"`
	// SetAside are events that the investigation already holds to be just this,
	// and not the intruder's; the verdict is about the others.
	SetAside []string `json:"set_aside"`
	Decide   string   `json:"decide"` // what would decide it
}

// Point is one thing that speaks for a hypothesis, or against it.
type Point struct {
	Signal  string   `json:"signal"`
	Text    string   `json:"text"`
	Because string   `json:"because"`
	Refs    []string `json:"evidence"`
}

// The three answers of a check.
const (
	yes     = "yes"
	no      = "no"
	unknown = "cannot_tell"
)

// The statuses of a criterion.
const (
	Met        = "met"
	NotMet     = "not_met"
	CannotTell = "cannot_tell"
)

// The verdicts on a hypothesis.
const (
	Supported  = "supported"
	Possible   = "possible"
	Refuted    = "refuted"
	NoEvidence = "no_evidence"
)
