package lineage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// linker holds what linking needs until the graph is done.
type linker struct {
	g       *Graph
	c       *Collector
	issues  []issue
	opened  map[string][]int   // principal id → issues that opened a session of it
	anchors map[string]issue   // Roles Anywhere trust anchor ARN → its creation
	asked   map[string]issue   // request for an account → the call
	made    map[string]string  // account → the request it answers
	members map[string]issue   // id of a directory's user → its creation
	sets    map[string][]issue // name of a permission set → its creations
	center  []issue            // Identity Center handing out a role, known by account and permission set
	deleted []deletion
	known   map[string][]issue // key of a call that was taken before → what it gave
	trusts  map[string]string  // account and role name → trust policy, as last written
}

// Link builds the graph once everything has been collected, so that the order
// in which files were read can't matter. It reads the records of issuing calls
// only.
func Link(ctx context.Context, q evidence.Querier, c *Collector) (*Graph, error) {
	l := newLinker(c)
	for e, err := range q.Events(ctx, evidence.Query{Names: IssuingNames, Body: true}) {
		if err != nil {
			return nil, fmt.Errorf("read issuing events: %w", err)
		}
		l.take(&e)
	}
	l.link()
	return l.g, nil
}

func newLinker(c *Collector) *linker {
	l := &linker{
		g: newGraph(),
		c: c, opened: map[string][]int{}, anchors: map[string]issue{}, asked: map[string]issue{}, made: map[string]string{}, members: map[string]issue{}, sets: map[string][]issue{}, trusts: map[string]string{},
	}
	c.nodes(l.g)
	return l
}

// take reads one issuing call. It returns what the call gave out.
func (l *linker) take(e *evidence.Event) []issue {
	if found, ok := l.known[e.Key()]; ok {
		return found
	}
	r, err := e.Parse()
	if err != nil {
		return nil // the decoder vouched for it once; a record that no longer parses issues nothing
	}
	e.Body = nil
	l.noteState(e, r)
	found := l.read(e, r)
	l.issues = append(l.issues, found...)
	return found
}

// link makes the edges, when every use and every issuing call is known.
// The order of the rules is that of how sure they are: those that look for who
// issued a session ask only about sessions that the ones before have left without an
// edge.
func (l *linker) link() {
	l.exact()
	l.forwarding(func(f forwarded) bool { return f.invokedBy != internal || f.byTool() || !l.console(f) })
	l.structural()
	l.throughPortal()
	l.forwarding(func(forwarded) bool { return true })
	l.granted()
	l.gits()
	l.hosts()
	l.finish()
}

// node returns the node, making one for a credential that was issued but never used.
func (l *linker) node(id string) *Node {
	n := l.g.nodes[id]
	if n == nil {
		n = &Node{ID: id, Kind: kindOf(id, evidence.Identity{})}
		l.g.nodes[id] = n
	}
	return n
}

func (l *linker) edge(i issue, child *Node, rule string, tier int) {
	child.In = append(child.In, Edge{
		Parent: i.parent, Child: child.ID, Event: i.e.ID, At: i.e.Time, Rule: rule, Tier: tier,
		Network: i.e.Network(), Agent: evidence.AgentFamily(i.e.UserAgent), Holder: i.holder, By: i.by(),
	})
	// Of several calls that show one key the longest life counts: it may still work
	// until then.
	if child.Expires.IsZero() || i.expires.After(child.Expires) {
		child.Expires = i.expires
	}
}

// exact links by equality of identifiers: the issuing record shows the key.
func (l *linker) exact() {
	for n, i := range l.issues {
		if i.principal != "" {
			l.opened[i.principal] = append(l.opened[i.principal], n)
		}
		if i.key == "" || i.rule == "git_key" {
			continue
		}
		if _, collapsed := l.g.shared[i.key]; collapsed {
			continue // a key that several principals share proves nothing
		}
		child := l.node(i.key)
		if child.PrincipalID == "" && child.Person == "" { // issued, never used: what the issuing record knows of it
			child.PrincipalID, child.UniqueID, child.Person = i.principal, uniqueOf(i.principal), uniqueOf(i.principal)
			child.Principal = issuedPrincipal(i)
			child.Account = i.e.Account
			child.Kind = issuedKind(i, child)
			child.Workload = workloadOfHolder(i)
		}
		if i.rule == "service_specific_credential" {
			child.Kind = "service_specific"
		}
		tier := ruleByID[i.rule].Tier
		if i.rule == "assume_role_cross_account" && i.parent == "" {
			tier = 4 // the role account's log names the caller's account and unique id, not its key
		}
		l.edge(i, child, i.rule, tier)
	}
}

