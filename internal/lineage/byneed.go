package lineage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// ByNeed returns a graph that says the same as that of Link and reads of the
// evidence only what it is asked about: the calls of one person, and the calls
// that issued that person's credentials, when one of them is first named. Memory
// and work follow the case, not the store.
//
// It rests on one property of the rules: which edges lead into a credential is
// decided by the uses of its own person, by issuing calls that name the person,
// its role, its user or the credential (they stand in the record, hence in
// Event.Resources), by the person's own issuing calls, and by calls of
// readWhole. A rule that looks elsewhere adds its calls there;
// TestByNeedSaysTheSame holds both graphs equal over every scene.
//
// The graph reads while it is asked, so ctx must outlive it, and Err must be
// looked at before what it said is used. One goroutine at a time may ask.
func ByNeed(ctx context.Context, q evidence.Querier, o *Outline) *Graph {
	g := newGraph()
	for key, persons := range o.collapsed() {
		for _, p := range persons {
			g.shared[key] = append(g.shared[key], key+"/"+p)
		}
	}
	g.need = &need{
		ctx: ctx, q: q, o: o, g: g, persons: map[string]bool{}, ids: map[string]bool{}, gifts: map[string][]issue{}, followed: map[string]int{}, noted: map[[2]string]bool{}, by: map[string][]string{},
	}
	return g
}

// Err is the first failure to read evidence, nil if there was none.
func (g *Graph) Err() error {
	if g.need == nil {
		return nil
	}
	return g.need.err
}

// Read makes everything known that a person's credentials are about. To ask
// about one of them does the same; a person may have none.
func (g *Graph) Read(person string) {
	if g.need != nil {
		g.need.person(person)
	}
}

// ReadFrom is Read by somebody who has every event of the person at hand, in
// order, and maybe some of others.
func (g *Graph) ReadFrom(person string, events []evidence.Event) {
	if g.need != nil {
		g.need.personFrom(person, func(each func(*evidence.Event)) {
			for i := range events {
				each(&events[i])
			}
		})
	}
}

// Aside asks questions of a graph of their own, which says the same and is forgotten again: for
// what is asked of everybody in the store. Kept in g, the answers would make the memory follow the
// store and not the case.
func (g *Graph) Aside(ask func(of *Graph)) {
	if g.need == nil {
		ask(g)
		return
	}
	of := ByNeed(g.need.ctx, g.need.q, g.need.o)
	of.need.whole = g.need.whole
	ask(of)
	g.need.whole = of.need.whole
	g.need.err = cmp.Or(g.need.err, of.need.err)
}

// AsideFor asks about one person: of g itself where it read the person anyway, else aside.
func (g *Graph) AsideFor(person string, ask func(of *Graph)) {
	if g.need == nil || g.need.persons[person] {
		ask(g)
		return
	}
	g.Aside(ask)
}

// UnexplainedOf counts the unexplained credentials of a person. A graph by need
// forgets again what it read for it.
func (g *Graph) UnexplainedOf(person string) (n int) {
	g.AsideFor(person, func(of *Graph) {
		for _, id := range of.OfPerson(person) {
			if of.nodes[id].Unexplained() {
				n++
			}
		}
	})
	return n
}

// OnHost lists the credentials that were issued to a workload or an instance,
// by the name that a person would give it, sorted.
func (g *Graph) OnHost(name string) []string {
	if g.need != nil {
		g.need.all(g.need.o.hosts[name])
	}
	var out []string
	for _, id := range g.IDs() {
		if n := g.nodes[id]; n.Workload == name || n.InstanceOf() == name {
			out = append(out, id)
		}
	}
	return out
}

// OfSession lists the credentials of a session, by principal id, ARN or the
// session's name alone, sorted.
func (g *Graph) OfSession(value string) []string {
	if g.need != nil {
		g.need.session(value)
	}
	var out []string
	for _, id := range g.IDs() {
		if n := g.nodes[id]; n.PrincipalID == value || strings.HasSuffix(n.PrincipalID, ":"+value) || n.Principal == value {
			out = append(out, id)
		}
	}
	return out
}

