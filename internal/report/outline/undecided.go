package outline

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
)

// Undecided is what one credential did from one network that could be put down to
// nobody.
type Undecided struct {
	Claim   claim.Claim
	Because string // why it is open, as words without a stop; empty if there is no more to say
}

// Undecided lists what the verdict leaves open, in its order: those of its claims
// that count calls of no settled party. An incident has none, its findings speak.
func (o *Outline) Undecided() []Undecided {
	var out []Undecided
	for _, id := range o.Verdict.Claims {
		c := o.Claim(id)
		if c == nil || !unsettled(c.Predicate) {
			continue
		}
		u := Undecided{Claim: *c}
		for _, ref := range c.Evidence {
			if event, ok := strings.CutPrefix(ref, "event:"); ok {
				if because := o.Row(event).Because; because != "" {
					u.Because = attribution.Words(because)
					break
				}
			}
		}
		out = append(out, u)
	}
	return out
}

func unsettled(p claim.Predicate) bool {
	actors, _ := p.Filter["actor"].([]any)
	return p.Op == "count" && slices.Contains(actors, any(string(attribution.Undetermined)))
}
