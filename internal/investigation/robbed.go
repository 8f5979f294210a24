package investigation

import (
	"slices"

	"github.com/trailhound/trailhound/internal/intake"
)

// robbed are the persons whose credentials somebody says outright were stolen, exposed, used
// by others or left with who used them; nil where such a word names nobody.
func (in *inquiry) robbed() (out []string) {
	for _, r := range in.readings() {
		for _, st := range r.Statements {
			switch st.Relation {
			case intake.Stolen, intake.Exposed, intake.Terminated, intake.NotOurs:
			default:
				continue
			}
			for _, s := range st.Seeds {
				if s.Kind == "principal" && !st.Negated {
					out = append(out, in.unique(s.Value)...)
				}
			}
		}
	}
	return out
}

// sparesOthers keeps from whom the case only names beside a theft what it says of the robbed: where
// it tells whose was stolen, it does not call everybody's so. Who is named is examined.
// A colleague who reports the theft must not be judged as a thief's victim for it.
func (in *inquiry) sparesOthers() {
	robbed := in.robbed()
	if !slices.ContainsFunc(in.input.Principals, func(u string) bool { return slices.Contains(robbed, u) }) {
		return
	}
	var kept []string
	for _, u := range in.input.Principals {
		if slices.Contains(robbed, u) {
			kept = append(kept, u)
		} else if !slices.Contains(in.input.Examine, u) {
			in.input.Examine = append(in.input.Examine, u)
		}
	}
	in.input.Principals = kept
}
