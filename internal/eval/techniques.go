package eval

import (
	"strings"

	"github.com/trailhound/trailhound/internal/report"
)

// techniques looks for the rules and the ATT&CK techniques of the truth; a technique is
// found by a sub-technique of it too.
// Findings beyond the truth are no mistake here: a rule that fires on the owner's work is
// one of attribution, and shows in precision.
func (s *Score) techniques(t Truth, r *report.Report) {
	have, attack := map[string]bool{}, map[string]bool{}
	for _, f := range r.Findings {
		have[f.Technique] = true
		for _, id := range f.Also {
			have[id] = true
		}
		for _, a := range f.Attack {
			attack[a.Technique] = true
			base, _, _ := strings.Cut(a.Technique, ".")
			attack[base] = true
		}
	}
	s.tactics(t, have)
	n := 0
	for _, id := range t.Techniques {
		if have[id] {
			n++
		} else {
			s.Missed = append(s.Missed, "technique "+id)
		}
	}
	for _, id := range t.Attacks {
		if attack[id] {
			n++
		} else {
			s.Missed = append(s.Missed, "technique "+id)
		}
	}
	s.Technique = ratio(n, len(t.Techniques)+len(t.Attacks))
}

// tactics counts the techniques of the truth, tactic by tactic.
// A technique of several tactics counts under each; ATT&CK ids of labels are left out,
// since only the catalogue says which tactic was meant.
func (s *Score) tactics(t Truth, have map[string]bool) {
	s.Tactics = map[string]Found{}
	for _, id := range t.Techniques {
		for _, tactic := range t.Tactics[id] {
			f := s.Tactics[tactic]
			f.Of++
			if have[id] {
				f.N++
			}
			s.Tactics[tactic] = f
		}
	}
}
