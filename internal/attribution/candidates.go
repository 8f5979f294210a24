package attribution

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// Candidate is a principal that might be what a case without an anchor is about.
type Candidate struct {
	Person  string
	ARN     string
	Score   int // of its most suspicious cluster in the window, plus what the kind of case adds
	Why     string
	First   time.Time
	Cluster *Cluster
}

// Interest says how much an event matters to the kind of case: points that the
// strongest such event of a cluster adds to its score.
type Interest func(e *evidence.Event) int

// maxExamined bounds how many principals a sweep judges; those with the most
// interesting calls come first.
const maxExamined = 400

// Candidates ranks the principals of the evidence by how much one of their
// clusters within the window departs from their own habits. Nothing is held
// against anybody: it answers what to ask about, not who did it.
func Candidates(ctx context.Context, q evidence.Querier, g *lineage.Graph, s *Survey, w *Weights, from, to time.Time, interest Interest, known []Known, held []Address) ([]Candidate, error) {
	known, _ = narrowed(known)
	r := newRun(q, g, s, &Input{Known: known, Addresses: held}, w)
	if err := r.guests(ctx); err != nil {
		return nil, err
	}
	if err := r.doors(ctx); err != nil {
		return nil, err
	}
	interesting, err := r.interesting(ctx, from, to, interest)
	if err != nil {
		return nil, err
	}
	var out []Candidate
	for _, u := range interesting {
		// One at a time, each with a graph that is forgotten: a sweep must not hold the account.
		g.Aside(func(of *lineage.Graph) {
			r.g, r.nets.g = of, of
			var p *person
			if p, err = r.load(ctx, u); err != nil {
				return
			}
			if c := r.candidate(p, from, to, interest); c != nil {
				out = append(out, *c)
			}
		})
		if err != nil {
			return nil, err
		}
		clear(r.people)
		r.order = r.order[:0]
		clear(r.byEvent)
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(b.Score-a.Score, a.First.Compare(b.First), cmp.Compare(a.Person, b.Person))
	})
	return out, nil
}

// interesting lists the principals whom a signal could speak against: where they are more
// than a sweep judges, those with calls that matter to the kind of case first, by id.
func (r *run) interesting(ctx context.Context, from, to time.Time, interest Interest) ([]string, error) {
	best := map[string]int{}
	var out []string
	for _, p := range r.s.Principals() {
		if r.s.standsOut(p.Person, r.w, from, to) {
			out = append(out, p.Person)
		}
	}
	if len(out) <= maxExamined {
		return out, nil
	}
	for e, err := range r.q.Events(ctx, evidence.Query{From: from, To: to, Brief: true}) {
		if err != nil {
			return nil, fmt.Errorf("look for who stands out: %w", err)
		}
		best[e.Identity.Person()] = max(best[e.Identity.Person()], interest(&e), min(len(r.w.graveActs[e.Action()]), 1))
	}
	slices.SortStableFunc(out, func(a, b string) int { return best[b] - best[a] })
	return out[:maxExamined], nil
}

func (r *run) candidate(p *person, from, to time.Time, interest Interest) *Candidate {
	r.in.Exposed = from
	r.judgePerson(p)
	var best *Candidate
	for _, c := range p.clusters {
		if !to.IsZero() && !c.First.Before(to) || c.Last.Before(from) {
			continue
		}
		if c.Actor == Owner || c.Actor == Service || c.Actor == Responder {
			continue
		}
		score, first := c.Score, c.First
		if c.series { // however usual the rest makes it look
			score = max(score, r.w.Thresholds.Undetermined)
		}
		add := 0
		for _, i := range c.events {
			add = max(add, interest(&p.events[i]))
		}
		score += add
		if best == nil || score > best.Score {
			best = &Candidate{Person: p.unique, ARN: p.events[c.events[0]].Identity.ARN, Score: score, Why: c.because(), First: first, Cluster: c}
		}
	}
	return best
}
