package simulator

import "slices"

// Truth is what really happened: truth.json, described in docs/formats/truth.md.
type Truth struct {
	Schema    string            `json:"schema"`
	Name      string            `json:"name"`
	Seed      uint64            `json:"seed"`
	Mutations []string          `json:"mutations"`
	Kind      string            `json:"kind"`
	Sentence  string            `json:"sentence"`
	Answers   map[string]string `json:"answers"`
	Expected  Expected          `json:"expected"`

	SeedIndicators []Indicator `json:"seed_indicators"`
	// Attack holds what the intruder did, refused or not; Attempt those of it that
	// failed; Forwarded what services did for the intruder, which is in neither.
	AttackEventIDs    []string      `json:"attack_event_ids"`
	AttemptEventIDs   []string      `json:"attempt_event_ids"`
	ForwardedEventIDs []string      `json:"forwarded_event_ids"`
	Lineage           []Edge        `json:"lineage"`
	Persistence       []Persistence `json:"persistence"`
	Techniques        []Technique   `json:"techniques"`
	Decoys            []Decoy       `json:"decoys"`
	NotObservable     []string      `json:"not_observable"`
	Gaps              []Gap         `json:"gaps"`
	Counts            Counts        `json:"counts"`
}

// TruthSchema names the format of truth.json.
const TruthSchema = "trailhound.truth/v1"

// Expected is what a good report concludes.
type Expected struct {
	Status string `json:"status"` // report-v1: verdict.status
	Kind   string `json:"kind"`   // report-v1: case.kind

	// Unanswered are the verdicts that are right as well where nobody answers a question: the evidence
	// alone does not decide, and a report that says so, and what to ask, is as good as one can be.
	Unanswered []string `json:"unanswered,omitempty"`
}

// open lets a report say, without answers, that it must ask.
func (e *Expected) open() { e.Unanswered = []string{"suspicious", "inconclusive"} }

// Indicator is something the case is about, as the labels of the real data sets write it.
type Indicator struct {
	Type  string `json:"type"` // accessKeyId | userName | sourceIPAddress | roleArn | instanceId | bucket | accountId
	Value string `json:"value"`
	Why   string `json:"why,omitempty"`
}

// Edge says that a credential came from another. Parent is "" where a service
// issued it. A password goes by the ARN of its user, as parent and as child.
type Edge struct {
	Parent string `json:"parent"`
	Child  string `json:"child"`
	Event  string `json:"event"`
	Rule   string `json:"rule"`
	Unused bool   `json:"unused,omitempty"` // issued, and never seen in use
}

// Persistence is a way back in that the intruder made or tried to make.
type Persistence struct {
	Kind     string   `json:"kind"`
	ID       string   `json:"id"`
	Status   string   `json:"status"` // live | removed | attempted; unknown where optional
	EventIDs []string `json:"event_ids"`
	Optional bool     `json:"optional,omitempty"` // part of another item, or arguable: neither missed nor a phantom
}

// Technique is one of the catalogue, and the events that show it.
type Technique struct {
	ID       string   `json:"id"`
	Attack   string   `json:"attack"`
	EventIDs []string `json:"event_ids"`
}

// Gap is something that the evidence lacks and that a report must say it lacks.
type Gap struct {
	Kind  string `json:"kind"`  // trail_stopped | region | day | data_events | assume_role | baseline
	Value string `json:"value"` // which region or day, since when; "" where there is nothing to name
}

// Decoy is benign work that looks like the intruder's.
type Decoy struct {
	What     string   `json:"what"`
	EventIDs []string `json:"event_ids"`
}

// Counts sums up the corpus.
type Counts struct {
	Events     int `json:"events"`     // different ones
	Duplicates int `json:"duplicates"` // delivered a second time
	Attack     int `json:"attack"`
	Decoy      int `json:"decoy"`
	Files      int `json:"files"`
}

// mark says on whose account an event goes.
type mark struct {
	intruder bool
	behalf   bool   // a service acting for the intruder
	decoy    string // what it is that looks alike
}

// The zero mark is plain background: neither blamed nor a decoy.
var intruder = mark{intruder: true}

// decoy marks work that must not be blamed. Events of one text are one decoy.
func decoy(what string) mark { return mark{decoy: what} }

// forwarded is the mark of what a service does for whoever has m.
func (m mark) forwarded() mark { m.behalf = true; return m }

// recorder gathers the truth while the story is told.
type recorder struct {
	Truth
	used   map[string]bool   // keys that made a call as part of the story
	unseen map[string]bool   // events that the trail does not hold
	lost   map[string]bool   // events that a mutation took out of the evidence
	by     map[string]string // attack event to its key
}