// session reads the persons of a session. A bare name costs a look at every
// event: it is no one's id.
func (n *need) session(value string) {
	// Prefixed, since ids also holds credentials, and a session may be named like
	// one.
	if n.ids["session "+value] {
		return
	}
	n.ids["session "+value] = true
	q := evidence.Query{Brief: true}
	if strings.Contains(value, ":") {
		q.Principals = []string{value}
	}
	found := map[string]bool{}
	n.events(q, func(e *evidence.Event) {
		if id := &e.Identity; id.PrincipalID == value || id.ARN == value || strings.HasSuffix(id.PrincipalID, ":"+value) {
			found[id.Person()] = true
		}
	})
	n.all(sortedKeys(found))
}

// readWhole are issuing calls whose records say in words of their own whom they
// lead to: they are few, and all of them are read when the first person is.
var readWhole = append([]string{
	"RunTask", "StartTask", "StartAutomationExecution", "StartChangeRequestExecution", "SendCommand", "StartSession", "SendSSHPublicKey", "SendSerialConsoleSSHPublicKey", "ExecuteCommand", "StartBuild", "StartBuildBatch", "RetryBuild",
	"GetRoleCredentials", "Federate", "CreateAccount", "CreateGovCloudAccount", "CreateAccountResult", "CreateTrustAnchor", "CreateUser", "CreatePermissionSet",
	"CreateRole", "UpdateAssumeRolePolicy",
	"GetDataAccess",
}, slices.Concat(contents, slices.Sorted(maps.Keys(passes)))...)

// need is what a graph by need remembers of its reading.
type need struct {
	ctx context.Context
	q   evidence.Querier
	o   *Outline
	g   *Graph
	err error

	whole    *linker             // what the calls of readWhole say; nil before they are read
	persons  map[string]bool     // read
	ids      map[string]bool     // credentials that were looked for
	gifts    map[string][]issue  // issuing event of a person that was read → what it gave
	by       map[string][]string // credential → issuing events made with it
	noted    map[[2]string]bool  // credential and event, of by
	followed map[string]int      // issuing event → how many of its gifts were followed
	runs     map[string][]string // session of a runbook → persons; nil before they are looked up
}

func (n *need) events(q evidence.Query, each func(*evidence.Event)) {
	for e, err := range n.q.Events(n.ctx, q) {
		if err != nil {
			if n.err == nil {
				n.err = fmt.Errorf("follow credentials: %w", err)
			}
			return
		}
		each(&e)
	}
}

// credential finds whose a credential is and reads that person.
func (n *need) credential(id string) {
	if n.err != nil || n.ids[id] || id == "" {
		return
	}
	n.ids[id] = true
	if bare, person, divided := strings.Cut(id, "/"); divided && n.g.shared[bare] != nil {
		n.person(person)
		if n.g.nodes[id] == nil {
			n.orphan(bare, "")
		}
		return
	}
	persons := n.o.persons(id)
	if persons == nil && strings.HasPrefix(id, "A") { // only services used it, or nobody
		n.events(evidence.Query{Credentials: []string{id}, Brief: true}, func(e *evidence.Event) {
			if p := e.Identity.Person(); !slices.Contains(persons, p) {
				persons = append(persons, p)
			}
		})
	}
	for _, p := range persons {
		n.person(p)
	}
	if n.g.nodes[id] == nil {
		n.orphan(id, id)
	}
}

// person reads one person: every call, every issuing call among them, and every
// issuing call about it.
func (n *need) person(person string) {
	n.personFrom(person, func(each func(*evidence.Event)) {
		n.events(evidence.Query{Principals: []string{person}, Brief: true}, each)
	})
}

