package attribution

import (
	"context"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// federated settles the member account's record of the sign-ins that portals settled: the
// directory itself takes the role there with an assertion, from an address of AWS and
// with no key, and the key that the record issues is not the one that is used later. It is
// the second half of one call, so it is whose the first half is, joined by role, person and
// second. Where two sign-ins fall into that second and are not of one mind, it stays open.
func (r *run) federated(ctx context.Context, opened []*portalSession, settled map[*evidence.Event]verdict) error {
	byID := map[string]verdict{}
	for e, v := range settled {
		byID[e.ID] = v
	}
	type session struct {
		at time.Time
		v  verdict
	}
	with := map[string][]session{} // by the role's id and the session's name
	var from, to time.Time
	for _, x := range opened {
		v := byID[x.e.ID]
		if x.inner {
			v = verdict{x.clusters[0].Actor, "lineage:reverse:identity_center", true}
		}
		if v.actor == "" {
			continue
		}
		for _, c := range x.clusters {
			n := r.g.Node(c.Credential)
			if n == nil || n.Created.IsZero() {
				continue
			}
			with[n.PrincipalID] = append(with[n.PrincipalID], session{n.Created, v})
			if from.IsZero() || n.Created.Before(from) {
				from = n.Created
			}
			if n.Created.After(to) {
				to = n.Created
			}
		}
	}
	if len(with) == 0 {
		return nil
	}
	q := evidence.Query{Sources: []string{"sts.amazonaws.com"}, Names: []string{"AssumeRoleWithSAML"}, From: from.Add(-time.Second), To: to.Add(2 * time.Second), Body: true}
	for e, err := range r.q.Events(ctx, q) {
		if err != nil {
			return err
		}
		if r.byEvent[e.ID].p != nil || !e.FromAWS() {
			continue
		}
		rec, err := e.Parse()
		if err != nil {
			continue // the decoder has said so
		}
		var v verdict
		for _, s := range with[rec.Str("responseElements.assumedRoleUser.assumedRoleId")] {
			if d := e.Time.Sub(s.at); d < -time.Second || d > time.Second {
				continue
			}
			if v.actor != "" && v.actor != s.v.actor {
				v = verdict{}
				break
			}
			v = s.v
		}
		if v.actor != "" {
			settled[&e] = v
		}
	}
	return nil
}
