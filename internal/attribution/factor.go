package attribution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// factor is a second factor that somebody registered for themselves.
type factor struct {
	person, directory, name string // unique id; or, of a directory's record, its id and name of the person, lower case
	at                      time.Time
}

const (
	// factorDays is how long a factor is remembered for where it was registered: by then an owner who did it on a
	// journey is home, and an intruder has used it or lost it.
	factorDays = 30
	maxFactors = 10_000 // registrations that are remembered at all
)

// findFactors gathers from where second factors were registered.
func (r *run) findFactors(ctx context.Context) error {
	r.factors = map[string][]factor{}
	var names []string
	for _, call := range r.w.FactorCalls {
		if _, name, ok := strings.Cut(call, ":"); ok {
			names = append(names, name)
		}
	}
	n := 0
	for e, err := range r.q.Events(ctx, evidence.Query{Names: names}) {
		if err != nil {
			return fmt.Errorf("read who registered a second factor: %w", err)
		}
		if e.Outcome() != evidence.Success || !slices.Contains(r.w.FactorCalls, e.Action()) || n == maxFactors {
			continue
		}
		n++
		id := e.Identity
		r.factors[e.Network()] = append(r.factors[e.Network()], factor{id.Person(), strings.ToLower(id.OnBehalfOf), strings.ToLower(id.UserName), e.Time})
	}
	return nil
}

// enrolledThere says whether the principal's second factor was registered from the cluster's own network, where the
// principal had not been on as many days as make a habit: whoever brings a factor of their own proves nothing by it.
func (r *run) enrolledThere(p *person, c *Cluster) bool {
	_, name, _ := strings.Cut(strings.ToLower(p.unique), ":")
	return p.baseline.networks[c.Network] < r.w.Baseline.MinDays && slices.ContainsFunc(r.factors[c.Network], func(f factor) bool {
		same := f.person == p.unique || f.directory != "" && slices.Contains(p.directoryIDs(), f.directory) || name != "" && f.name == name
		return same && !f.at.After(c.Last) && f.at.After(c.First.AddDate(0, 0, -factorDays))
	})
}
