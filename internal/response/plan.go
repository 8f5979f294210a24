package response

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// RuleActions are the actions that a detection rule recommends, by id.
type RuleActions struct{ Preserve, Contain, Eradicate []string }

// Input is what a plan is made from: the conclusions of one case.
type Input struct {
	Status        string   // of the verdict; "" is taken for an incident
	VerdictClaims []string // reasons of steps that no finer claim gives a reason for
	Credentials   []lineage.Credential
	Principals    []investigation.Principal
	Findings      []investigation.Finding
	Persistence   []ledger.Persistence
	Resources     []ledger.Resource
	Claims        []claim.Claim
	Rules         map[string]RuleActions // by technique id

	// OwnerUse says in a sentence what the baseline shows of the principal's
	// legitimate use, "" if nothing. May be nil.
	OwnerUse func(principalARN string) string
	// Hostile says whether the intruder used a credential. May be nil: then
	// Credential.HeldBy decides.
	Hostile func(credential string) bool

	// RegionOf says in which region an event was recorded, "" if not known. Native
	// ids name no region, so a command about them takes that of the call that
	// made them. May be nil: then Region serves.
	RegionOf func(event string) string

	EvidenceBuckets []string // buckets that hold the trail's files, if known
	Account, Region string   // of the responder's commands
	Accounts        []string // the case's own that the intruder acted in; none: Account
}

// Plan orders what should be done: preserve, contain, eradicate, recover, but
// that what is slow to preserve waits until the intruder's credentials are off. It is
// made of the actions given, one step for each action and target; it names no
// action against a principal that is only an owner, responder or vendor; and it
// executes nothing. Without an incident there is no plan; where the evidence
// cannot decide there is nothing but preservation, and where something is only
// suspected whatever it is is watched as well. What would cut off a principal that
// nothing is held against stands in IfDenied.
func Plan(actions map[string]Action, in Input) []Step {
	if in.Status == "no_incident" {
		return []Step{}
	}
	p := newPlanner(actions, &in)
	// The order matters. Credentials come first, since what they show of a principal
	// decides what the others may do to it; prune comes when all are there, and
	// preserve last, for it saves what the steps that are left will change.
	p.credentials()
	p.persistence()
	p.doomed()
	p.findings()
	p.prune()
	p.preserve()
	if in.Status == "inconclusive" {
		// Preserving is the one thing that can be done before it is known whether
		// anything happened.
		p.needs = slices.DeleteFunc(p.needs, func(n *Need) bool { return actions[n.Action].Phase != "preserve" })
	}
	slices.SortStableFunc(p.needs, p.compare)
	steps := make([]Step, 0, len(p.needs))
	var files prefixes
	more := map[string]int{} // action → the step that stands for the targets beyond the bound
	done := map[string]int{}
	for i := 0; i < len(p.needs); i++ {
		n := p.needs[i]
		a := actions[n.Action]
		// compare put needs of one sort side by side.
		if k := a.run(p.needs[i:]); k >= groupFrom {
			s := a.group(p.needs[i:i+k], in.Account, &files)
			for _, same := range p.needs[i : i+k] {
				s.Why = p.why.merge(s.Why, same.Why, nil)
			}
			steps = append(steps, s)
			i += k - 1
			continue
		}
		if done[n.Action]++; done[n.Action] > maxTargets {
			at, ok := more[n.Action]
			if !ok {
				at = len(steps)
				more[n.Action] = at
				steps = append(steps, a.further(*n))
			}
			steps[at].Command += "\n" + inertNote(n.Target)
			steps[at].Why = p.why.merge(steps[at].Why, n.Why, nil)
			continue
		}
		steps = append(steps, a.step(*n, in.Account, files.prefix(n.Target)))
	}
	for i := range steps {
		steps[i].Step = i + 1
	}
	return steps
}

// maxTargets bounds the steps of one action: past it one step lists the
// targets, so that fifty mining instances do not bury the next action.
const maxTargets = 25

// planner gathers needs.
type planner struct {
	actions map[string]Action
	in      *Input
	needs   []*Need
	byKey   map[[2]string]*Need // action and key of the target

	rows     map[string]lineage.Credential
	depths   map[string]int               // credential → distance from a root of the lineage
	deepest  map[string]int               // principal's key → the deepest of its hostile credentials
	friends  map[string]bool              // keys of principals that are owner, responder or vendor and nothing else
	made     map[string]bool              // keys of principals that the intruder created
	resource map[string][]ledger.Resource // by id; a key pair and a scaling group may share a name
	userOf   map[string]string            // event → the one user it was about, by ARN
	why      reasons
	cutting  *lineage.Credential // for which steps are being added, if they are for one
}