// saw notes an event that is on the trail. A decoy of somebody whom a service acts for
// is still the decoy.
func (t *recorder) saw(m mark, id string, k *call) {
	switch {
	case m.decoy != "":
		i := slices.IndexFunc(t.Decoys, func(d Decoy) bool { return d.What == m.decoy })
		if i < 0 {
			i = len(t.Decoys)
			t.Decoys = append(t.Decoys, Decoy{What: m.decoy})
		}
		t.Decoys[i].EventIDs = append(t.Decoys[i].EventIDs, id)
	case m.behalf && m.intruder:
		t.ForwardedEventIDs = append(t.ForwardedEventIDs, id)
	case m.intruder:
		t.AttackEventIDs = append(t.AttackEventIDs, id)
		if k.errCode != "" || k.errMsg != "" {
			t.AttemptEventIDs = append(t.AttemptEventIDs, id)
		}
		t.shows(k.technique, id)
	}
}

// shows says that events show a technique: also one that only several together show.
func (t *recorder) shows(technique string, ids ...string) {
	if technique == "" {
		return
	}
	i := slices.IndexFunc(t.Techniques, func(x Technique) bool { return x.ID == technique })
	if i < 0 {
		i = len(t.Techniques)
		t.Techniques = append(t.Techniques, Technique{ID: technique, Attack: attackOf[technique]})
	}
	t.Techniques[i].EventIDs = append(t.Techniques[i].EventIDs, ids...)
}

// edge notes an issued credential of the story.
func (t *recorder) edge(m mark, k *cred) {
	if m.intruder && !t.unseen[k.event] {
		t.Lineage = append(t.Lineage, Edge{Parent: k.parent, Child: k.key, Event: k.event, Rule: k.rule})
	}
}

// persist notes what a report must list, with the calls that made it and, where it is
// removed again, the call that did.
func (t *recorder) persist(kind, id, status string, events ...string) {
	t.Persistence = append(t.Persistence, Persistence{Kind: kind, ID: id, Status: status, EventIDs: events})
}

// mayPersist notes what a report may list and may leave out.
func (t *recorder) mayPersist(kind, id, status string, events ...string) {
	t.Persistence = append(t.Persistence, Persistence{kind, id, status, events, true})
}

// indicate notes what the case is about. The first is where a scorer starts; why says so
// where the sentence does not name it.
func (t *recorder) indicate(kind, value, why string) {
	t.SeedIndicators = append(t.SeedIndicators, Indicator{kind, value, why})
}

// attackOf gives the first ATT&CK technique of each catalogue entry that a
// story here uses (ATT&CK v18); the catalogue itself is the authority.
var attackOf = map[string]string{
	"IA-001": "T1078.004", "IA-002": "T1078.004", "IA-003": "T1078.004", "IA-004": "T1110.001", "IA-005": "T1078.001",
	"IA-009": "T1552.005", "IA-015": "T1199",
	"DS-001": "T1087.004", "DS-002": "T1087.004", "DS-003": "T1087.004", "DS-004": "T1580", "DS-005": "T1580",
	"DS-008": "T1580", "DS-009": "T1526", "DS-010": "T1087.004", "DS-011": "T1518.001", "DS-017": "T1526", "DS-022": "T1555.006",
	"CA-001": "T1555.006", "CA-002": "T1555.006", "CA-008": "T1550.001",
	"PE-001": "T1098.003", "PE-006": "T1098.001", "PE-009": "T1548.005", "PE-019": "T1548.005",
	"PR-001": "T1136.003", "PR-002": "T1098.001", "PR-003": "T1098.001", "PR-004": "T1098.001", "PR-005": "T1098",
	"PR-006": "T1136.003", "PR-007": "T1098.001", "PR-012": "T1556.006", "PR-014": "T1098.001", "PR-015": "T1098", "PR-018": "T1546",
	"PR-024": "T1098", "PR-029": "T1537", "PR-033": "T1562.007",
	"DE-001": "T1562.008", "DE-018": "T1535", "DE-020": "T1070",
	"LM-001": "T1550.001", "LM-002": "T1199", "LM-003": "T1021.007", "LM-005": "T1651", "LM-010": "T1059.009",
	"CO-001": "T1530", "CO-010": "T1530", "CO-011": "T1619", "CO-006": "T1578.001",
	"XF-001": "T1537", "XF-012": "T1048", "XF-005": "T1537",
	"IM-001": "T1496.001", "IM-010": "T1496", "IM-011": "T1496", "IM-013": "T1486", "IM-015": "T1485", "IM-016": "T1490",
	"IM-002": "T1496.001", "IM-005": "T1578.005", "IM-006": "T1496", "DS-013": "T1580", "PR-022": "T1098.004", "DE-007": "T1562.001",
	"IA-006": "T1078.004", "IA-007": "T1078.004", "IA-010": "T1528", "PR-025": "T1525", "PR-030": "T1098",
	"CI-001": "T1195.002", "CI-002": "T1195.002", "CI-003": "T1528", "CI-005": "T1528", "CI-007": "T1195.002",
	"IM-017": "T1485.001", "IM-018": "T1486", "IM-023": "T1490",
	"IN-001": "T1078.004", "IN-003": "T1098.001", "DE-002": "T1562.008", "DE-022": "T1562.008",
}
