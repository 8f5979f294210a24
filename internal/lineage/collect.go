package lineage

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// use is what the collector remembers of one access key in the hands of one
// principal; its size does not grow with the number of calls.
type use struct {
	key         string
	identity    evidence.Identity
	first, last time.Time
	uses        int
	forwarded   int
	lastOK      string
	lastOKAt    time.Time
	networks    []string // few: most keys see one or two
	agents      []string
}

// maxDistinct bounds the networks and agents remembered of one credential: an
// intruder may rotate through thousands.
// Which of them are kept depends on the order of events, and that is the same for
// every Querier.
const maxDistinct = 512

// Collector gathers what Link needs from one pass over all events in the order
// of every Querier. It wants no bodies.
type Collector struct {
	outline *Outline
	uses    map[[2]string]*use // access key or native id, unique id
	texts   map[string]string  // one copy of each
	recent  map[string][]call  // principal id → its direct calls of the last seconds
	waiting map[string][]int   // principal id → its forwarded calls of the last seconds, by index
	forward []forwarded
	shared  map[string]string // issuing event → sharedEventID
}

// call is a direct call that a forwarded one may belong to.
type call struct {
	at      time.Time
	source  string
	node    string // access key
	event   string
	network string
	agent   string
}

// forwarded is one call that a service made for a caller.
type forwarded struct {
	at        time.Time
	key       string
	principal string
	invokedBy string
	created   time.Time
	event     string
	callers   []call // direct calls of the principal around it
}

// NewCollector returns an empty Collector.
func NewCollector() *Collector { return collectorOf(NewOutline()) }

func collectorOf(o *Outline) *Collector {
	return &Collector{outline: o, uses: map[[2]string]*use{}, texts: map[string]string{}, recent: map[string][]call{}, waiting: map[string][]int{}}
}

// Add takes note of one event.
func (c *Collector) Add(e *evidence.Event) {
	c.outline.Add(e)
	c.use(e)
}

// use takes note of one event whose outline is known.
func (c *Collector) use(e *evidence.Event) {
	key := bareCredential(e)
	if key == "" {
		return
	}
	person := e.Identity.Person()
	u := c.uses[[2]string{key, person}]
	if u == nil {
		u = &use{key: key, identity: c.intern(e.Identity), first: e.Time, last: e.Time}
		c.uses[[2]string{key, person}] = u
	}
	u.note(c, e)
	c.noteForwarding(e, key)
}

// intern keeps one copy of the texts that the many keys of one principal share.
func (c *Collector) intern(id evidence.Identity) evidence.Identity {
	for _, s := range []*string{&id.ARN, &id.PrincipalID, &id.Account, &id.UserName, &id.IssuerARN, &id.IssuerID, &id.IssuerName, &id.OnBehalfOf, &id.InScopeOf} {
		*s = c.text(*s)
	}
	return id
}