func newPlanner(actions map[string]Action, in *Input) *planner {
	p := &planner{
		actions: actions, in: in, byKey: map[[2]string]*Need{}, rows: map[string]lineage.Credential{}, depths: map[string]int{},
		deepest: map[string]int{}, friends: map[string]bool{}, made: map[string]bool{}, resource: map[string][]ledger.Resource{}, userOf: map[string]string{}, why: reasonsOf(in),
	}
	for _, c := range in.Credentials {
		p.rows[c.ID] = c
	}
	for _, r := range in.Resources {
		p.resource[r.ID] = append(p.resource[r.ID], r)
		if targetOf(r.ID, r.Type).kind == "user" {
			for _, e := range r.ByEvent {
				if prev, ok := p.userOf[e]; ok && prev != r.ID {
					p.userOf[e] = "" // about two users: whose key it is, the record must say
					continue
				}
				p.userOf[e] = r.ID
			}
		}
	}
	parts := map[string][]string{}
	for _, x := range in.Principals {
		if x.ARN == "" {
			continue
		}
		k := targetOf(x.ARN, "").key()
		parts[k] = append(parts[k], x.RoleInCase)
	}
	for k, roles := range parts {
		p.made[k] = slices.Contains(roles, "created")
		// A principal with a hostile part is no friend, whatever other parts it has.
		p.friends[k] = !slices.ContainsFunc(roles, func(r string) bool {
			return r != "owner" && r != "responder" && r != "vendor" && r != "service"
		})
	}
	for _, x := range in.Persistence {
		if (x.Kind == "iam_user" || x.Kind == "role") && x.Status != ledger.Attempted {
			p.made[targetOf(x.ID, "").key()] = true
		}
	}
	return p
}

// hostile says whether the intruder holds or held the credential.
func (p *planner) hostile(c lineage.Credential) bool {
	return c.HeldBy == "intruder" || c.HeldBy == "shared" || p.in.Hostile != nil && p.in.Hostile(c.ID)
}

// locate gives the target the region of the first event that has one.
func (p *planner) locate(t *target, events []string) {
	for _, e := range events {
		if t.params["region"] != "" || p.in.RegionOf == nil {
			return
		}
		if r := p.in.RegionOf(strings.TrimPrefix(e, "event:")); r != "" {
			t.params["region"] = r
		}
	}
}

// depth is how many credentials stand between this one and a root.
func (p *planner) depth(id string) int {
	if d, ok := p.depths[id]; ok {
		return d
	}
	p.depths[id] = 0 // a cycle, which only a report from elsewhere can have, ends here
	if c, ok := p.rows[id]; ok && c.IssuedBy != nil && c.IssuedBy.Credential != "" {
		p.depths[id] = p.depth(c.IssuedBy.Credential) + 1
	}
	return p.depths[id]
}

// add takes note of an action against a target. The same twice is once, with
// the reasons of both. It reports whether there is such a step now.
func (p *planner) add(action string, t target, why []string) bool {
	a, ok := p.actions[action]
	if !ok || t.id == "" {
		return false
	}
	// This is the one place at which a step against somebody without blame is
	// refused. Every source of steps comes through here.
	if t.principal() && a.Phase != "preserve" && p.protected(t) || p.gone(t) && !slices.Contains(restores, action) {
		return false
	}
	key := [2]string{action, t.key()}
	n := p.byKey[key]
	if n == nil {
		n = &Need{Action: action, Target: t.id, Params: t.params, kind: t.kind, account: t.account, made: p.made[p.ownerOf(t)]}
		n.depth = max(p.depth(t.id), p.deepest[t.key()])
		if n.Params["region"] == "" {
			// Better a region that may be wrong and stands in the command than a
			// command that asks whichever the shell is set to.
			n.Params["region"] = p.in.Region
		}
		if n.Params["account"] == "" {
			n.Params["account"] = p.in.Account
		}
		n.SideEffects, n.owned = p.use(t), p.owned(t)
		p.byKey[key] = n
		p.needs = append(p.needs, n)
		n.idle = p.cutting != nil
	}
	n.cuts(p.cutting, p.ended)
	if len(t.id) > len(n.Target) || len(t.id) == len(n.Target) && t.id < n.Target {
		n.Target = t.id // the ARN with its path, whichever came first
	}
	n.Why = p.why.merge(n.Why, why, p.telling(t))
	return true
}

