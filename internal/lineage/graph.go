package lineage

import (
	"slices"
	"sort"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Node is one credential seen in use, issued, or both.
type Node struct {
	ID          string // see Graph.CredentialOf
	Kind        string // kinds of Credential.Kind
	Principal   string // ARN
	PrincipalID string
	UniqueID    string
	Person      string // evidence.Identity.Person; the unique id where the credential was never used
	Account     string
	Type        string // userIdentity.type
	Created     time.Time
	Expires     time.Time // zero if not said

	First, Last time.Time // of use; zero if never used in the evidence
	Uses        int
	LastOK      string   // the last event that succeeded with it; "" if none
	Networks    []string // of calls from outside AWS, sorted
	Agents      []string // agent families, sorted
	Forwarded   int      // uses that reached AWS through a service acting for the caller
	Workload    string   // instance, function, task or build that the credential was issued to; "" if none
	Linked      bool     // a service-linked role's

	In []Edge // every edge into it, best first

	States []State // what was done to it, by time
}

// State is a change of a long-lived credential's status.
type State struct {
	At    time.Time
	Event string
	To    string // active | disabled | deleted
}

// Edge says that one event made a credential, or handed it over.
type Edge struct {
	Parent  string // node; "" when a service issued it, or the parent's own log is missing
	Child   string
	Event   string // the issuing event
	At      time.Time
	Rule    string
	Tier    int
	Network string // of the issuing event
	Agent   string // agent family of the issuing event
	Holder  string // workload or subject, in words; may be ""
	By      string // the person whose call it was; "" where Parent is
}

// Held says whether somebody else holds the child legitimately, so that
// tainting it needs its events told apart.
func (e Edge) Held() bool { return ruleByID[e.Rule].Held }

// Caller is the person whose call the edge is of; "" where a service made it, or no record
// shows who did.
func (g *Graph) Caller(e *Edge) string {
	if n := g.Node(e.Parent); n != nil {
		return n.Person
	}
	return e.By
}

// Graph is every credential of the evidence and how each came to be: all of
// them, as Link makes it, or each when it is first asked about, as ByNeed does.
type Graph struct {
	nodes    map[string]*Node
	ids      []string            // sorted
	shared   map[string][]string // access key id used by several principals → those node ids
	byUnique map[string][]string // unique principal id → node ids
	byPerson map[string][]string // person → node ids
	byEvent  map[string][]Edge   // issuing event → edges
	byParent map[string][]Edge   // node → edges out of it
	need     *need               // nil where everything is here
}

func newGraph() *Graph {
	return &Graph{
		nodes: map[string]*Node{}, shared: map[string][]string{}, byUnique: map[string][]string{}, byPerson: map[string][]string{}, byEvent: map[string][]Edge{}, byParent: map[string][]Edge{},
	}
}

// Node returns a credential by id, or nil.
func (g *Graph) Node(id string) *Node {
	n := g.nodes[id]
	if n == nil && g.need != nil {
		g.need.credential(id)
		n = g.nodes[id]
	}
	return n
}

// IDs lists every credential id that is known so far, sorted: all of them in a
// graph made by Link.
func (g *Graph) IDs() []string {
	if g.need != nil {
		g.ids = sortedIDs(g.nodes)
	}
	return g.ids
}

// OfPrincipal lists the credentials of a unique principal id, sorted. A graph by
// need may miss those that were never used, and other persons' under the same
// id: federated users, whose unique id is the account's.
func (g *Graph) OfPrincipal(uniqueID string) []string { return g.byUnique[uniqueID] }

// OfPerson lists the credentials of a person, sorted.
func (g *Graph) OfPerson(person string) []string {
	g.Read(person)
	return g.byPerson[person]
}

// IssuedBy lists the edges that one event made. A graph by need knows what was
// made by the calls of persons that were asked about.
func (g *Graph) IssuedBy(event string) []Edge {
	if g.need != nil {
		g.need.given(event)
	}
	return g.byEvent[event]
}

// Out lists the edges out of a credential, by time, then event, then child.
func (g *Graph) Out(id string) []Edge {
	if g.need != nil {
		g.need.children(id)
	}
	return g.byParent[id]
}

// Collapsed lists access key ids that several unrelated principals use, which
// real AWS never gives out: an anonymiser's doing. Such a key identifies nobody.
func (g *Graph) Collapsed() []string {
	keys := make([]string, 0, len(g.shared))
	for k := range g.shared {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Resolve turns an access key id, or a node id, into node ids.
func (g *Graph) Resolve(id string) []string {
	if ids, divided := g.shared[id]; divided {
		return ids
	}
	if g.Node(id) != nil {
		return []string{id}
	}
	return nil
}

// CredentialOf names the node an event was made with: the access key id; for a
// key that several principals share, key and unique id; the ARN of the user or
// root for a console sign-in; the credential id of a bearer token; "" for the
// rest (services, anonymous calls, the far side of a cross-account call).
func (g *Graph) CredentialOf(e *evidence.Event) string {
	return credentialOf(e, func(key string) bool { _, ok := g.shared[key]; return ok })
}

// bareCredential is CredentialOf before keys that several principals share are
// divided.
func bareCredential(e *evidence.Event) string {
	return credentialOf(e, func(string) bool { return false })
}

func credentialOf(e *evidence.Event, collapsed func(string) bool) string {
	id := e.Identity
	switch {
	case id.AccessKey != "" && collapsed(id.AccessKey):
		return id.AccessKey + "/" + id.Person()
	case id.AccessKey != "":
		return id.AccessKey
	// Before the credential id, because a sign-in is made with the password whatever
	// else its record shows.
	case e.Source == "signin.amazonaws.com" && (id.Type == "IAMUser" || id.Type == "Root"):
		return loginID(id)
	case id.CredentialID != "":
		return id.CredentialID
	}
	return gitID(e)
}

// loginID is the native id of a password: the ARN of its user or root.
func loginID(id evidence.Identity) string {
	switch {
	case id.Type == "Root" && id.Account != "":
		return "arn:aws:iam::" + id.Account + ":root"
	case id.ARN != "":
		return id.ARN
	case id.UserName != "" && id.Account != "":
		return "arn:aws:iam::" + id.Account + ":user/" + id.UserName
	}
	return ""
}

// Best is the edge that issued n, or nil at a root of the graph. A host entry
// hands a credential over without issuing it, so it never is.
func (n *Node) Best() *Edge {
	// In holds the surest edge first, so the first one that issues is the best.
	for i := range n.In {
		if n.In[i].issues() {
			return &n.In[i]
		}
	}
	return nil
}

// Ancestry is the chain of edges from a credential up to its root, nearest
// first. No edge is later than the one before it: who changes a password is no
// ancestor of the session that signed in with the old one.
func (g *Graph) Ancestry(id string) []Edge {
	var out []Edge
	seen := map[string]bool{}
	for n := g.Node(id); n != nil && !seen[n.ID]; {
		// Edges of equal times can lead in a circle, as a key that made the session
		// that made the key; each credential is met once.
		seen[n.ID] = true
		i := slices.IndexFunc(n.In, func(e Edge) bool {
			return e.issues() && (len(out) == 0 || !e.At.After(out[len(out)-1].At))
		})
		if i < 0 {
			break
		}
		out = append(out, n.In[i])
		n = g.Node(n.In[i].Parent)
	}
	return out
}

// issues says whether the edge made the child; entering a host, switching a key
// back on or changing what a workload may do or runs only hands over what another call
// issues.
func (e *Edge) issues() bool { return ruleByID[e.Rule].Hands == Issues }

// Temporary says whether the credential is one that must have been issued:
// a session key rather than a long-term key or a password.
func (n *Node) Temporary() bool { return len(n.ID) > 4 && n.ID[:4] == "ASIA" }

// Unexplained says whether a temporary credential is in use and its issuing
// event is not in the evidence: a session older than the log, another account's
// log, a gap.
func (n *Node) Unexplained() bool { return n.Temporary() && n.Uses > 0 && n.Best() == nil }

// Unexplained lists those credentials, sorted, as far as they are known.
func (g *Graph) Unexplained() []string {
	var out []string
	for _, id := range g.IDs() {
		if g.nodes[id].Unexplained() {
			out = append(out, id)
		}
	}
	return out
}

// Linked says whether a chain edge child ← parent by rule is in the graph, and
// by which events; rule "" matches any. It is what lineage claims are checked with.
func (g *Graph) Linked(child, parent, rule string) (events []string, ok bool) {
	for _, id := range g.Resolve(child) {
		n := g.Node(id)
		if n == nil {
			continue
		}
		for _, e := range n.In {
			if e.Parent == parent && (rule == "" || e.Rule == rule) {
				events = append(events, e.Event)
			}
		}
	}
	slices.Sort(events)
	return slices.Compact(events), len(events) > 0
}
