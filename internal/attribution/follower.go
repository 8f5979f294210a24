package attribution

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// serviceEvents settles what AWS did itself: service principals,
// service-linked roles, and the policy that AWS attaches to a user whose key it
// found in public. The last is written as if by that very user, from inside AWS.
func (r *run) serviceEvents(p *person) {
	for i := range p.events {
		e := &p.events[i]
		switch {
		case quarantine(e):
			p.verdicts[i] = verdict{Service, "noise:NM-01", true}
		case isService(e), e.Identity.ServiceLinked():
			p.set(i, Service, "noise:NM-03", true)
		}
	}
}

// quarantine recognises AWS's own answer to an exposed key (NM-01): its managed
// policy AWSCompromisedKeyQuarantine, attached to the very user in whose name
// the record is written. Anybody may give a policy of their own such a name; one
// of the account "aws" nobody else can make, and it only takes permissions away.
func quarantine(e *evidence.Event) bool {
	if e.Name != "AttachUserPolicy" || e.Identity.UserName == "" || !slices.Contains(e.Resources, e.Identity.UserName) {
		return false
	}
	return slices.ContainsFunc(e.Resources, func(res string) bool {
		_, policy, _ := strings.Cut(res, ":iam::aws:policy/")
		return strings.HasPrefix(res, "arn:aws") && strings.HasPrefix(policy, "AWSCompromisedKeyQuarantine")
	})
}

// Quarantine says whether the event is AWS attaching its quarantine policy: the
// latest moment at which an exposure was known.
func Quarantine(e *evidence.Event) bool { return quarantine(e) }

func isService(e *evidence.Event) bool {
	return e.Identity.Type == "AWSService" || e.Identity.Type == "" && e.Type == "AwsServiceEvent"
}

// followers settles the calls that have no address of their own: forwarded ones
// go with the call that caused them, a console's back-end calls with the
// nearest direct call of their session, and the far side of a cross-account
// call with the near side.
func (r *run) followers() {
	r.index()
	for _, u := range r.order {
		p := r.people[u]
		latest := map[string]int{} // session → index of its latest direct call
		for i := range p.events {
			e, v := &p.events[i], &p.verdicts[i]
			node := r.g.CredentialOf(e)
			session := sessionOf(r.g, node, e)
			if p.presigned[e.ID] {
				if !v.fixed {
					*v = p.signer(r, node, e)
				}
				continue
			}
			if node != "" && !e.FromAWS() {
				latest[session] = i
				continue
			}
			if v.fixed {
				continue
			}
			if node == "" {
				*v = r.farSide(e)
				continue
			}
			*v = r.forwardedBy(p, node, session, latest, i)
		}
	}
}

// signer judges a fetch of a presigned URL by who held the key that signed it:
// all that is sure is that a holder did. Where both held it, habits decide: of
// an owner who never gave out such URLs before, one that is fetched after the
// key was in the intruder's hands, from nowhere that the owner works, is likely
// the intruder's, if it is of a bucket that the intruder had looked at.
func (p *person) signer(r *run, node string, fetch *evidence.Event) verdict {
	hostile, rightful, habit, theirs, looked := false, false, false, false, false
	for i := range p.events {
		e := &p.events[i]
		if p.presigned[e.ID] {
			habit = habit || !hostile // with whichever of their keys
			continue
		}
		if r.g.CredentialOf(e) != node || p.owner[i] < 0 {
			continue
		}
		switch a := p.verdicts[i].actor; {
		case a.Hostile():
			hostile = true
			looked = looked || !e.Time.After(fetch.Time) && slices.ContainsFunc(e.Resources, func(r string) bool { return slices.Contains(fetch.Resources, r) })
		case a == Owner || a == Service || a == Responder:
			rightful = true
			theirs = theirs || e.Network() == fetch.Network()
		}
	}
	switch {
	case hostile && (!rightful || p.baseline != nil && p.baseline.Known && !habit && !theirs && looked):
		return verdict{LikelyIntruder, "lineage:presigned_url", true}
	case rightful && (!hostile || theirs):
		return verdict{Owner, "lineage:presigned_url", true}
	}
	return verdict{Undetermined, "lineage:presigned_url", true}
}

// index makes every loaded event findable by its id.
func (r *run) index() {
	for _, u := range r.order {
		p := r.people[u]
		for i := range p.events {
			r.byEvent[p.events[i].ID] = place{p, i}
		}
	}
}

func (r *run) find(event string) (place, bool) {
	if at, ok := r.byEvent[event]; ok {
		return at, true
	}
	r.index()
	at, ok := r.byEvent[event]
	return at, ok
}

