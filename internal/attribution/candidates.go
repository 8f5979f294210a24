package attribution

import (
	"cmp"
	"context"
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

// Sweep looks over everybody once, and then ranks who might be meant.
type Sweep struct {
	r        *run
	seen     map[string]*glance
	from, to time.Time
	interest Interest
}

// NewSweep passes over the evidence once, for a window of it; zero ends are open.
func NewSweep(ctx context.Context, q evidence.Querier, g *lineage.Graph, s *Survey, w *Weights, from, to time.Time, interest Interest, known []Known, held []Address) (*Sweep, error) {
	known, _ = narrowed(known)
	r := newRun(q, g, s, &Input{Known: known, Addresses: held}, w)
	if err := r.guests(ctx); err != nil {
		return nil, err
	}
	seen, err := r.glances(ctx, from, to, interest)
	return &Sweep{r, seen, from, to, interest}, err
}

// Candidates ranks the principals of the evidence by how much one of their clusters within
// the window departs from their own habits; anytime of all the evidence instead. Nothing
// is held against anybody: it answers what to ask about, not who did it.
func (s *Sweep) Candidates(ctx context.Context, anytime bool) ([]Candidate, error) {
	r, from, to := s.r, s.from, s.to
	if anytime {
		from, to = time.Time{}, time.Time{}
	}
	var out []Candidate
	for _, u := range s.interesting(from, to) {
		p, err := r.load(ctx, u)
		if err != nil {
			return nil, err
		}
		if c := r.candidate(p, from, to, s.interest); c != nil {
			out = append(out, *c)
		}
		// One at a time: a sweep must not hold the account.
		clear(r.people)
		r.order = r.order[:0]
		clear(r.byEvent)
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(b.Score-a.Score, a.First.Compare(b.First), cmp.Compare(a.Person, b.Person))
	})
	return out, nil
}

// interesting orders principals for examination: those with calls that matter
// to the kind of case, then the rest by id. Who has no call that any signal could
// speak against is left out.
func (s *Sweep) interesting(from, to time.Time) []string {
	best := map[string]int{}
	for u, g := range s.seen {
		if told, ok := g.standsOut(s.r.w, from, to); ok {
			best[u] = told.interest
			if told.grave {
				best[u] = max(best[u], 1)
			}
		}
	}
	out := make([]string, 0, len(best))
	for u := range best {
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(best[b]-best[a], cmp.Compare(a, b)) })
	return out[:min(len(out), maxExamined)]
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
