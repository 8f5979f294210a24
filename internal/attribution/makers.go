package attribution

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// makerNames are the calls that make or empower a user.
var makerNames = []string{"CreateUser", "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "AttachUserPolicy", "PutUserPolicy", "AddUserToGroup"}

// freshUser is how soon after its making a user must have been in the intruder's
// hands for the making itself to be in doubt: who made a user long before it was
// stolen only did their work.
const freshUser = 24 * time.Hour

// makers looks for who made the users that the case names or leads to, when
// everything they did is hostile: the same network and tool then point at the same actor,
// of whose other calls nothing is said. Where the making came from elsewhere, in
// one go and shortly before, the session that did it is in doubt, and whoever
// issued that session is examined.
func (r *run) makers(ctx context.Context) (changed bool, err error) {
	for _, u := range slices.Clone(r.order) {
		p := r.people[u]
		if r.spent["maker:"+u] || p.baseline == nil || p.baseline.Known || !isUser(u) || !p.allHostile() {
			continue
		}
		r.spent["maker:"+u] = true
		seen := r.s.Principal(u)
		made := map[string][]evidence.Event{} // credential → what it did for the user
		for e, err := range r.q.Events(ctx, evidence.Query{Names: makerNames}) {
			if err != nil {
				return false, err
			}
			if e.Identity.Person() == "" || e.Identity.Person() == u || e.Outcome() == evidence.Failure || !names(&e, u, seen) || r.routine(&e) {
				continue
			}
			if at, ok := r.find(e.ID); ok && at.p.verdicts[at.i].actor.Hostile() {
				continue // known already
			}
			if !p.hasCluster(&e) {
				if node := r.g.CredentialOf(&e); node != "" && e.Time.After(p.events[0].Time.Add(-freshUser)) && e.Time.Before(p.events[0].Time) {
					made[node] = append(made[node], e)
				}
				continue
			}
			maker, err := r.load(ctx, e.Identity.Person())
			if err != nil {
				return false, err
			}
			for i := range maker.events {
				if maker.events[i].ID == e.ID && !maker.verdicts[i].fixed {
					maker.verdicts[i] = verdict{LikelyIntruder, "lineage:reverse:made_user", true}
					changed = true
				}
			}
		}
		for _, node := range slices.Sorted(maps.Keys(made)) {
			if !atOnce(made[node]) {
				continue
			}
			changed = true
			if err := r.doubt(ctx, node, made[node]); err != nil {
				return false, err
			}
		}
	}
	return changed, nil
}

// atOnce says whether one session made a user and gave it a way in.
func atOnce(calls []evidence.Event) bool {
	did := func(names ...string) bool {
		return slices.ContainsFunc(calls, func(e evidence.Event) bool { return slices.Contains(names, e.Name) })
	}
	return did("CreateUser") && did("CreateAccessKey", "CreateLoginProfile")
}

// doubt leaves open whose the calls with a credential were that made a user for the
// intruder, and examines everybody by whose calls that credential came to be, on the
// merits of those calls.
func (r *run) doubt(ctx context.Context, node string, calls []evidence.Event) error {
	p, err := r.load(ctx, calls[0].Identity.Person())
	if err != nil {
		return err
	}
	made := map[string]bool{}
	for i := range calls {
		made[calls[i].ID] = true
	}
	for _, c := range p.clusters {
		c.maker = c.maker || c.Credential == node && slices.ContainsFunc(c.events, func(i int) bool { return made[p.events[i].ID] })
	}
	seen, queue := map[string]bool{node: true}, []string{node}
	for len(queue) > 0 {
		n := r.g.Node(queue[0])
		queue = queue[1:]
		if n == nil {
			continue
		}
		for _, e := range n.In {
			if e.Tier < 4 || e.By == "" || e.Held() && e.Rule != "codebuild" {
				continue
			}
			if _, err := r.load(ctx, e.By); err != nil {
				return err
			}
			if e.Parent != "" && !seen[e.Parent] {
				seen[e.Parent] = true
				queue = append(queue, e.Parent)
			}
		}
	}
	return nil
}
