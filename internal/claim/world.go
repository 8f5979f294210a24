package claim

import (
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// World is everything a claim can be held against. Only Events must be given;
// what is missing makes the claims that need it fail, never pass.
type World struct {
	Events evidence.Querier
	Links  Links // the lineage graph, rebuilt from the evidence
	// Coverage never reads the report's own table: an edited table would prove any
	// absence.
	Coverage func(id string) (Covered, bool) // what a coverage id stands for, computed from the evidence
	Answers  map[string]string               // what people stated, by question id
	Observed evidence.Observer               // snapshots, alerts, costs and flows; nil if none are held
	// Actors is a judgement and no fact of the evidence. It is nil where nobody
	// judged, and then every claim about an actor fails; an event without a row in a
	// map that is there is one of nobody known.
	Actors map[string]string // event id to actor, from the report or from the engine
}

// Links answers whether the evidence shows that parent issued child.
type Links interface {
	// Linked returns the ids of the issuing events of that edge. An empty
	// parent stands for a service; an empty rule for any rule.
	Linked(child, parent, rule string) (events []string, ok bool)
}

// Covered is what one coverage row proves: that for this account and region,
// between From and To, calls of these classes would be in the evidence.
type Covered struct {
	Account string
	Region  string
	From    time.Time
	To      time.Time // half-open
	Classes []string  // management_read | management_write | data:<service> | …
	// Gaps need not be sorted and may overlap.
	Gaps []Gap // intervals of the row that it does not cover
}

// Gap is an interval without cover, half-open.
type Gap struct{ From, To time.Time }

// Result says how the check of one claim went.
type Result struct {
	ID  string
	Err error // nil if the claim holds; else one sentence about what does not
	// Notes never make a claim fail.
	Notes []string // what a reader should know although the claim holds
}

// Limits on what one claim may hold. Reports from elsewhere are not trusted to
// be of a sane size.
const (
	MaxText     = 16 << 10 // bytes of a sentence
	MaxEvidence = 100_000  // references of one claim
	MaxValues   = 10_000   // values of one field of a filter
	maxPath     = 512      // bytes of a field name
)
