package attribution

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// oneGo is how far apart sessions of one principal begin that are one go at the work.
const oneGo = time.Hour

// letStranger judges the session that opened a role to an account of others by which the intruder then
// came in, and reports whether it was found to be the intruder's. Place and tool say nothing where a
// pipeline works for whoever holds its token. But an account that nobody had seen, let in at an hour at
// which the principal hardly ever works, and at once at work as the intruder, was let in by the one who
// came: so was what the principal did in the same go.
func (r *run) letStranger(ctx context.Context, m *person, let string, e *evidence.Event) (bool, error) {
	at, ok := r.find(e.ID)
	if !ok || m.owner[at.i] < 0 {
		return false, nil
	}
	c := m.clusters[m.owner[at.i]]
	if c.fixed || c.early || c.vouched || c.Actor.Hostile() || !c.scored("odd_hour") || r.beforeExposure(c) {
		return false, nil
	}
	stranger, err := r.strangerBehind(ctx, let, e)
	if err != nil || !stranger {
		return false, err
	}
	for _, o := range m.clusters {
		if o == c || o.scored("odd_hour") && !o.vouched && o.First.After(c.First.Add(-oneGo)) && o.First.Before(c.First.Add(oneGo)) {
			m.blameCluster(o, "lineage:reverse:let_stranger_in")
		}
	}
	return true, nil
}

// strangerBehind says whether an account that the call let in by name, and that never called before it, was
// the first to take the role thereafter, within the day, and for the intruder.
func (r *run) strangerBehind(ctx context.Context, let string, e *evidence.Event) (bool, error) {
	entry, first := "", time.Time{}
	for _, c := range r.people[let].clusters {
		n := r.g.Node(c.Credential)
		if n == nil || n.Best() == nil || n.Best().Rule != "assume_role_cross_account" || n.Best().At.Before(e.Time) {
			continue
		}
		if at := n.Best().At; entry == "" || at.Before(first) {
			entry, first = "", at
			if c.Actor.Hostile() {
				entry = n.Best().Event
			}
		}
	}
	if entry == "" || first.Sub(e.Time) > selfWindow {
		return false, nil
	}
	account, doc := "", ""
	for o, err := range r.q.Events(ctx, evidence.Query{IDs: []string{entry, e.ID}, Body: true}) {
		if err != nil {
			return false, fmt.Errorf("read whom a role was opened to: %w", err)
		}
		switch rec, err := o.Parse(); {
		case o.ID == entry:
			account = o.Identity.Account
		case err == nil: // what cannot be read named nobody
			doc = lineage.TrustText(rec)
		}
	}
	if account == "" || account == e.Account || !strings.Contains(doc, account) {
		return false, nil
	}
	for _, p := range r.s.Principals() {
		if p.Identity.Account == account && p.First.Before(e.Time) {
			return false, nil // known before: a partner, or an account of the house
		}
	}
	return true, nil
}