func uniqueOf(principalID string) string {
	u, _, _ := strings.Cut(principalID, ":")
	return u
}

func issuedPrincipal(i issue) string {
	if strings.HasPrefix(i.key, "arn:") {
		return i.key
	}
	if i.user != "" {
		return i.user
	}
	if i.role != "" {
		return i.role
	}
	if i.rule == "get_session_token" || i.rule == "get_federation_token" || i.rule == "signin_token" {
		return i.e.Identity.ARN
	}
	for _, r := range i.e.Resources {
		if strings.Contains(r, ":user/") {
			return r
		}
	}
	return ""
}

func issuedKind(i issue, n *Node) string {
	switch {
	case i.rule == "login_profile":
		return "login_profile"
	case i.rule == "signin_token":
		return "console_session"
	case n.Temporary():
		return "session"
	}
	return "access_key"
}

func workloadOfHolder(i issue) string {
	if ruleByID[i.rule].Held && i.rule != "service_role" {
		return i.holder
	}
	return ""
}

// structural links a session key that no record shows being given out to the
// call that opened its session: same principal id, and a creation date equal
// to the call's second (one second of slack, since both are whole seconds).
func (l *linker) structural() {
	for _, id := range sortedIDs(l.g.nodes) {
		n := l.g.nodes[id]
		if !n.Temporary() || len(n.In) > 0 || n.PrincipalID == "" || n.Created.IsZero() {
			continue
		}
		// What CloudShell or the command line drew from a session shares its date,
		// and candidates would take the sign-in for what issued it.
		if l.inSession(n) {
			continue
		}
		l.choose(n, l.candidates(n))
	}
}

// candidates are the calls that may have opened the session of n.
func (l *linker) candidates(n *Node) (found []issue) {
	for _, k := range l.opened[n.PrincipalID] {
		i := l.issues[k]
		if !sameSecond(i.e.Time, n.Created) || i.rule == "cloudshell" || i.rule == "aws_login" {
			continue
		}
		// A call whose own key is in use gave out that key, not its twin: EC2 mints
		// two sets in one second. Where the console or Identity Center stand
		// between, the key shown is never the one used.
		if l.inUse(i.key) {
			continue
		}
		found = append(found, i)
	}
	if len(found) == 0 {
		found = l.federated(n)
	}
	if portal := l.portal(n); len(portal) > 0 {
		// The member account's own record of the same sign-in names no parent.
		found = append(slices.DeleteFunc(found, func(i issue) bool { return i.parent == "" }), portal...)
	}
	// SwitchRole tells of a switch whose AssumeRole may lie in another account's log.
	if slices.ContainsFunc(found, func(i issue) bool { return i.e.Name != "SwitchRole" }) {
		found = slices.DeleteFunc(found, func(i issue) bool { return i.e.Name == "SwitchRole" })
	}
	return found
}

// federated finds the sign-in of a federated user: the console's keys carry the
// creation date of the federation token, and GetSigninToken, called with that
// token, lies between.
func (l *linker) federated(n *Node) (found []issue) {
	if n.Type != "FederatedUser" {
		return nil
	}
	for _, k := range l.opened[n.PrincipalID] {
		i := l.issues[k]
		if i.rule == "signin_token" && i.parent != n.ID && i.e.Identity.SessionCreated.Equal(n.Created) && !i.e.Time.After(n.First) {
			found = append(found, i)
		}
	}
	return found
}

// inUse says whether a key was seen at work, in whose hands ever.
func (l *linker) inUse(key string) bool {
	if n := l.g.nodes[key]; n != nil && n.Uses > 0 {
		return true
	}
	_, divided := l.g.shared[key]
	return !divided && l.c.outline.persons(key) != nil
}

// sameSecond allows one second of difference: eventTime is when the call was done and
// creationDate when the session began, both cut to whole seconds.
func sameSecond(a, b time.Time) bool {
	d := a.Sub(b)
	return d >= -time.Second && d <= time.Second
}

