// Package eval holds reports against truth: the simulator's, and the labels of
// real data. It runs no investigation itself; whoever wires it hands in one.
//
// truth.go says what a case should have found; labels.go makes it of the labels beside
// real data, and the command's eval_case.go of a simulator's run. Of hands truth and
// report to one file for each thing that is scored (gaps, innocents, mistakes, lineage,
// persistence, techniques) and adds what two dumb scripts would have got (baseline.go).
// table.go and family.go print scores, which docs/scoreboard.md explains column by
// column; study.go runs the same cases under other weights.
package eval

import (
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// Of scores a report. events are all events of the case's evidence, for the
// baselines and for what counts as innocent.
// Every part fills fields of its own and reads none of another's, so their order does not
// matter. Score.Uncited is left to the caller: to check claims takes the evidence store,
// which this package does not open.
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
// The harmless and the neutral are weighed differently: who is blamed for a neutral event
// is neither right nor wrong, so blaming all of a service's calls on the intruder's behalf
// costs nothing, and finding them earns nothing.
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
		// There was nothing to find, so all of it was found; what was blamed is all wrong.
		return 0, 1, 0
	}
	// Nothing right was blamed: F1 would divide by zero, and is 0 by convention.
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
