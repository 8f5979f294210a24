package attribution

import (
	"context"
	"fmt"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// recoveryWindow is how soon after root's password was recovered a sign-in is
// taken to be made with the new one.
const recoveryWindow = 24 * time.Hour

// recoveries finds the networks from which root's password was recovered and
// root then entered without a second factor, where nobody of the account had been
// before: whoever reads the mailbox of the root user gets in so, and hardly
// anybody else. Where the evidence begins too late to say that a network is new,
// it is said of none.
func (r *run) recoveries(ctx context.Context, p *person) error {
	recovered := map[string]time.Time{} // network → the first recovery that counts
	entered := map[string][]time.Time{} // network → sign-ins without a second factor
	any := false
	for i := range p.events {
		any = any || p.events[i].Name == "PasswordRecoveryCompleted" && p.events[i].Identity.Type == "Root"
	}
	if !any {
		return nil
	}
	q := evidence.Query{Principals: []string{p.unique}, Names: []string{"PasswordRecoveryCompleted", "ConsoleLogin"}, Body: true}
	for e, err := range r.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read how root signed in: %w", err)
		}
		rec, err := e.Parse()
		if err != nil || e.Identity.Type != "Root" || e.FromAWS() || rec.Str("responseElements."+e.Name) != "Success" {
			continue
		}
		n := e.Network()
		switch {
		case e.Name == "ConsoleLogin" && !secondFactor(rec):
			entered[n] = append(entered[n], e.Time)
		case e.Name == "PasswordRecoveryCompleted" && recovered[n].IsZero() && r.newcomers(n, e.Time):
			recovered[n] = e.Time
		}
	}
	for n, at := range recovered {
		for _, in := range entered[n] {
			if !in.Before(at) && in.Sub(at) <= recoveryWindow {
				if p.recovered == nil {
					p.recovered = map[string]time.Time{}
				}
				p.recovered[n] = at
			}
		}
	}
	return nil
}

// newcomers says whether a network first appears about a moment, in evidence that
// began days before it.
func (r *run) newcomers(network string, at time.Time) bool {
	first := r.s.FirstDay(network)
	return !r.nets.shared(network) && r.s.First.AddDate(0, 0, r.w.Baseline.MinDays).Before(at) && first >= at.Add(-recoveryWindow).Format("2006-01-02")
}
