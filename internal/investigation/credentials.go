package investigation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// holding is how many calls of a credential each side made.
// Calls of AWS for a caller tell no network: the address is the service's.
type holding struct {
	hostile, owner, other int
	mended                bool // some of the others' were a responder's
	networks              map[string]bool
	theirs, owners        map[string]bool // networks of hostile calls, and of the owner's
}

// credentials makes a row for every credential touched or issued by the
// intruder, with where it came from and who held it.
func (in *inquiry) credentials() {
	held := map[string]*holding{}
	get := func(id string) *holding {
		if held[id] == nil {
			held[id] = &holding{networks: map[string]bool{}, theirs: map[string]bool{}, owners: map[string]bool{}}
		}
		return held[id]
	}
	for i, r := range in.at.Rows {
		if r.Credential == "" {
			continue
		}
		h := get(in.g.CredentialOf(&in.at.Events[i]))
		switch {
		case r.Actor.Hostile() && refused(&in.at.Events[i]):
			continue // a password that was guessed wrong was in nobody's hands
		case r.Actor.Hostile():
			h.hostile++
		case r.Actor == attribution.Owner || r.Actor == attribution.Service:
			h.owner++
		default:
			h.other++
			h.mended = h.mended || r.Actor == attribution.Responder
		}
		if e := &in.at.Events[i]; !e.FromAWS() {
			h.networks[e.Network()] = true
			switch {
			case r.Actor.Hostile():
				h.theirs[e.Network()] = true
			case r.Actor == attribution.Owner || r.Actor == attribution.Responder:
				h.owners[e.Network()] = true
			}
		}
	}
	// What the intruder was handed is theirs even before its first use: it must be in the plan.
	// Tiers below 4, and shells on a host, give no credential into their hands for sure.
	issued := map[string]bool{}
	for _, r := range in.at.Rows {
		if r.Actor.Hostile() {
			for _, e := range in.g.IssuedBy(r.Event) {
				if e.Tier >= 4 && e.Rule != "host_entry" && !e.Held() {
					issued[e.Child] = true
				}
				get(e.Child)
			}
		}
	}
	for _, c := range in.input.Credentials {
		get(c)
	}
	for _, id := range keys(held) {
		n := in.g.Node(id)
		// AWS makes credentials of its own to act for a caller; they have a row only where hostile
		// calls went through them.
		if n == nil || n.Forwarded > 0 && n.Forwarded == n.Uses && held[id].hostile == 0 {
			continue
		}
		in.res.Credentials = append(in.res.Credentials, in.credential(n, held[id], issued[id]))
	}
	slices.SortFunc(in.res.Credentials, func(a, b lineage.Credential) int {
		return cmp.Or(boolRank(forwarded(a))-boolRank(forwarded(b)), cmp.Compare(a.FirstSeen, b.FirstSeen), cmp.Compare(a.ID, b.ID))
	})
	in.oneRowEach()
}

// oneRowEach leaves a key that an anonymiser gave to several principals one row, the
// intruder's if there is one.
func (in *inquiry) oneRowEach() {
	best := map[string]string{} // key → by whom its row says that it is held
	for _, c := range in.res.Credentials {
		if held, ok := best[c.ID]; !ok || heldOrder[c.HeldBy] < heldOrder[held] {
			best[c.ID] = c.HeldBy
		}
	}
	seen := map[string]bool{}
	in.res.Credentials = slices.DeleteFunc(in.res.Credentials, func(c lineage.Credential) bool {
		if c.HeldBy != best[c.ID] || seen[c.ID] {
			return true
		}
		seen[c.ID] = true
		return false
	})
}

// refused says whether the event is a sign-in that did not succeed: unlike a call that was
// denied, it shows that whoever made it did not have the credential.
func refused(e *evidence.Event) bool {
	return e.Name == "ConsoleLogin" && e.Outcome() == evidence.Failure
}

