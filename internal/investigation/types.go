package investigation

// The types of this file are sections of the report, see docs/formats/report.md.
// Times are RFC 3339 UTC. Evidence is a list of typed references ("event:<id>").

// Verdict answers the case in one sentence.
type Verdict struct {
	Status     string   `json:"status"`     // incident | suspicious | no_incident | inconclusive
	Severity   string   `json:"severity"`   // critical | high | medium | low | informational
	Confidence string   `json:"confidence"` // high | medium | low
	Headline   string   `json:"headline"`
	Claims     []string `json:"claims"`
}

// Principal is a principal the case touched, and its part in it.
type Principal struct {
	ARN        string   `json:"arn"`
	UniqueID   string   `json:"unique_id"`
	RoleInCase string   `json:"role_in_case"` // entry | pivot | created | target | owner | responder | service
	Claims     []string `json:"claims"`
}

// Finding is our conclusion that a technique was used or tried.
// One is made for each rule, however often it fitted: Evidence counts, First and Last bound.
type Finding struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Severity   string   `json:"severity"`
	Confidence string   `json:"confidence"`
	Outcome    string   `json:"outcome"`   // succeeded | attempted | mixed
	Technique  string   `json:"technique"` // id of the rule, "PR-002"
	Also       []string `json:"also"`      // less specific rules that some of the events fit as well
	Attack     []Attack `json:"attack"`
	First      string   `json:"first"`
	Last       string   `json:"last"`
	Evidence   []string `json:"evidence"`
	Resources  []string `json:"resources"`
	Claims     []string `json:"claims"`
}

// Attack is an ATT&CK technique in one of its tactics.
type Attack struct {
	Technique string `json:"technique"` // "T1098.001"
	Tactic    string `json:"tactic"`    // kebab-case
}

// Entry is one line of the timeline.
// The title of a rule stands in Text only where the call is held to be the intruder's: of
// anybody else's it would be an accusation.
type Entry struct {
	At      string `json:"at"`
	Event   string `json:"event"`
	Actor   string `json:"actor"`
	Phase   string `json:"phase"` // ATT&CK tactic in kebab-case, or use | response | context
	Text    string `json:"text"`
	Target  string `json:"target"`
	Outcome string `json:"outcome"` // success | failure
	Finding string `json:"finding"` // finding id, or ""
	Grade   string `json:"grade"`
}

// Impact is what the intruder got, changed, broke or spent.
// Text is made of sentences that are claims, one after the other; where one is struck it goes
// from the text, and with the first the row goes.
type Impact struct {
	Class    string    `json:"class"` // data | integrity | availability | money | identity
	Level    string    `json:"level"` // confirmed | probable | possible | excluded | not_covered
	Text     string    `json:"text"`
	Quantity *Quantity `json:"quantity"` // nil if nothing can be counted
	Evidence []string  `json:"evidence"`
	Coverage []string  `json:"coverage"` // limit ids
}

// Quantity is a number with its unit.
type Quantity struct {
	Value int64  `json:"value"`
	Unit  string `json:"unit"`
}

// Benign is something examined and judged harmless.
// It is kept in the report so that whoever comes upon the same calls need not examine them
// again.
type Benign struct {
	Text    string   `json:"text"`
	Events  []string `json:"events"`
	Because string   `json:"because"`
}

// Limit is something the evidence cannot show.
// Its kind is what other sections find it by, and what openEnds weighs; the effect is what a
// reader must not conclude.
type Limit struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Text     string    `json:"text"`
	Interval *Interval `json:"interval"` // nil if it has no bounds in time
	Effect   string    `json:"effect"`   // what therefore cannot be said
}

// Interval is half-open.
type Interval struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Coverage says what one account and region recorded on one day.
// It shows what was recorded and where, day for day; every claim of absence names the rows
// that it rests on.
type Coverage struct {
	Account string   `json:"account"`
	Region  string   `json:"region"`
	Day     string   `json:"day"` // YYYY-MM-DD
	Classes []string `json:"classes"`
	Events  int      `json:"events"`
	Gaps    []string `json:"gaps"`
}
