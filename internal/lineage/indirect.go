package lineage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// internal is how the console's back ends sign the calls they make for a person.
const internal = "AWS Internal"

// forwardSlack is how far a forwarded call may lie from the direct call that
// caused it: measured at ≤ 2 s in real logs.
const forwardSlack = 2 * time.Second

// forwarding links keys that AWS services minted to act for a caller back to
// the caller's own key. Such a key is never a new credential in anyone's hands.
//
// It runs before the structural rules for named services, whose keys may carry
// the creation date of the caller's session, and after them for the console's
// own back ends, whose keys belong to the sign-in.
func (l *linker) forwarding(which func(forwarded) bool) {
	// By key first: one edge for each key is enough, from its first forwarded call
	// that tells of a caller.
	slices.SortFunc(l.c.forward, func(a, b forwarded) int {
		return cmp.Or(cmp.Compare(a.key, b.key), a.at.Compare(b.at), cmp.Compare(a.event, b.event))
	})
	done := map[string]bool{}
	for _, f := range l.c.forward {
		n := l.g.nodes[f.key]
		if n == nil || done[f.key] || !which(f) || n.Forwarded < n.Uses || len(n.In) > 0 {
			continue
		}
		done[f.key] = true
		best, several := l.caller(f)
		if best == nil {
			continue
		}
		tier := 4
		if several {
			tier = 3
		}
		n.In = append(n.In, Edge{
			Parent: best.node, Child: n.ID, Event: best.event, At: best.at, Rule: "forwarded_access", Tier: tier,
			Network: best.network, Agent: best.agent, Holder: f.invokedBy, By: n.Person,
		})
	}
}

// caller finds the direct call behind a forwarded one. Calls on the very
// service that forwarded come first, then the nearest in time.
func (l *linker) caller(f forwarded) (best *call, several bool) {
	calls := f.callers
	score := func(c *call) int {
		d := int(f.at.Sub(c.at).Abs() / time.Second)
		// Ten seconds are more than forwardSlack on both sides, so a call on the
		// same service always wins over one that is merely near.
		if c.source != f.invokedBy {
			d += 10
		}
		return d
	}
	for i := range calls {
		c := &calls[i]
		if c.node == f.key {
			continue
		}
		switch {
		case best == nil || score(c) < score(best):
			best, several = c, false
		case c.node != best.node && score(c) == score(best):
			several = true
		}
	}
	return best, several
}

// byTool says whether somebody's command line or program called around the
// forwarded call: a service then acted for that, whatever the session is else
// used for. Console back ends call without one.
func (f forwarded) byTool() bool {
	return slices.ContainsFunc(f.callers, func(c call) bool { return c.node != f.key && !browses(c.agent) })
}

// hosts links entries to a host (a shell, a command, a pushed key) to the role
// credentials issued to that host and used afterwards. Only use from the
// entrant's own network is more than a lead: the host's owner uses them too.
func (l *linker) hosts() {
	byHost := map[string][]*Node{}
	for _, id := range sortedIDs(l.g.nodes) {
		n := l.g.nodes[id]
		host, name := n.InstanceOf(), sessionName(n.PrincipalID)
		// An instance's session is named after it: once is enough.
		if host == name {
			host = ""
		}
		for _, h := range []string{host, name} {
			if h != "" && n.Uses > 0 {
				byHost[h] = append(byHost[h], n)
			}
		}
	}
	for _, i := range l.issues {
		if i.rule == "codebuild" && i.parent != "" {
			if _, build, ok := strings.Cut(i.holder, ":"); ok {
				for _, n := range byHost["AWSCodeBuild-"+build] {
					l.edge(i, n, "codebuild", 4)
				}
			}
			continue
		}
		if i.rule == "started_task" || i.rule == "started_automation" {
			for _, h := range i.hosts {
				for _, n := range byHost[h] {
					if sessionName(n.PrincipalID) == h && n.ID != i.parent {
						l.edge(i, n, i.rule, 5)
					}
				}
			}
			continue
		}
		if i.rule != "host_entry" {
			continue
		}
		for _, h := range i.hosts {
			for _, n := range byHost[h] {
				if n.Last.Before(i.e.Time) || n.ID == i.parent {
					continue
				}
				tier := 2
				if slices.Contains(n.Networks, i.e.Network()) && !i.e.FromAWS() {
					tier = 4
				}
				l.edge(i, n, "host_entry", tier)
			}
		}
	}
}