// forwarded says whether a credential only ever served AWS to act for a caller;
// such rows stand last.
func forwarded(c lineage.Credential) bool {
	return c.IssuedBy != nil && c.IssuedBy.Rule == "forwarded_access"
}

// boolRank puts what is not so before what is, in a sort.
func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// heldOrder is which of two rows of one key is kept.
var heldOrder = map[string]int{"intruder": 0, "shared": 1, "unknown": 2, "owner": 3}

// credential is the row of one. "shared" and "intruder" come from calls alone, or from a call
// of the intruder's that handed it out; that its principal is suspected makes it nobody's.
func (in *inquiry) credential(n *lineage.Node, h *holding, issuedToIntruder bool) lineage.Credential {
	c := lineage.Credential{
		ID: attribution.BareID(n.ID), Kind: n.Kind, Principal: n.Principal, PrincipalID: n.PrincipalID, FirstSeen: stamp(n.First), LastSeen: stamp(n.Last),
		ExpiresAt: stamp(n.Expires), Networks: keys(h.networks), HeldBy: "unknown", StateEvidence: []string{},
	}
	// Where both sides called from one network, to block it would lock the owner out.
	for _, network := range keys(h.theirs) {
		if !h.owners[network] {
			c.Hostile = append(c.Hostile, network)
		}
	}
	state, events := n.StateAt(in.now)
	c.State = state
	c.StateEvidence = cite(events...)
	switch {
	case n.Forwarded > 0 && n.Forwarded == n.Uses:
		// AWS's own, to act for a caller: in nobody's hands
	case h.hostile > 0 && (h.owner > 0 || h.mended): // who puts things right with a key has it as well
		c.HeldBy = "shared"
	case h.hostile > 0, issuedToIntruder && h.owner == 0, n.Uses == 0 && in.createdByIntruder(n.ID):
		c.HeldBy = "intruder"
	// Calls that nobody can be held to account for leave it open whose hands they were.
	case h.owner > 0 && h.other == 0:
		c.HeldBy = "owner"
	}
	// Where several calls may have issued it, the surest: the others are leads.
	e := n.Best()
	if made := in.setUpBy(n); made != nil && (e == nil || e.Parent == "") {
		// AWS issued it to what the intruder had set up: the chain goes on there.
		if e != nil {
			in.lineageClaim(n, e)
		}
		e = made
	}
	if e == nil {
		return c
	}
	c.IssuedBy = &lineage.Issue{Credential: e.Parent, Event: e.Event, Rule: e.Rule, Tier: e.Tier, Confidence: lineage.Confidence(e.Tier)}
	if c.HeldBy == "intruder" || c.HeldBy == "shared" || h.hostile > 0 {
		in.lineageClaim(n, e)
	}
	return c
}

// setUpBy is the intruder's call that decided over a credential which AWS then
// issued by itself: to a function that was planted, to an account that was let in.
func (in *inquiry) setUpBy(n *lineage.Node) *lineage.Edge {
	for i := range n.In {
		e := &n.In[i]
		if r, _ := lineage.RuleByID(e.Rule); r.Hands == lineage.SetUp && e.Tier >= 3 && in.at.Actor(e.Event).Hostile() {
			return e
		}
	}
	return nil
}

// createdByIntruder says whether the user whose password this is was made by
// the intruder, so that nobody else was ever told it.
func (in *inquiry) createdByIntruder(id string) bool {
	return slices.ContainsFunc(in.res.Resources, func(r ledger.Resource) bool {
		return r.ID == id && r.Type == "AWS::IAM::User" && slices.Contains(r.Effect, ledger.Created)
	})
}