// ownerOf is the key of the principal that a target is, or belongs to.
func (p *planner) ownerOf(t target) string {
	if c, ok := p.rows[t.id]; ok {
		return p.holder(c).key()
	}
	base, _, _ := strings.Cut(t.id, "#")
	return targetOf(base, "").key()
}

// gone says whether the evidence shows the target deleted.
func (p *planner) gone(t target) bool { return p.row(t.id, t).StateNow == ledger.Removed }

// protected: a principal with no part in the case but a friend's, and the
// credentials of one, unless somebody else minted them and alone holds them.
func (p *planner) protected(t target) bool {
	if c, ok := p.rows[t.id]; ok && t.kind == "key" && c.HeldBy == "intruder" && c.IssuedBy != nil {
		return false
	}
	return p.friends[t.key()] || p.friends[p.ownerOf(t)]
}

// use says what the owner will notice.
func (p *planner) use(t target) string {
	arn := t.id
	if c, ok := p.rows[t.id]; ok {
		arn = c.Principal
	}
	switch {
	case p.made[p.ownerOf(t)]:
		return "Nothing of the owner's: the intruder made it."
	case p.in.OwnerUse != nil && t.principal():
		return p.in.OwnerUse(arn)
	}
	return ""
}

// owned is from where a key that somebody else made for its user is at work, in the user's hands and nobody
// else's: the intruder may know it, but to take it away unannounced is an outage. "" for any other.
func (p *planner) owned(t target) string {
	c, ok := p.rows[t.id]
	if !ok || t.kind != "key" || c.HeldBy != "owner" || c.State == "deleted" || len(c.Networks) == 0 {
		return ""
	}
	from := c.Networks[:min(len(c.Networks), 3)]
	if slices.ContainsFunc(from, func(n string) bool { return safe("network", n) != nil }) {
		return "a place whose name cannot be shown safely"
	}
	return strings.Join(from, ", ")
}

func (p *planner) has(action, key string) bool { return p.byKey[[2]string{action, key}] != nil }

// hasPart says whether a part of the target has a step of its own.
func (p *planner) hasPart(action, id string) bool {
	return slices.ContainsFunc(p.needs, func(n *Need) bool { return n.Action == action && strings.HasPrefix(n.Target, id+"#") })
}

// prune takes out what another step makes needless, so that a tired reader has
// no line to read for nothing.
//
// The list is asked while it is being thinned out, and then may still show what was
// dropped. That is harmless: no action that is dropped here makes another needless.
func (p *planner) prune() {
	p.needs = slices.DeleteFunc(p.needs, func(n *Need) bool {
		t := target{id: n.Target, kind: n.kind, account: n.account, params: n.Params}
		self, owner := t.key(), p.ownerOf(t)
		drop := false
		switch n.Action {
		// A denial of everything holds for sessions and for Bedrock as well.
		case "USER_DENY_SESS", "BR_OFF":
			drop = p.has("USER_DENY", self)
		case "ROLE_REVOKE":
			drop = p.has("ROLE_DENY", self)
		case "LOGIN_OFF":
			drop = p.has("USER_RM", self) && p.has("USER_DENY", self)
		case "POL_DETACH", "GRP_RM", "KEY_DEL", "MFA_FIX", "TRUST_FIX":
			drop = p.has("USER_RM", owner) || p.has("ROLE_RM", owner)
		case "EC2_STOP":
			drop = p.has("EC2_TERM", self)
		case "IMG_FIX":
			drop = t.kind == "repository" && p.hasPart("IMG_FIX", n.Target)
		case "ROOT_FIX":
			drop = t.kind == "account" && slices.ContainsFunc(p.needs, func(o *Need) bool {
				return o.Action == "ROOT_FIX" && o.kind == "root" && o.account == n.account
			})
		}
		if drop {
			delete(p.byKey, [2]string{n.Action, self})
		}
		return drop
	})
}

// stage is the part of the plan that a need belongs to: first what is quick to
// save and what follows changes; then what cuts the intruder off; only then what
// takes long to save, for each machine's disks are minutes in which a key works.
// All that stops, isolates or destroys comes after it, so that nothing is lost.
func (p *planner) stage(n *Need) int {
	switch phase := p.actions[n.Action].Phase; {
	case n.before != "": // in whatever phase: after its time nothing brings it back
		return 1
	case n.Action == "SAVE_LOGS" || n.Action == "SAVE_IAM":
		return 0
	case phase == "contain" && turn(n.Action) < len(turns):
		return 1
	case phase == "preserve":
		return 2
	default:
		return 2 + slices.Index(Phases, phase)
	}
}