func sessionName(principalID string) string {
	_, name, _ := strings.Cut(principalID, ":")
	return name
}

// noteCreator remembers who made a trust anchor or an account: sessions that
// come through either lead back to them.
func (l *linker) noteCreator(e *evidence.Event, r evidence.Record) {
	i := issue{e: e, parent: l.g.CredentialOf(e)}
	if arn := r.Str("responseElements.trustAnchor.trustAnchorArn"); arn != "" {
		l.anchors[arn] = i
	}
	// The call only asks for an account; its id comes minutes later, in a record
	// of the service that names the request.
	if e.Name == "CreateAccountResult" {
		status := "serviceEventDetails.createAccountStatus."
		for _, field := range []string{"accountId", "govCloudAccountId"} {
			if account := r.Str(status + field); account != "" {
				l.made[account] = r.Str(status + "id")
			}
		}
		return
	}
	if id := r.Str("responseElements.createAccountStatus.id"); id != "" {
		l.asked[id] = i
	}
}

// creators adds the edges that noteCreator prepared.
func (l *linker) creators() {
	l.enrolled()
	for _, n := range l.g.nodes {
		for _, e := range slices.Clone(n.In) {
			if a, ok := l.anchors[e.Holder]; ok && e.Rule == "roles_anywhere" {
				l.edge(a, n, "roles_anywhere", 4)
			}
		}
		l.dressed(n)
		if a, ok := l.asked[l.made[n.Account]]; ok && strings.Contains(n.Principal, "/OrganizationAccountAccessRole/") {
			l.edge(a, n, "create_account", 3) // others of the management account may enter too
		}
	}
}

// finish puts every list in its one order and fills the indexes.
func (l *linker) finish() {
	l.creators()
	g := l.g
	for _, n := range g.nodes { // Best wants the edges in order
		n.sortIn(l.sharedIDs())
	}
	l.applyDeletions()
	g.ids = sortedIDs(g.nodes)
	for _, id := range g.ids {
		n := g.nodes[id]
		for _, e := range n.In {
			g.byEvent[e.Event] = append(g.byEvent[e.Event], e)
			if e.Parent != "" {
				g.byParent[e.Parent] = append(g.byParent[e.Parent], e)
			}
		}
		if n.UniqueID != "" {
			g.byUnique[n.UniqueID] = append(g.byUnique[n.UniqueID], id)
		}
		if n.Person != "" {
			g.byPerson[n.Person] = append(g.byPerson[n.Person], id)
		}
		slices.SortFunc(n.States, func(a, b State) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) })
	}
	for _, out := range g.byParent {
		slices.SortStableFunc(out, byTime)
	}
}

func byTime(a, b Edge) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Child, b.Child))
}

// sortIn puts the surest edge first and drops repetitions.
func (n *Node) sortIn(shared map[string]string) {
	n.In = preferParents(n.In, shared)
	slices.SortFunc(n.In, func(a, b Edge) int {
		return cmp.Or(b.Tier-a.Tier, a.At.Compare(b.At), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Rule, b.Rule))
	})
	n.In = slices.CompactFunc(n.In, func(a, b Edge) bool { return a == b })
}

func (l *linker) sharedIDs() map[string]string {
	if l.c.shared == nil {
		l.c.shared = map[string]string{}
		for _, i := range l.issues {
			if i.e.SharedID != "" {
				l.c.shared[i.e.ID] = i.e.SharedID
			}
		}
	}
	return l.c.shared
}

// preferParents drops the role account's view of an act whose caller's view is
// also here: both tell of one edge, and only the caller's names the parent.
func preferParents(edges []Edge, shared map[string]string) []Edge {
	known := map[string]bool{}
	for _, e := range edges {
		if e.Parent != "" && shared[e.Event] != "" {
			known[shared[e.Event]] = true
		}
	}
	return slices.DeleteFunc(edges, func(e Edge) bool { return e.Parent == "" && known[shared[e.Event]] })
}