func (n *need) personFrom(person string, calls func(each func(*evidence.Event))) {
	if n.err != nil || person == "" || n.persons[person] {
		return
	}
	n.persons[person] = true
	c, names, issues := collectorOf(n.o), map[string]bool{}, false
	calls(func(e *evidence.Event) {
		if e.Identity.Person() != person {
			return
		}
		c.use(e)
		issues = issues || slices.Contains(IssuingNames, e.Name)
		aboutIdentity(names, e)
	})
	n.alsoUsedBy(c, person)
	l := n.linker(c)
	seen := map[string]bool{}
	if len(names) > 0 {
		n.events(evidence.Query{Names: IssuingNames, Resources: sortedKeys(names), Body: true}, func(e *evidence.Event) {
			seen[e.Key()] = true
			n.note(e, l.take(e), person)
		})
	}
	if issues {
		n.events(evidence.Query{Names: IssuingNames, Principals: []string{person}, Body: true}, func(e *evidence.Event) {
			if e.Identity.Person() == person && !seen[e.Key()] {
				n.note(e, l.take(e), person)
			}
		})
	}
	n.finish(l, func(o *Node) bool { return o.Uses > 0 || o.Person == person && n.o.persons(o.ID) == nil })
}

// note remembers what a person's own call gave out.
func (n *need) note(e *evidence.Event, found []issue, person string) {
	if e.Identity.Person() != person || len(found) == 0 && !slices.Contains(readWhole, e.Name) {
		return
	}
	// Two events may have one id: what was collected under it twice, and differs.
	if key := n.g.CredentialOf(e); !n.noted[[2]string{key, e.ID}] {
		n.noted[[2]string{key, e.ID}] = true
		n.by[key] = append(n.by[key], e.ID)
	}
	n.gifts[e.ID] = append(n.gifts[e.ID], found...)
}

// aboutIdentity gathers the names under which issuing calls speak of a caller.
func aboutIdentity(names map[string]bool, e *evidence.Event) {
	id := &e.Identity
	for _, s := range []string{id.ARN, id.IssuerARN, id.UserName, id.PrincipalID} {
		if s != "" && !names[s] {
			names[strings.Clone(s)] = true
		}
	}
	if !forwardedCall(e) && id.AccessKey != "" && !names[id.AccessKey] {
		names[strings.Clone(id.AccessKey)] = true
	}
}

// alsoUsedBy adds what others did with the credentials of a person where they
// are not divided: calls that name nobody, and the former user of the same name.
func (n *need) alsoUsedBy(c *Collector, person string) {
	var keys, logins []string
	for k := range c.uses {
		if len(n.o.others[k[0]]) == 0 || n.g.shared[k[0]] != nil {
			continue
		}
		if strings.HasPrefix(k[0], "arn:") {
			logins = append(logins, k[0])
		} else {
			keys = append(keys, k[0])
		}
	}
	add := func(e *evidence.Event) {
		if key := bareCredential(e); e.Identity.Person() != person && (slices.Contains(keys, key) || slices.Contains(logins, key)) {
			c.use(e)
		}
	}
	if len(keys) > 0 {
		n.events(evidence.Query{Credentials: keys, Brief: true}, add)
	}
	if len(logins) > 0 {
		n.events(evidence.Query{Sources: keylessSources, Brief: true}, add)
	}
}

// orphan makes a credential known that belongs to nobody who can be read: one
// that was issued and never used, or whose calls name nobody.
func (n *need) orphan(key, whole string) {
	c, nobodys := collectorOf(n.o), evidence.Query{}
	names := []string{key}
	own := func(e *evidence.Event) bool { return bareCredential(e) == key && e.Identity.Person() == "" }
	if slices.Contains(n.o.persons(key), "") {
		nobodys.Credentials = names
		if strings.HasPrefix(key, "arn:") {
			nobodys = evidence.Query{Sources: keylessSources}
		}
		n.events(nobodys, func(e *evidence.Event) {
			if own(e) {
				c.use(e)
			}
		})
	}
	if i := strings.LastIndexByte(key, '/'); strings.HasPrefix(key, "arn:") && i >= 0 {
		user, _, _ := strings.Cut(key[i+1:], "#")
		names = append(names, user) // as calls about it name it
	}
	used := len(c.uses) > 0
	l, seen := n.linker(c), map[string]bool{}
	n.events(evidence.Query{Names: IssuingNames, Resources: names, Body: true}, func(e *evidence.Event) {
		seen[e.Key()] = true
		n.note(e, l.take(e), "")
	})
	if used {
		nobodys.Names, nobodys.Body = IssuingNames, true
		n.events(nobodys, func(e *evidence.Event) {
			if own(e) && !seen[e.Key()] {
				n.note(e, l.take(e), "")
			}
		})
	}
	n.finish(l, func(o *Node) bool { return o.Uses > 0 || o.ID == whole })
}