func (r *run) forwardedBy(p *person, node, session string, latest map[string]int, i int) verdict {
	if n := r.g.Node(node); n != nil {
		if b := n.Best(); b != nil && b.Rule == "forwarded_access" {
			if at, ok := r.byEvent[b.Event]; ok {
				v := at.p.verdicts[at.i]
				if b.Tier < 4 && v.actor == Intruder {
					v.actor = LikelyIntruder
				}
				return verdict{v.actor, "lineage:forwarded_access", true}
			}
		}
	}
	if v, ok := r.startedBy(node); ok {
		return v
	}
	if j, ok := latest[session]; ok {
		return verdict{p.verdicts[j].actor, "session:" + p.verdicts[j].because, false}
	}
	// Before the session's first direct call: look ahead to it.
	for j := i + 1; j < len(p.events) && p.events[j].Time.Sub(p.events[i].Time) < 12*time.Hour; j++ {
		e := &p.events[j]
		if n := r.g.CredentialOf(e); n != "" && !e.FromAWS() && !p.presigned[e.ID] && sessionOf(r.g, n, e) == session {
			return verdict{p.verdicts[j].actor, "session:" + p.verdicts[j].because, false}
		}
	}
	if n := r.g.Node(node); n != nil {
		if b := n.Best(); b != nil && b.Tier >= 4 && !b.Held() {
			if at, ok := r.byEvent[b.Event]; ok && at.p.verdicts[at.i].actor.Hostile() {
				return verdict{at.p.verdicts[at.i].actor, "lineage:" + b.Rule, true}
			}
		}
	}
	return verdict{Undetermined, "no direct call of its session", false}
}

// startedBy judges what a runbook does by whoever started it: Systems Manager makes its
// calls, and its session never does anything else.
func (r *run) startedBy(node string) (verdict, bool) {
	n := r.g.Node(node)
	if n == nil {
		return verdict{}, false
	}
	for _, edge := range n.In {
		if edge.Rule != "started_automation" {
			continue
		}
		at, ok := r.find(edge.Event)
		if !ok {
			continue
		}
		switch a := at.p.verdicts[at.i].actor; {
		case a.Hostile():
			return verdict{LikelyIntruder, "lineage:started_automation", true}, true
		case a == Owner || a == Responder:
			return verdict{a, "started:" + edge.Event, true}, true
		}
	}
	return verdict{}, false
}

// starters loads whoever started the runbooks that a principal's sessions are.
func (r *run) starters(ctx context.Context, p *person) error {
	seen := map[string]bool{}
	for i := range p.events {
		node := r.g.CredentialOf(&p.events[i])
		if node == "" || seen[node] {
			continue
		}
		seen[node] = true
		n := r.g.Node(node)
		if n == nil {
			continue
		}
		for _, edge := range n.In {
			if edge.Rule == "started_automation" && edge.By != "" {
				if _, err := r.load(ctx, edge.By); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// farSide settles a record without a key: the resource account's view of a
// call, whose caller's view carries the same sharedEventID.
func (r *run) farSide(e *evidence.Event) verdict {
	hostile := r.hostileHere(e)
	for i := range r.in.Known {
		// The word for a party as a whole says less of a call than what was done, from that very place, with what it opened.
		if k := &r.in.Known[i]; k.fits(e) && !(hostile && len(k.Networks) == 0) {
			return verdict{k.Actor, "statement:" + k.Why, true}
		}
	}
	if v := r.issuedTo(e); v.actor != "" {
		return v
	}
	if e.SharedID != "" {
		for _, u := range r.order {
			p := r.people[u]
			for i := range p.events {
				o := &p.events[i]
				if o.SharedID == e.SharedID && o.ID != e.ID && r.g.CredentialOf(o) != "" {
					return verdict{p.verdicts[i].actor, "shared_event:" + o.ID, true}
				}
			}
		}
	}
	// Without the caller's view: the principal id still names the session.
	var best *evidence.Event
	var bestVerdict verdict
	if p := r.people[e.Identity.Person()]; p != nil {
		for i := range p.events {
			o := &p.events[i]
			if o.Identity.PrincipalID == e.Identity.PrincipalID && o.Identity.AccessKey != "" &&
				(best == nil || o.Time.Sub(e.Time).Abs() < best.Time.Sub(e.Time).Abs()) {
				best, bestVerdict = o, p.verdicts[i]
			}
		}
	}
	if best != nil {
		return verdict{bestVerdict.actor, "principal_id:" + e.Identity.PrincipalID, false}
	}
	return verdict{Undetermined, "the caller's own account is not in the evidence", false}
}

// issuedTo settles a federated sign-in by what was done with the session that
// it opened: whoever holds the session made the call.
func (r *run) issuedTo(e *evidence.Event) verdict {
	for _, edge := range r.g.IssuedBy(e.ID) {
		n := r.g.Node(edge.Child)
		if n == nil || edge.Tier < 4 {
			continue
		}
		p := r.people[n.Person]
		if p == nil {
			continue
		}
		for i := range p.events {
			if r.g.CredentialOf(&p.events[i]) == n.ID && p.verdicts[i].actor != "" {
				return verdict{p.verdicts[i].actor, "issued:" + n.ID, false}
			}
		}
	}
	return verdict{}
}

// hostileHere says whether a session that a call opened is in the intruder's hands where the call was made.
func (r *run) hostileHere(e *evidence.Event) bool {
	for _, edge := range r.g.IssuedBy(e.ID) {
		n := r.g.Node(edge.Child)
		if n == nil || edge.Tier < 4 || r.people[n.Person] == nil {
			continue
		}
		for _, c := range r.people[n.Person].clusters {
			if c.Credential == n.ID && c.Network == e.Network() && c.Actor.Hostile() {
				return true
			}
		}
	}
	return false
}

// leadsOnly keeps each lead once, in order.
func leadsOnly(in []lineage.Edge) []lineage.Edge {
	seen, out := map[lineage.Edge]bool{}, []lineage.Edge{}
	for _, e := range in {
		if !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}
