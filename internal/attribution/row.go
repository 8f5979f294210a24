package attribution

// Actor is who we hold to have acted. It is a conclusion, never a log field.
type Actor string

// The actors an event can be attributed to.
const (
	Intruder       Actor = "intruder"
	LikelyIntruder Actor = "likely_intruder"
	Undetermined   Actor = "undetermined"
	Owner          Actor = "owner"
	Service        Actor = "service"
	Responder      Actor = "responder"
)

// Hostile says whether the actor is the intruder, certainly or likely.
func (a Actor) Hostile() bool { return a == Intruder || a == LikelyIntruder }

// Row is one row of the report's "attribution".
type Row struct {
	Event      string `json:"event"`
	Actor      Actor  `json:"actor"`
	Credential string `json:"credential"`
	Because    string `json:"because"` // for example "lineage:assume_role" or "score:105"
}