// linker returns one that knows the calls of readWhole.
func (n *need) linker(c *Collector) *linker {
	if n.whole == nil {
		n.whole = newLinker(collectorOf(n.o))
		n.whole.known = map[string][]issue{}
		n.events(evidence.Query{Names: readWhole, Body: true}, func(e *evidence.Event) { n.whole.known[e.Key()] = n.whole.take(e) })
	}
	l := newLinker(c)
	l.center, l.anchors, l.asked, l.made = n.whole.center, n.whole.anchors, n.whole.asked, n.whole.made
	l.members, l.sets = n.whole.members, n.whole.sets
	// Cloned: take appends to it, and two persons must not write into one list.
	l.issues, l.known = slices.Clone(n.whole.issues), n.whole.known
	return l
}

// finish links what was read and takes over the nodes that it decides.
func (n *need) finish(l *linker, ours func(*Node) bool) {
	// In the order of Link, which reads all events once. Rules that take the last
	// issue before a use depend on it.
	slices.SortStableFunc(l.issues, func(a, b issue) int { return evidence.Compare(a.e, b.e) })
	l.link()
	g := n.g
	for _, id := range sortedIDs(l.g.nodes) {
		o := l.g.nodes[id]
		// A node that is there was decided when its own person was read. What is
		// seen of it from somebody else's calls is only a part.
		if !ours(o) || g.nodes[id] != nil {
			continue
		}
		g.nodes[id] = o
		if o.UniqueID != "" {
			g.byUnique[o.UniqueID] = insert(g.byUnique[o.UniqueID], id, strings.Compare)
		}
		if o.Person != "" {
			g.byPerson[o.Person] = insert(g.byPerson[o.Person], id, strings.Compare)
		}
		for _, e := range o.In {
			g.byEvent[e.Event] = insert(g.byEvent[e.Event], e, func(a, b Edge) int { return strings.Compare(a.Child, b.Child) })
			if e.Parent != "" {
				g.byParent[e.Parent] = insert(g.byParent[e.Parent], e, byTime)
			}
		}
	}
}

// insert keeps a list in order, equals in the order in which they came.
func insert[T any](list []T, v T, order func(a, b T) int) []T {
	// From the end, for nodes mostly come in order: it seldom looks at more than the
	// last.
	i := len(list)
	for i > 0 && order(list[i-1], v) > 0 {
		i--
	}
	return slices.Insert(list, i, v)
}

// given reads the persons to whom an event gave credentials.
func (n *need) given(event string) {
	gifts, ok := n.gifts[event]
	done, begun := n.followed[event]
	if !ok || begun && done == len(gifts) {
		return
	}
	n.followed[event] = len(gifts)
	for _, i := range gifts[done:] {
		if i.rule != "git_key" { // the way in is the user's, and known when the user is read
			n.credential(i.key)
		}
		if i.principal != "" {
			n.person(uniqueOf(i.principal))
			n.person(i.principal)
		}
		for _, host := range i.hosts {
			n.all(n.o.hosts[host])
			if i.rule == "started_automation" {
				n.all(n.automation(host))
			}
		}
		if _, build, ok := strings.Cut(i.holder, ":"); ok && i.rule == "codebuild" {
			n.all(n.o.hosts["AWSCodeBuild-"+build])
		}
		switch {
		case i.rule == "data_access" && i.holder != "" && i.key == "":
			n.session(i.holder)
		case i.rule == "trust_change":
			n.takers(i.role)
		case i.rule == "git_key":
			n.all(compact(append(n.o.persons(i.key), n.o.users[i.user].id)...))
		case i.rule == "image_change":
			for _, d := range n.whole.startedFrom(i) {
				for _, host := range d.hosts {
					n.all(n.o.hosts[host])
				}
				for _, role := range compact(d.role, d.via) {
					n.takers(d.e.Account + "/" + lastPart(role))
				}
			}
		case i.rule == "passed_role" || i.rule == "code_change":
			for _, role := range compact(i.role, i.via) {
				n.takers(i.e.Account + "/" + lastPart(role))
			}
		}
	}
	n.indirect(event)
}

