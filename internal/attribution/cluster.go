package attribution

import (
	"cmp"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// Cluster is what one credential, or one console session, did from one network
// with one family of tool without a long silence: the smallest thing that is
// judged as a whole.
type Cluster struct {
	Credential string // the node, or the first of a console session's
	Session    string // what groups keys: the node id, or principal and creation date of a console session
	Network    string
	Agent      string
	First      time.Time
	Last       time.Time
	Rotating   bool // many networks in turn, one tool: merged

	Score int
	Lines []Line
	Actor Actor
	Why   string // the report's "because"

	events    []int     // indexes into the principal's events
	fixed     bool      // decided by lineage or statement; scoring does not touch it
	known     bool      // whether habits were known when it began
	history   bool      // whether there was any history
	since     int       // round in which it was found hostile; 0 if it was not
	enteredAt time.Time // when, where the entry itself is known
	entered   bool      // on a host that the intruder entered: whose calls these are cannot be told
	early     bool      // hostile by its own acts, but long before the stated exposure: a candidate
	maker     bool      // of a credential that made a user for the intruder in one go
	doors     []Door    // of what it did: ways in of the intruder's that cannot be told to be theirs
	kin       bool      // from where the same person works in other roles
	kinTool   bool      // with what they do
	atNotice  int       // of what lies before the end of an employment: the score that was not counted
	tested    bool      // in the name of a security test
	vouched   bool      // fits what was stated of the owner: teaches habits at any time
	series    bool      // several kinds of grave act in one go: never simply the owner's
	doubted   bool      // passed for the owner's, but came from a network of the intruder's
	ours      bool      // from an address that the account itself holds
	strange   bool      // of a subject that never took the role before
	foreign   bool      // of a repository's owner of whom none ever took the role before
	own       bool      // recognisable as the owner's or the workload's own
	habitual  bool      // only calls that the principal had made before, on what it had made them, with a tool of its own
}

// Line is one signal that scored.
type Line struct {
	Signal string
	Points int
	Detail string
}

// Events is how many direct calls the cluster holds.
func (c *Cluster) Events() int { return len(c.events) }

// sessionOf groups the several keys of one console session, and the sign-in that opened it; every other key is
// a session of its own, since EC2 mints two in one second under one session ARN.
func sessionOf(g *lineage.Graph, node string, e *evidence.Event) string {
	if n := g.Node(node); n != nil && n.Kind == "console_session" && !n.Created.IsZero() {
		return n.PrincipalID + "@" + n.Created.UTC().Format(time.RFC3339)
	}
	if e.Identity.FromConsole && !e.Identity.SessionCreated.IsZero() {
		return e.Identity.PrincipalID + "@" + e.Identity.SessionCreated.UTC().Format(time.RFC3339)
	}
	if e.Name == "ConsoleLogin" && e.Outcome() == evidence.Success && e.Identity.PrincipalID != "" {
		return e.Identity.PrincipalID + "@" + e.Time.UTC().Format(time.RFC3339) // the session that it opens
	}
	return node
}

// loginTime is how long somebody takes to sign in once they were asked for their second factor.
const loginTime = 5 * time.Minute

// loginAfter is the sign-in that the first of the events, a principal's in order, is a
// part of: the check of a second factor from the same address with the same browser. It
// is nil where that is no such check, or where nobody signed in after it.
func loginAfter(events []evidence.Event) *evidence.Event {
	if events[0].Name != "CheckMfa" {
		return nil
	}
	for i := range events[1:] {
		e := &events[i+1]
		if e.Time.Sub(events[0].Time) > loginTime {
			break
		}
		if e.Name == "ConsoleLogin" && e.SourceIP == events[0].SourceIP && evidence.AgentFamily(e.UserAgent) == evidence.AgentFamily(events[0].UserAgent) {
			return e
		}
	}
	return nil
}

// clusters divides a principal's direct calls, which must be in order. Calls
// from inside AWS are left to follow a cluster of their session, and fetches of
// presigned URLs to follow their key.
func clusters(g *lineage.Graph, events []evidence.Event, presigned map[string]bool, w *Weights, cuts ...time.Time) []*Cluster {
	type key struct{ session, network, agent string }
	open := map[key]*Cluster{}
	var out []*Cluster
	for i := range events {
		e := &events[i]
		node := g.CredentialOf(e)
		if node == "" || e.FromAWS() || presigned[e.ID] {
			continue
		}
		k := key{sessionOf(g, node, e), e.Network(), evidence.AgentFamily(e.UserAgent)}
		if l := loginAfter(events[i:]); l != nil {
			k.session = sessionOf(g, g.CredentialOf(l), l)
		}
		c := open[k]
		if c == nil || e.Time.Sub(c.Last) > w.silence() || crosses(c.Last, e.Time, cuts) {
			c = &Cluster{Credential: node, Session: k.session, Network: k.network, Agent: k.agent, First: e.Time}
			open[k] = c
			out = append(out, c)
		}
		c.Last = e.Time
		c.events = append(c.events, i)
	}
	return mergeRotating(out, events, w)
}

// crosses says whether a cut lies after a and not after b.
func crosses(a, b time.Time, cuts []time.Time) bool {
	return slices.ContainsFunc(cuts, func(t time.Time) bool { return !t.IsZero() && a.Before(t) && !b.Before(t) })
}

// mergeRotating joins the clusters of a session whose network changes with
// every few calls while the tool stays: one caller behind a rotating proxy.
func mergeRotating(in []*Cluster, events []evidence.Event, w *Weights) []*Cluster {
	type key struct{ session, agent string }
	groups := map[key][]*Cluster{}
	for _, c := range in {
		groups[key{c.Session, c.Agent}] = append(groups[key{c.Session, c.Agent}], c)
	}
	span := time.Duration(w.Cluster.RotatingMinutes) * time.Minute
	gone := map[*Cluster]bool{}
	first := map[string]time.Time{} // network → when it was first seen at all
	for _, c := range in {
		if t, ok := first[c.Network]; !ok || c.First.Before(t) {
			first[c.Network] = c.First
		}
	}
	for _, list := range groups {
		slices.SortFunc(list, func(a, b *Cluster) int { return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Network, b.Network)) })
		for i := 0; i < len(list); i++ {
			if first[list[i].Network].Before(list[i].First) {
				continue // a network used before is no step of a rotation
			}
			j, nets := i, map[string]bool{}
			for ; j < len(list) && list[j].First.Sub(list[i].First) <= span; j++ {
				if !first[list[j].Network].Before(list[i].First) {
					nets[list[j].Network] = true
				}
			}
			if len(nets) < w.Cluster.RotatingNetworks {
				continue
			}
			for _, c := range list[i+1 : j] {
				if !nets[c.Network] {
					continue
				}
				list[i].events = append(list[i].events, c.events...)
				gone[c] = true
				if c.Last.After(list[i].Last) {
					list[i].Last = c.Last
				}
			}
			list[i].Rotating = true
			slices.Sort(list[i].events)
			i = j - 1
		}
	}
	return slices.DeleteFunc(in, func(c *Cluster) bool { return gone[c] })
}
