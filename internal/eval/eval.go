// Package eval holds reports against truth: the simulator's, and the labels of
// real data. It runs no investigation itself; whoever wires it hands in one.
package eval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// Truth is what a case should have found. Events that are in neither Attack nor
// Innocent count neither way: an operator's own set-up, calls that a service
// made for the intruder.
type Truth struct {
	Name        string
	Sentence    string
	Answers     map[string]string
	Status      []string // verdicts that are right; empty: any
	Attack      []string
	Neutral     []string
	Innocent    []string // nil: every event that is not Attack or Neutral
	Decoys      []Decoy
	Lineage     []Edge
	Persistence []Item
	Techniques  []string            // catalogue ids
	Attacks     []string            // ATT&CK ids, where labels use those
	Tactics     map[string][]string // catalogue id to its tactics
	Gaps        []Gap               // what the evidence lacks
	SeedKey     string              // for the dumb baselines
	SeedUser    string
	SeedIP      string
}

// Decoy is benign work that must not be blamed.
type Decoy struct {
	What   string
	Events []string
}

// Edge is a credential and the one it came from.
type Edge struct{ Parent, Child string }

// Item is something left behind.
type Item struct {
	Kind, ID, Status string
	Optional         bool // arguable: neither a miss nor a phantom
}

// Score is how one report did.
type Score struct {
	Name       string
	Status     string
	StatusOK   bool
	Precision  float64
	Recall     float64
	F1         float64
	Decoys     int // decoy events blamed
	DecoysOf   int
	Lineage    float64 // edges found; 1 if there are none to find
	Persisted  float64
	Phantoms   []string // live items that nobody made
	Technique  float64
	Missed     []string // techniques, edges and items not found
	Uncited    int      // claims that fail or citations that lead nowhere
	Claims     int
	Struck     int
	Containing int // containment steps
	SeedF1     float64
	SeedIPF1   float64

	Quiet       bool // there was no intruder
	Wrong       int  // events blamed that are nobody's attack
	PersistedOf Found
	Tactics     map[string]Found
	GapsOf      int
	Unnamed     []string // gaps of the evidence that no limit names
	Innocents   []string // steps aimed at people who only did benign work
	Blamed      []string // wrongly, with the reason given; at most ten
	Overlooked  []string // attack events not blamed, with what they were called; at most ten
}

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

func (s *Score) lineage(t Truth, r *report.Report) {
	found := map[Edge]bool{}
	for _, c := range r.Credentials {
		if c.IssuedBy != nil {
			found[Edge{c.IssuedBy.Credential, c.ID}] = true
		}
	}
	for _, c := range r.Claims {
		if c.Predicate.Op == "lineage" {
			found[Edge{c.Predicate.Parent, c.Predicate.Child}] = true
		}
	}
	n := 0
	for _, e := range t.Lineage {
		if found[e] {
			n++
		} else {
			s.Missed = append(s.Missed, fmt.Sprintf("edge %s > %s", e.Parent, e.Child))
		}
	}
	s.Lineage = ratio(n, len(t.Lineage))
}

func (s *Score) persistence(t Truth, r *report.Report) {
	n, required := 0, 0
	matched := map[int]bool{}
	for _, want := range t.Persistence {
		ok := false
		for i, got := range r.Persistence {
			if sameItem(want, Item{Kind: got.Kind, ID: got.ID, Status: got.Status}) {
				ok = true
				matched[i] = true
			}
		}
		if want.Optional {
			continue
		}
		required++
		if ok {
			n++
		} else {
			s.Missed = append(s.Missed, fmt.Sprintf("persistence %s %s %s", want.Kind, want.ID, want.Status))
		}
	}
	s.Persisted = ratio(n, required)
	s.PersistedOf = Found{n, required}
	if t.Persistence == nil {
		return
	}
	for i, got := range r.Persistence {
		if !matched[i] && got.Status == "live" {
			s.Phantoms = append(s.Phantoms, got.Kind+" "+got.ID)
		}
	}
}

// sameItem compares by the id's last part, since labels name things more
// loosely than reports do, and by status where the label gives one.
func sameItem(want, got Item) bool {
	if want.Status != "" && want.Status != got.Status && !want.Optional {
		return false
	}
	return got.ID == want.ID || strings.HasSuffix(got.ID, "/"+want.ID) || strings.HasSuffix(got.ID, ":"+want.ID) ||
		strings.HasPrefix(got.ID, want.ID+"#") || strings.Contains(got.ID, "/"+want.ID+"#")
}

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

func ratio(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// seedEvents is what a script would blame: every event of the seed, and, if
// asked, every event from the addresses that the seed was used from.
func seedEvents(t Truth, events []evidence.Event, withIPs bool) map[string]bool {
	out, ips := map[string]bool{}, map[string]bool{}
	for i := range events {
		e := &events[i]
		if t.SeedKey != "" && e.Identity.AccessKey == t.SeedKey || t.SeedKey == "" && t.SeedUser != "" && e.Identity.UserName == t.SeedUser ||
			t.SeedKey == "" && t.SeedUser == "" && t.SeedIP != "" && e.SourceIP == t.SeedIP {
			out[e.ID] = true
			ips[e.SourceIP] = true
		}
	}
	if !withIPs {
		return out
	}
	for i := range events {
		if ips[events[i].SourceIP] {
			out[events[i].ID] = true
		}
	}
	return out
}

// Table renders scores for people.
func Table(scores []Score) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s %-13s %5s %5s %5s  %-9s %5s %5s %-4s %5s %-9s %5s %5s\n",
		"case", "verdict", "prec", "rec", "F1", "decoys", "edges", "pers", "phan", "tech", "uncited", "seed", "+IPs")
	slices.SortStableFunc(scores, func(a, b Score) int { return cmp.Compare(a.Name, b.Name) })
	for _, s := range scores {
		mark := ""
		if !s.StatusOK {
			mark = "!"
		}
		fmt.Fprintf(&b, "%-34s %-13s %5.2f %5.2f %5.2f  %-9s %5.2f %5.2f %-4d %5.2f %-9s %5.2f %5.2f\n", clip(s.Name, 34), s.Status+mark, s.Precision, s.Recall, s.F1,
			fmt.Sprintf("%d/%d", s.Decoys, s.DecoysOf), s.Lineage, s.Persisted, len(s.Phantoms), s.Technique, fmt.Sprintf("%d/%d", s.Uncited, s.Claims), s.SeedF1, s.SeedIPF1)
	}
	return b.String()
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}