// lineageClaim says by which call a credential came about. Its words follow the rule: "issued"
// only where an answer held the key or the session follows from the call, "probably" from tier
// 3 down, and other words where the call decided over a credential that AWS issued by itself.
func (in *inquiry) lineageClaim(n *lineage.Node, e *lineage.Edge) {
	r, _ := lineage.RuleByID(e.Rule)
	how := "was issued"
	if e.Tier <= 3 {
		how = "was probably issued"
	}
	text := fmt.Sprintf("Credential `%s` %s at %s by event %s (rule %s).", n.ID, how, stamp(e.At), e.Event, r.ID)
	if e.Parent != "" {
		text = fmt.Sprintf("Credential `%s` %s to the holder of `%s` at %s by event %s (rule %s).", n.ID, how, e.Parent, stamp(e.At), e.Event, r.ID)
	}
	if r.Claim != "" {
		text = fmt.Sprintf("Credential `%s` %s at %s by event %s (rule %s).", n.ID, strings.ReplaceAll(r.Claim, "{parent}", e.Parent), stamp(e.At), e.Event, r.ID)
	}
	grade := "B"
	switch {
	case e.Tier == 4:
		grade = "C"
	case e.Tier <= 3:
		grade = "D"
	}
	in.claims.add(text, claim.Predicate{Op: "lineage", Child: n.ID, Parent: e.Parent, Rule: e.Rule}, cite(e.Event), grade)
}

// principals gives every principal of the case its part.
func (in *inquiry) principals() {
	// Of several parts the one that says most: an entry is also a pivot, and an owner who is
	// robbed is both.
	part := map[string]string{} // ARN → part
	unique := map[string]string{}
	rank := map[string]int{"entry": 6, "created": 5, "pivot": 4, "target": 3, "owner": 2, "responder": 2, "service": 1}
	set := func(arn, id, as string) {
		if arn == "" {
			return
		}
		if rank[as] > rank[part[arn]] {
			part[arn] = as
		}
		if id != "" {
			unique[arn] = id
		}
	}
	seeded := in.suspects()
	for i, r := range in.at.Rows {
		id := in.at.Events[i].Identity
		arn := id.ARN
		// A permission set's role is everybody's who may enter it: the session is who it was.
		if id.IssuerARN != "" && !strings.HasPrefix(id.IssuerName, evidence.PermissionSetRole) {
			arn = id.IssuerARN
		}
		if n := in.g.Node(in.g.CredentialOf(&in.at.Events[i])); arn == "" && n != nil {
			arn = n.Principal // an export that names no ARN
		}
		switch {
		case r.Actor.Hostile() && slices.Contains(seeded, id.Person()):
			set(arn, id.UniqueID(), "entry")
		case r.Actor.Hostile():
			set(arn, id.UniqueID(), "pivot")
		case r.Actor == attribution.Owner:
			set(arn, id.UniqueID(), "owner")
		case r.Actor == attribution.Responder:
			set(arn, id.UniqueID(), "responder")
		case r.Actor == attribution.Service:
			set(arn, id.UniqueID(), "service")
		}
	}
	for _, r := range in.res.Resources {
		if r.Type != "AWS::IAM::User" && r.Type != "AWS::IAM::Role" {
			continue
		}
		if slices.Contains(r.Effect, "created") {
			set(r.ID, "", "created")
		} else if slices.Contains(r.Effect, "modified") || slices.Contains(r.Effect, "deleted") {
			set(r.ID, "", "target")
		}
	}
	for _, arn := range keys(part) {
		if unique[arn] == "" {
			unique[arn] = in.pass.survey.UniqueOf(arn)
		}
		in.res.Principals = append(in.res.Principals, Principal{ARN: arn, UniqueID: unique[arn], RoleInCase: part[arn], Claims: in.claimsAbout(arn)})
	}
}

// maxClaimsPerPrincipal keeps the row readable; the claims themselves are all
// in the report.
const maxClaimsPerPrincipal = 10

// claimsAbout are the first claims that name a principal, as a word of its own: deploy-bot is
// not deploy.
func (in *inquiry) claimsAbout(arn string) []string {
	out := []string{}
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	for _, c := range in.claims.list {
		if len(out) < maxClaimsPerPrincipal && (mentions([]byte(c.Text), arn) || strings.Contains(c.Text, "`"+name+"`")) {
			out = append(out, c.ID)
		}
	}
	return out
}
