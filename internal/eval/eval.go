// Package eval holds reports against truth: the simulator's, and the labels of
// real data. It runs no investigation itself; whoever wires it hands in one.
package eval

import (
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// Of scores a report. events are all events of the case's evidence, for the
// baselines and for what counts as innocent.
func Of(t Truth, r *report.Report, events []evidence.Event) Score {
	s := Score{Name: t.Name, Status: r.Verdict.Status, StatusOK: len(t.Status) == 0 || slices.Contains(t.Status, r.Verdict.Status),
		Claims: len(r.Claims), Struck: len(r.StruckClaims), Containing: len(r.Containment)}
	blamed := map[string]bool{}
	for _, row := range r.Attribution {
		if row.Actor.Hostile() {
			blamed[row.Event] = true
		}
	}
	s.Precision, s.Recall, s.F1 = t.measure(blamed)
	for _, d := range t.Decoys {
		s.DecoysOf += len(d.Events)
		for _, e := range d.Events {
			if blamed[e] {
				s.Decoys++
			}
		}
	}
	s.gaps(t, r)
	s.innocents(t, r, events)
	s.mistakes(t, r, events)
	s.lineage(t, r)
	s.persistence(t, r)
	s.techniques(t, r)
	_, _, s.SeedF1 = t.measure(seedEvents(t, events, false))
	_, _, s.SeedIPF1 = t.measure(seedEvents(t, events, true))
	return s
}

// measure is precision, recall and F1 of a set of blamed events. With nothing
// to find, blaming nobody is perfect.
func (t Truth) measure(blamed map[string]bool) (p, r, f float64) {
	attack, neutral := set(t.Attack), set(t.Neutral)
	innocent := set(t.Innocent)
	hit, wrong := 0, 0
	for e := range blamed {
		switch {
		case attack[e]:
			hit++
		case neutral[e]:
		case t.Innocent == nil || innocent[e]:
			wrong++
		}
	}
	if len(attack) == 0 {
		if wrong == 0 {
			return 1, 1, 1
		}
		return 0, 1, 0
	}
	if hit == 0 {
		return 0, 0, 0
	}
	p, r = float64(hit)/float64(hit+wrong), float64(hit)/float64(len(attack))
	return p, r, 2 * p * r / (p + r)
}

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, s := range list {
		m[s] = true
	}
	return m
}

// ratio is n of of; 1 where there was nothing to find.
func ratio(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}
