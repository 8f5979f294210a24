package attribution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// doorNames are the calls that give a principal its way in or its power: that make it,
// give it a key or a password, let somebody take it, or put rights into its hands.
var doorNames = append(slices.Clone(makerNames), "CreateServiceSpecificCredential", "UpdateAccessKey", "CreateRole", "UpdateAssumeRolePolicy",
	"AttachRolePolicy", "PutRolePolicy", "AttachGroupPolicy", "PutGroupPolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "CreateAccountAssignment", "ProvisionPermissionSet")

// Door is a call that gave the intruder a way in, made by hands of which the evidence
// tells neither that they are an owner's nor that they are the intruder's.
type Door struct {
	Event      string
	Credential string // with which it was made
	Person     string // whom it let in or empowered
}

// doors reads the calls that may have let anybody in, and finds them by what they name.
func (r *run) doors(ctx context.Context) error {
	r.doorBy = map[string][]int{}
	q := evidence.Query{Sources: []string{"iam.amazonaws.com", "sso.amazonaws.com"}, Names: doorNames}
	for e, err := range r.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read who made users, roles and rights: %w", err)
		}
		if e.Outcome() == evidence.Failure || e.Identity.Person() == "" || e.FromAWS() || e.Identity.ServiceLinked() {
			continue
		}
		for _, res := range e.Resources {
			r.doorBy[res] = append(r.doorBy[res], len(r.doorCalls))
		}
		r.doorCalls = append(r.doorCalls, e)
	}
	return nil
}

// upward goes from a principal in the intruder's hands to whoever gave it its way in.
// Of a call from a network that the intruder used, which is nobody else's, or of a session
// that shows two signs of its own and none of its owner, the session is likely the
// intruder's: inferred, and never of who does such things all the time. The rest is asked
// about. What is found so is gone up from in the next round.
func (r *run) upward(ctx context.Context) (changed bool, err error) {
	for _, u := range slices.Clone(r.order) {
		p := r.people[u]
		from, to := r.shownSpan(p)
		if from.IsZero() {
			continue
		}
		for _, i := range r.doorsOf(p) {
			e := &r.doorCalls[i]
			maker := e.Identity.Person()
			fresh := e.Time.After(from.Add(-freshUser)) && e.Time.Before(from) // later, who answers to it takes rights away by the same calls
			if maker == u || e.Time.After(to) || !fresh && !r.theirPlace(e, maker) || r.routine(e) {
				continue
			}
			known := r.people[maker] != nil
			m, err := r.load(ctx, maker)
			if err != nil {
				return false, err
			}
			if changed = changed || !known; known && r.opened(m, u, e, fresh) {
				changed = true
			} else if known && fresh && (e.Name == "UpdateAssumeRolePolicy" || e.Name == "CreateRole") {
				let, err := r.letStranger(ctx, m, u, e)
				if err != nil {
					return false, err
				}
				changed = changed || let
			}
		}
	}
	return changed, nil
}

// opened judges the session whose call let somebody in, and reports whether it was found to be the intruder's.
func (r *run) opened(m *person, let string, e *evidence.Event, fresh bool) bool {
	at, ok := r.find(e.ID)
	if !ok || m.owner[at.i] < 0 {
		return false
	}
	c := m.clusters[m.owner[at.i]]
	if c.fixed || c.own || c.early || c.Actor != Undetermined {
		return false
	}
	if !r.theirPlace(e, m.unique) && !(fresh && !r.beforeExposure(c) && (c.signs() > 1 || r.madeAway(m, c, let))) {
		if fresh {
			if d := (Door{e.ID, c.Credential, let}); !slices.Contains(c.doors, d) {
				c.doors = append(c.doors, d)
			}
		}
		return false
	}
	for _, o := range m.clusters {
		if o == c || o.Session == c.Session && o.Network == c.Network && !o.own && o.Actor == Undetermined {
			m.blameCluster(o, "lineage:reverse:let_in")
		}
	}
	return true
}

// madeAway says whether a session made, in one go, a user that was in the intruder's hands within the day, from a
// network that is new for its person, nobody else's, and where nothing speaks for the person: that it otherwise did
// what they do as well does not. Somebody must say that the user is nobody's of theirs: one that its maker gave a job
// may be robbed on the same day. Who is on a journey makes users too, which a case tells of.
func (r *run) madeAway(m *person, c *Cluster, user string) bool {
	if r.in.Away || !r.in.Denied || !c.scored("network_new") || r.nets.shared(c.Network) || r.nets.corporate(c.Network) || c.excused() || c.kin ||
		c.scored("mfa") || c.scored("usual_pair") || c.scored("source_identity") {
		return false
	}
	seen, p := r.s.Principal(user), r.people[user]
	if !isUser(user) || p == nil || p.baseline == nil || p.baseline.Known || !p.allHostile() {
		return false
	}
	var did []evidence.Event
	for _, i := range c.events {
		if e := &m.events[i]; slices.Contains(makerNames, e.Name) && e.Outcome() == evidence.Success && names(e, user, seen) {
			did = append(did, *e)
		}
	}
	return atOnce(did)
}