// compare orders the plan: by stage, then by what must not wait, then children
// before parents, then by the list below.
func (p *planner) compare(a, b *Need) int {
	return cmp.Or(
		cmp.Compare(p.stage(a), p.stage(b)),
		compareBool(a.idle && a.before == "", b.idle && b.before == ""), // what is at work before what could be used again
		cmp.Compare(a.turn(), b.turn()),
		cmp.Compare(a.before, b.before),
		cmp.Compare(b.depth, a.depth),
		cmp.Compare(b.used, a.used),
		cmp.Compare(uint(slices.Index(sequence, a.Action)), uint(slices.Index(sequence, b.Action))), // -1 is the greatest
		cmp.Compare(a.Action, b.Action),
		cmp.Compare(a.sort(), b.sort()),
		cmp.Compare(a.Target, b.Target),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// cuts notes a credential that a step is for; nil for what is not about one.
func (n *Need) cuts(c *lineage.Credential, ended func(lineage.Credential) bool) {
	if c == nil {
		n.idle = false
		return
	}
	n.idle = n.idle && ended(*c)
	n.used = max(n.used, c.LastSeen)
}

// ended says whether a credential works no more, nor what would give out the next one.
func (p *planner) ended(c lineage.Credential) bool {
	if c.State != "deleted" && c.State != "expired" {
		return false
	}
	if !reissued(c) {
		return true
	}
	from, known := p.rows[c.IssuedBy.Credential]
	return known && (from.State == "deleted" || from.State == "disabled")
}

// turns group the actions of one phase. All denials come before the first key
// is switched off: a key that stops working tells the intruder, and every other
// way in must be shut by then.
var turns = [][]string{
	{"SAVE_LOGS"}, {"SAVE_IAM"}, // what follows changes both
	{"S3_LIFE", "TRAIL_ON"},            // objects expire daily; what is not recorded is lost
	{"RA_OFF", "TRUST_FIX", "EVT_OFF"}, // issuers before what they issued, and what answers a key's end with a new one
	{"SCP_DENY", "ROOT_FIX"},
	{"USER_DENY", "USER_DENY_SESS", "ROLE_DENY", "ROLE_REVOKE", "SSO_REVOKE"},
	{"LOGIN_OFF", "SSC_OFF", "BR_OFF"},
	{"KEY_OFF"},
}

// turn is the place of a need in its stage: what is lost on a day that is set comes first.
func (n *Need) turn() int {
	if n.before != "" {
		return -1
	}
	return turn(n.Action)
}

func turn(action string) int {
	for i, t := range turns {
		if slices.Contains(t, action) {
			return i
		}
	}
	switch action {
	case "MONITOR":
		return len(turns) + 2
	case "KEY_DEL", "USER_RM", "ROLE_RM", "EC2_TERM", "FN_RM":
		return len(turns) + 1 // the irreversible after the rest of their phase
	}
	return len(turns)
}

// sequence orders actions of one turn and one depth, by what stops harm first:
// data that leaves or is destroyed, then what grows machines, then the machines,
// then what watches them; those not listed follow.
var sequence = []string{"S3_LIFE", "TRAIL_ON", "SAVE_FN", "SAVE_BUCKET", "SAVE_EC2", "RA_OFF", "TRUST_FIX", "EVT_OFF", "USER_DENY", "ROLE_DENY", "ROLE_REVOKE", "SSO_REVOKE", "USER_DENY_SESS", "LOGIN_OFF", "SSC_OFF", "BR_OFF",
	"SNAP_UNSHARE", "S3_PAB", "S3_SSEC", "S3_VER", "FN_STOP", "ASG_ZERO", "ECS_ZERO", "CB_STOP", "SSM_STOP", "EC2_ISOLATE", "EC2_ROLE_OFF", "EC2_STOP",
	"SG_FIX", "GD_ON", "LOGS_ON", "CW_ON", "POL_DETACH", "POL_VER", "GRP_RM", "BOUND_FIX", "MFA_FIX", "FN_POLICY", "FN_CODE", "S3_POL", "KEY_DEL", "FN_RM", "EC2_TERM", "USER_RM", "ROLE_RM"}
