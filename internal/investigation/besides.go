package investigation

import (
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/intake"
)

// setAside takes from those who made calls that bring an effect about whoever is said to have
// done the same to something else, if the evidence holds no more such calls of theirs than
// they own to: the others are still to be found, and who owns to one act is not who did
// another. Where it holds more, nobody can tell which is theirs, and they stay. What they did
// to a thing that the case names is never set aside.
func (in *inquiry) setAside(e intake.Effect, by map[string]*doer) {
	for _, b := range e.Besides {
		for _, person := range in.personsOf(b, by) {
			d := by[person]
			other := len(d.events) - len(d.named)
			switch {
			case other == 0:
			case b.N > 0 && other > b.N:
				text := fmt.Sprintf("It was stated that %s did %d of what the case tells of (%s), and the evidence holds %d such calls, the first by %s (event %s). Which of them were meant?",
					d.arn, b.N, effectName(e), other, in.act(&d.first, d.first.Identity.AccessKey), d.first.ID)
				if !slices.Contains(in.res.Open, text) { // the scope may be read twice
					in.res.Open = append(in.res.Open, text)
				}
			case len(d.named) == 0:
				in.owned = append(in.owned, d.events...)
				in.assume("", fmt.Sprintf("What was done by %s is what they own to (%s; event %s), and was not held to be what the case is about: others who did such a thing were looked for.",
					in.act(&d.first, d.first.Identity.AccessKey), effectName(e), d.first.ID))
				delete(by, person)
			default:
				in.owned = append(in.owned, slices.DeleteFunc(slices.Clone(d.events), func(id string) bool { return slices.Contains(d.named, id) })...)
				d.events = d.named
			}
		}
	}
}

// personsOf are the persons among by whom a statement means. "Us" means nobody by name: where
// the case names the thing, who did it to other things is left out anyway.
func (in *inquiry) personsOf(b intake.Besides, by map[string]*doer) (out []string) {
	if b.Who == "" {
		return nil
	}
	for _, p := range in.unique(b.Who) {
		if by[p] != nil {
			out = append(out, p)
		}
	}
	return out
}