// automation are the persons of a runbook's session. Systems Manager makes its calls,
// and the outline knows of no call that a service makes: they are looked up once.
func (n *need) automation(session string) []string {
	if n.runs == nil {
		n.runs = map[string][]string{}
		n.events(evidence.Query{IPs: []string{"ssm.amazonaws.com"}, Brief: true}, func(e *evidence.Event) {
			if name := e.Identity.SessionName(); strings.HasPrefix(name, runbook) {
				n.runs[name] = include(n.runs[name], e.Identity.Person())
			}
		})
	}
	return n.runs[session]
}

// indirect reads the persons whom a call leads to without naming them: through
// the portal, a trust anchor, or a user, a permission set or an account that it made.
func (n *need) indirect(event string) {
	// First found, then read, in one order: reading changes what the maps are walked for.
	var found, signed []string
	role := func(account, name string) {
		for k := range n.o.roles {
			if of, r, _ := strings.Cut(k, "/"); of == account && strings.HasPrefix(r, name) {
				found = append(found, n.o.roles[k]...)
			}
		}
	}
	for _, i := range n.whole.center {
		if made := n.whole.members[i.holder].e; made != nil && made.ID == event {
			signed = append(signed, i.parent)
		}
		if i.e.ID == event {
			role(i.account, evidence.PermissionSetRole+i.role+"_")
		}
	}
	for arn, i := range n.whole.anchors {
		if i.e.ID == event {
			n.events(evidence.Query{Names: []string{"CreateSession"}, Resources: []string{arn}, Body: true}, func(e *evidence.Event) {
				if r, err := e.Parse(); err == nil {
					found = append(found, uniqueOf(r.Str("responseElements.credentialSet.assumedRoleUser.assumedRoleId")))
				}
			})
		}
	}
	for name, made := range n.whole.sets {
		if slices.ContainsFunc(made, func(i issue) bool { return i.e.ID == event }) {
			for k := range n.o.roles {
				if _, r, _ := strings.Cut(k, "/"); setOf(r) == name {
					found = append(found, n.o.roles[k]...)
				}
			}
		}
	}
	for account, request := range n.whole.made {
		if i, ok := n.whole.asked[request]; ok && i.e.ID == event {
			role(account, accountRole)
		}
	}
	n.all(found)
	for _, id := range signed {
		n.credential(id) // a sign-in is mostly nobody's, as its records name no principal
	}
}

// takers reads the persons of every session of a role, which is named by account
// and name as IAM calls name it, without its path.
func (n *need) takers(role string) {
	if n.ids["takers "+role] {
		return
	}
	n.ids["takers "+role] = true
	account, name, _ := strings.Cut(role, "/")
	var ids []string
	n.events(evidence.Query{Names: []string{"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}}, func(e *evidence.Event) {
		if slices.ContainsFunc(e.Resources, func(r string) bool { return accountOf(r) == account && strings.HasSuffix(r, "/"+name) }) {
			ids = append(ids, e.ID)
		}
	})
	found := map[string]bool{}
	if len(ids) > 0 {
		n.events(evidence.Query{IDs: ids, Body: true}, func(e *evidence.Event) {
			if r, err := e.Parse(); err == nil {
				principal := r.Str("responseElements.assumedRoleUser.assumedRoleId")
				found[uniqueOf(principal)], found[principal] = true, true
			}
		})
	}
	n.all(sortedKeys(found))
}

func (n *need) all(persons []string) {
	for _, p := range slices.Sorted(slices.Values(persons)) {
		n.person(p)
	}
}

// children reads what was obtained with a credential.
func (n *need) children(id string) {
	n.credential(id)
	for _, event := range slices.Clone(n.by[id]) {
		n.given(event)
	}
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