func (c *Collector) text(s string) string {
	if kept, ok := c.texts[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	c.texts[s] = s
	return s
}

func (u *use) note(c *Collector, e *evidence.Event) {
	u.uses++
	// Of several in one second the greatest id, so that the choice is the same
	// however the events were stored.
	if e.Outcome() == evidence.Success && (e.Time.After(u.lastOKAt) || e.Time.Equal(u.lastOKAt) && e.ID > u.lastOK) {
		u.lastOK, u.lastOKAt = e.ID, e.Time
	}
	if e.Time.Before(u.first) {
		u.first = e.Time
	}
	if e.Time.After(u.last) {
		u.last = e.Time
	}
	// Identity fields of one key vary only in what a record leaves out; the
	// fullest is kept, ties broken by text, so that order can't matter.
	if richer(e.Identity, u.identity) {
		u.identity = c.intern(e.Identity)
	}
	if forwardedCall(e) {
		u.forwarded++
		return
	}
	if !e.FromAWS() {
		u.networks = include(u.networks, c.text(e.Network()))
	}
	u.agents = include(u.agents, c.text(evidence.AgentFamily(e.UserAgent)))
}

// include adds a text once, while there is room: see maxDistinct.
func include(list []string, s string) []string {
	if len(list) >= maxDistinct || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// richer says whether a tells more than b, or as much and stands first in order of text:
// so that of many records the same one is kept, whatever order they came in.
func richer(a, b evidence.Identity) bool {
	score := func(i evidence.Identity) int {
		n := 0
		for _, s := range []string{i.ARN, i.PrincipalID, i.IssuerARN, i.InScopeOf, i.RoleDelivery, i.UserName} {
			if s != "" {
				n++
			}
		}
		if !i.SessionCreated.IsZero() {
			n++
		}
		return n
	}
	if sa, sb := score(a), score(b); sa != sb {
		return sa > sb
	}
	return a.ARN+a.InScopeOf+a.MFA < b.ARN+b.InScopeOf+b.MFA
}

// forwardedCall says whether a service made this call for the caller.
func forwardedCall(e *evidence.Event) bool { return e.Identity.InvokedBy != "" && e.FromAWS() }

// maxCallers bounds the direct calls remembered around one forwarded call.
// A forwarded call with more candidates than that belongs to a caller that cannot be
// told anyway.
const maxCallers = 64

// noteForwarding keeps the direct calls around each forwarded one, and of the
// others only those of the last seconds: what matters lies two seconds apart.
func (c *Collector) noteForwarding(e *evidence.Event, key string) {
	p := e.Identity.PrincipalID
	old := e.Time.Add(-forwardSlack)
	// Both lists are thinned out with each event: they hold seconds of a principal,
	// never its days.
	c.recent[p] = slices.DeleteFunc(c.recent[p], func(k call) bool { return k.at.Before(old) })
	c.waiting[p] = slices.DeleteFunc(c.waiting[p], func(i int) bool { return c.forward[i].at.Before(old) })
	if forwardedCall(e) {
		c.waiting[p] = append(c.waiting[p], len(c.forward))
		c.forward = append(c.forward, forwarded{e.Time, key, p, e.Identity.InvokedBy, e.Identity.SessionCreated, e.ID, slices.Clone(c.recent[p])})
	} else if len(c.recent[p]) < maxCallers {
		k := call{e.Time, e.Source, key, e.ID, e.Network(), evidence.AgentFamily(e.UserAgent)}
		c.recent[p] = append(c.recent[p], k)
		for _, i := range c.waiting[p] {
			c.forward[i].callers = append(c.forward[i].callers, k)
		}
	}
	if len(c.recent[p]) == 0 {
		delete(c.recent, p)
	}
	if len(c.waiting[p]) == 0 {
		delete(c.waiting, p)
	}
}

// nodes turns what was collected into the nodes of a graph.
func (c *Collector) nodes(g *Graph) {
	for key := range c.outline.collapsed() {
		g.shared[key] = nil
	}
	keys := make([][2]string, 0, len(c.uses))
	for k := range c.uses {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i][0] < keys[j][0] || keys[i][0] == keys[j][0] && keys[i][1] < keys[j][1]
	})
	for _, k := range keys {
		u := c.uses[k]
		id := u.key
		// A key in the hands of several principals is one node for each: what the
		// one did with it must not be held against the other.
		if _, ok := g.shared[u.key]; ok {
			id = u.key + "/" + u.identity.Person()
			g.shared[u.key] = append(g.shared[u.key], id)
		}
		n := g.nodes[id]
		if n == nil {
			n = &Node{ID: id, First: u.first, Last: u.last}
			g.nodes[id] = n
		}
		n.describe(u)
		c.nameUser(n, u)
		delete(c.uses, k) // the node says it all; both at once would be twice the memory
	}
	c.texts = nil
}

func (n *Node) describe(u *use) {
	id := u.identity
	n.Kind, n.Principal, n.PrincipalID, n.UniqueID = kindOf(n.ID, id), id.ARN, id.PrincipalID, id.UniqueID()
	n.Person = id.Person()
	n.Account, n.Type, n.Created = id.Account, id.Type, id.SessionCreated
	n.Uses += u.uses
	n.Forwarded += u.forwarded
	if u.first.Before(n.First) {
		n.First = u.first
	}
	if u.last.After(n.Last) {
		n.Last = u.last
	}
	n.LastOK = u.lastOK
	n.Networks = union(n.Networks, u.networks)
	n.Agents = union(n.Agents, u.agents)
	n.Workload = workload(id)
	n.Linked = id.ServiceLinked()
}

// nameUser gives the holder of a long-term key its ARN where the records tell but a name
// and no type: none but users have such keys, and root, which has no other name. Of a
// session the name may be a user's or one that somebody gave the session.
func (c *Collector) nameUser(n *Node, u *use) {
	name, alone := strings.CutPrefix(n.Person, evidence.NamedOnly)
	if !alone || n.Kind != "access_key" || !strings.HasPrefix(u.key, "AKIA") || name == "root" {
		return
	}
	if n.Account == "" {
		n.Account = cmp.Or(evidence.AccountOfKey(u.key), c.outline.Account())
	}
	if n.Account != "" {
		n.Principal = "arn:aws:iam::" + n.Account + ":user/" + name
	}
}

func kindOf(node string, id evidence.Identity) string {
	switch {
	case strings.HasPrefix(node, "AKIA"):
		return "access_key"
	case byGit(node):
		return "service_specific"
	case strings.HasPrefix(node, "arn:"):
		return "login_profile"
	// Before ASIA, for the console works with temporary keys too, and how the
	// session began says more than its form.
	case id.FromConsole:
		return "console_session"
	case strings.HasPrefix(node, "ASIA"):
		return "session"
	case id.CredentialID == node:
		return "bearer"
	}
	return "access_key"
}

func union(a, b []string) []string {
	out := append(a, b...)
	slices.Sort(out)
	return slices.Compact(out)
}