// signs counts what speaks against a cluster by itself, less what speaks for its owner:
// neither what the case says of it nor whom it let in.
func (c *Cluster) signs() (n int) {
	for _, l := range c.Lines {
		switch {
		case l.Signal == "named_stolen" || l.Signal == "outside_statement":
		case l.Points > 0:
			n++
		case l.Points < 0:
			n--
		}
	}
	return n
}

// theirPlace says whether a call came from a network that the intruder used with
// somebody else's credentials, shown and not assumed, and that is neither shared nor
// the caller's own from before.
func (r *run) theirPlace(e *evidence.Event, caller string) bool {
	network := e.Network()
	if r.nets.shared(network) {
		return false
	}
	for other := range r.hostileNets[network] {
		if other == caller {
			continue
		}
		shown := slices.ContainsFunc(r.people[other].clusters, func(c *Cluster) bool {
			return c.Network == network && c.Actor.Hostile() && !strings.HasPrefix(c.Why, "assumption:")
		})
		m := r.people[caller]
		if shown && (m == nil || !m.wasThere(network, r.hostileSince[[2]string{network, other}])) {
			return true
		}
	}
	return false
}

// routine says whether the caller had done such a thing on as many days as make a habit.
func (r *run) routine(e *evidence.Event) bool {
	return r.s.DaysDone(e.Account, e.Action(), e.Identity.Person(), e.Time) >= r.w.Baseline.MinDays
}

// shownSpan is when a principal's credentials were first and last seen in the intruder's hands; zero if never.
// What is only assumed counts where somebody says outright that it was stolen or nobody's.
func (r *run) shownSpan(p *person) (from, to time.Time) {
	for _, c := range p.clusters {
		if !c.Actor.Hostile() || !r.in.Stated && strings.HasPrefix(c.Why, "assumption:") {
			continue
		}
		if from.IsZero() || c.First.Before(from) {
			from = c.First
		}
		if c.Last.After(to) {
			to = c.Last
		}
	}
	return from, to
}

// doorsOf lists the calls that name a principal by any of its names, a group that one of
// them put it into, or a policy that one of them attached to it, in order.
func (r *run) doorsOf(p *person) []int {
	ids := map[string]bool{p.unique: true}
	add := func(names ...string) {
		for _, n := range names {
			if n != "" {
				ids[n] = true
			}
		}
	}
	account := ""
	if seen := r.s.Principal(p.unique); seen != nil {
		id := seen.Identity
		account = id.Account
		if id.Type == "AssumedRole" {
			add(id.UniqueID(), id.IssuerName, id.IssuerARN)
		} else {
			add(id.UserName, id.ARN)
		}
	}
	for _, c := range p.clusters {
		if n := r.g.Node(c.Credential); n != nil && c.Actor.Hostile() {
			add(BareID(c.Credential))
			for _, e := range n.In {
				if e.Rule == "identity_center" {
					add(e.Holder) // a directory's id, which permission sets are assigned to
				}
			}
		}
	}
	var out []int
	of := func(name string, keep func(e *evidence.Event) bool) {
		for _, i := range r.doorBy[name] {
			if e := &r.doorCalls[i]; keep(e) && !slices.Contains(out, i) && (e.Source != "iam.amazonaws.com" || account == "" || e.Account == account) {
				out = append(out, i)
			}
		}
	}
	role := strings.HasPrefix(p.unique, "AROA")
	for name := range ids {
		of(name, func(e *evidence.Event) bool {
			aboutRole := strings.Contains(e.Name, "Role")
			return !strings.Contains(e.Name, "Group") && aboutRole == role || e.Name == "AddUserToGroup" && !role || e.Source == "sso.amazonaws.com"
		})
	}
	for _, i := range slices.Clone(out) {
		e := &r.doorCalls[i]
		for _, res := range e.Resources {
			switch {
			case e.Name == "AddUserToGroup":
				of(res, func(o *evidence.Event) bool { return strings.HasSuffix(o.Name, "GroupPolicy") })
			case strings.HasPrefix(e.Name, "Attach") && strings.Contains(res, ":policy/"):
				of(res, func(o *evidence.Event) bool { return strings.HasSuffix(o.Name, "PolicyVersion") })
			}
		}
	}
	slices.Sort(out)
	return out
}
