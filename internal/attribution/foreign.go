package attribution

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// foreignHands follows a principal of another account that came in by a door which the
// intruder had opened: whatever else it took or did here is likely the intruder's too. Its
// key is in no record of this account, so its own id is what tells it from the others of
// its account, of whom nothing is said.
func (r *run) foreignHands(ctx context.Context) (changed bool, err error) {
	for _, u := range slices.Clone(r.order) {
		for _, c := range r.people[u].clusters {
			n := r.g.Node(c.Credential)
			if !c.Actor.Hostile() || !strings.HasPrefix(c.Why, "lineage:trust_change") || n == nil || n.Best() == nil || n.Best().Parent != "" {
				continue
			}
			hand, at := n.Best().By, n.Best().At
			if hand == "" || r.spent["hand:"+hand] || strings.Contains(hand, n.Account) {
				continue
			}
			r.spent["hand:"+hand] = true
			changed = true
			p, err := r.load(ctx, hand)
			if err != nil {
				return false, fmt.Errorf("follow a principal of another account: %w", err)
			}
			for i := range p.events {
				e := &p.events[i]
				if e.Identity.Type != "AWSAccount" || e.Time.Before(at.Add(-slack)) || e.Outcome() == evidence.Failure || r.vouchedFor(e) {
					continue
				}
				p.verdicts[i] = verdict{LikelyIntruder, "lineage:foreign_hand", true}
			}
		}
	}
	return changed, nil
}

// vouchedFor says whether a statement speaks for the call.
func (r *run) vouchedFor(e *evidence.Event) bool {
	return slices.ContainsFunc(r.in.Known, func(k Known) bool { return k.fits(e) })
}
