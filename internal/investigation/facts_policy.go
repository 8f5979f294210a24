package investigation

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// policies are the policies of the case's identities, as snapshots and calls tell them. They
// are read when a rule first asks, which few cases do.
type policies struct {
	history *access.History
	worlds  map[time.Time]*access.World
}

// maxWorlds bounds the moments at which the policies are put together: an intruder may
// delete thousands of users. Beyond it such facts are unknown.
const maxWorlds = 64

// policiesAt are the policies as they were at a moment; nil where the evidence tells of none.
func (in *inquiry) policiesAt(t time.Time) *access.World {
	if in.o.Content.Access == nil || in.past.err != nil {
		return nil
	}
	if in.policies == nil {
		in.policies = &policies{worlds: map[time.Time]*access.World{}}
		h, err := access.Collect(in.past.ctx, in.q, in.o.Content.Access.Managed)
		if err != nil {
			in.past.err = err
			return nil
		}
		if !h.Empty() {
			in.policies.history = h
		}
	}
	p := in.policies
	if w, ok := p.worlds[t]; ok || p.history == nil || len(p.worlds) >= maxWorlds {
		return w
	}
	p.worlds[t] = p.history.At(t)
	return p.worlds[t]
}

// byPolicies answers the facts that rest on what policies say. Each call is judged by the
// moment before it: what it did is not in force then.
func (in *inquiry) byPolicies(name string, e *evidence.Event) (value, known bool) {
	s := in.subject(e.ID)
	if s == nil || e.Source != "iam.amazonaws.com" {
		return false, false
	}
	before := e.Time.Add(-time.Second)
	if name == "target.preexisting_admin" {
		from, _ := in.intrusion()
		if from.IsZero() {
			return false, false
		}
		before = from.Add(-time.Second)
	}
	w := in.policiesAt(before)
	if w == nil {
		return false, false
	}
	group := w.Group(e.Account, s.Record.Str("requestParameters.groupName"))
	target := targetOf(w, s)
	switch name {
	case "group.privileged":
		return everything(w, group)
	case "target.preexisting_admin":
		return everything(w, target)
	}
	if e.Name == "RemoveUserFromGroup" {
		return anyDenies(group, func(*access.Policy) bool { return true })
	}
	removed := s.Record.Str("requestParameters.policyArn")
	if removed == "" {
		removed = s.Record.Str("requestParameters.policyName")
	}
	return anyDenies(target, func(p *access.Policy) bool { return p.Name == removed && p.On == target.ARN })
}

// targetOf is the user or role that a call on one names.
func targetOf(w *access.World, s *detection.Subject) *access.Principal {
	if name := s.Record.Str("requestParameters.userName"); name != "" {
		return w.Named(s.Event.Account, policy.User, name)
	}
	return w.Named(s.Event.Account, policy.Role, s.Record.Str("requestParameters.roleName"))
}

func everything(w *access.World, p *access.Principal) (yes, known bool) {
	if p == nil {
		return false, false
	}
	e := w.Everything(p)
	return e == access.Allow, e != access.CannotTell
}

// anyDenies says whether one of the policies that are meant denies anything.
func anyDenies(p *access.Principal, meant func(*access.Policy) bool) (yes, known bool) {
	if p == nil {
		return false, false
	}
	for i := range p.Identity {
		if !meant(&p.Identity[i]) {
			continue
		}
		denies, ok := p.Identity[i].Denies()
		if denies {
			return true, true
		}
		known = known || ok
	}
	return false, known
}

// strangeBucket says whether a call brings data, or the log, into a bucket that is not the
// case's own: one of another account, as a record says. A bucket of which no record tells
// whose it is stays unknown, however odd it looks.
func (in *inquiry) strangeBucket(e *evidence.Event) (value, known bool) {
	s := in.subject(e.ID)
	if s == nil {
		return false, false
	}
	paths, said := []string{"s3BucketName"}, ""
	if i := slices.IndexFunc(outlets, func(o outlet) bool { return o.action == e.Action() }); i >= 0 {
		paths = outlets[i].paths
		if outlets[i].owner != "" {
			said = s.Record.Str("requestParameters." + outlets[i].owner)
		}
	}
	for _, path := range paths {
		for _, v := range s.Record.Strs("requestParameters." + path) {
			bucket := strings.ToLower(bucketIn(v))
			if bucket == "" {
				continue
			}
			owner, ours, err := in.ownerOf(in.past.ctx, bucket, said)
			if err != nil {
				in.past.err = err
				return false, false
			}
			switch {
			case owner != "" && !ours:
				return true, true
			case ours:
				known = true
			}
		}
	}
	return false, known
}