// portal finds Identity Center's own records of handing out a role: they name
// account and permission set, and the role's name is made from the latter.
func (l *linker) portal(n *Node) (found []issue) {
	_, role, ok := strings.Cut(n.Principal, ":assumed-role/AWSReservedSSO_")
	if !ok {
		return nil
	}
	role, _, _ = strings.Cut(role, "/")
	for _, i := range l.center {
		if i.account == n.Account && strings.HasPrefix(role, i.role+"_") && sameSecond(i.e.Time, n.Created) {
			found = append(found, i)
		}
	}
	return found
}

// throughPortal adds the portal's own record to a session that the member account's record of
// the sign-in names by its key: only the portal knows with which sign-in the role was asked for.
func (l *linker) throughPortal() {
	for _, id := range sortedIDs(l.g.nodes) {
		n := l.g.nodes[id]
		if n.Created.IsZero() || len(n.In) != 1 || n.In[0].Rule != "identity_center" || n.In[0].Parent != "" {
			continue
		}
		if found := l.portal(n); len(found) == 1 && found[0].e.ID != n.In[0].Event {
			l.edge(found[0], n, "identity_center", 4)
		}
	}
}

// console says whether the session of a forwarded call was opened in a browser,
// whose back ends call for it under keys of their own.
func (l *linker) console(f forwarded) bool {
	for _, k := range l.opened[f.principal] {
		i := l.issues[k]
		if d := i.e.Time.Sub(f.created); d < -time.Second || d > time.Second {
			continue
		}
		switch i.rule {
		case "console_login", "switch_role", "signin_token", "saml_federation", "identity_center":
			return true
		}
	}
	return false
}

// choose adds the structural edges of n: one candidate is structural, several
// from one parent are probable, several from different parents only leads.
func (l *linker) choose(n *Node, found []issue) {
	if len(found) == 0 {
		return
	}
	tier := 4
	if len(found) > 1 {
		tier = 3
		// Several calls of one parent lead to the same person whichever it was; of
		// different parents only one can be right.
		for _, i := range found[1:] {
			if i.parent != found[0].parent {
				tier = 2
			}
		}
		// Two views of one act are one candidate.
		if !slices.ContainsFunc(found, func(i issue) bool { return i.e.SharedID == "" || i.e.SharedID != found[0].e.SharedID }) {
			tier = 4
		}
	}
	for _, i := range found {
		rule := i.rule
		if rule == "console_login" && copied(n) {
			rule = "console_credentials_copied"
		}
		l.edge(i, n, rule, tier)
		if i.rule == "console_login" || i.rule == "switch_role" || i.rule == "signin_token" {
			n.Kind = "console_session"
		}
	}
}

// copied says whether a console session's key was used by something that is
// neither a browser nor AWS's own console back end.
func copied(n *Node) bool {
	if len(n.Agents) == 0 {
		return false
	}
	return !slices.ContainsFunc(n.Agents, browses)
}

// browses says whether a tool is a browser or one of the console's own back ends.
func browses(agent string) bool {
	tool, _, _ := strings.Cut(agent, " ")
	switch {
	case tool == "aws-internal", tool == "console", tool == "browser", tool == "none", tool == "other",
		tool == "sdk-java", tool == "sdk-js", tool == "cloudshell", strings.HasSuffix(tool, ".amazonaws.com"):
		return true // the console's own back ends call with these
	}
	return false
}

// inSession links keys that CloudShell or "aws login" drew from a console
// session: they keep its principal and creation date, and show another tool.
func (l *linker) inSession(n *Node) bool {
	shell, cli := slices.Contains(n.Agents, "cloudshell"), copied(n)
	if !shell && !cli {
		return false
	}
	for _, k := range l.opened[n.PrincipalID] {
		i := l.issues[k]
		if !i.e.Identity.SessionCreated.Equal(n.Created) || i.e.Time.After(n.First.Add(time.Second)) {
			continue
		}
		if i.rule == "cloudshell" && shell || i.rule == "aws_login" && cli {
			l.edge(i, n, i.rule, 4)
			return true
		}
	}
	return false
}

func sortedIDs(nodes map[string]*Node) []string {
	ids := make([]string, 0, len(nodes))
	for id := range nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
