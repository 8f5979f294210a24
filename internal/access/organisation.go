package access

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Of the organisation there are three things to know: what a control policy says
// ("control/p-…", slot "document"), what hangs on a root, unit or account
// ("target/…", slots "control/p-…"), and under what it stands ("target/…", slot
// "parent/…"). They come from answers of Organizations and from its write events.

// control kinds by AWS's names for them; others decide nothing.
var controlKinds = map[string]Kind{"SERVICE_CONTROL_POLICY": SCP, "RESOURCE_CONTROL_POLICY": RCP}

// addOrganisation reads one thing that Organizations says.
// One shape serves all answers of Organizations; the ID of an observation is made by
// its reader ("TARGET/POLICY" for an attachment, "ACCOUNT/PARENT" for a parent).
func (h *History) addOrganisation(o *evidence.Observation) {
	var d struct { // Go matches members in any case
		PolicySummary             struct{ Arn, ID, Name, Type string }
		Content                   string
		MasterAccountID           string
		TargetID, Arn, Name, Type string
		PolicyTypes               []struct{ Type, Status string }
	}
	if err := json.Unmarshal(o.Body, &d); err != nil {
		return
	}
	now := fact{at: h.momentOf(o), present: true, ref: o.CitedAs(), snapshot: true}
	target, other, _ := strings.Cut(o.ID, "/")
	switch o.Kind {
	case "org_policy":
		id := d.PolicySummary.ID
		if id == "" {
			id = lastPart(d.PolicySummary.Arn)
		}
		h.noteManagement(d.PolicySummary.Arn)
		e := h.control(id, d.PolicySummary.Name, d.PolicySummary.Type)
		now.value = []byte(d.Content)
		e.slot("document").add(now)
	case "org_attachment":
		h.noteManagement(d.Arn)
		e := h.entity("", "target", target)
		e.slot("control/" + strings.ToLower(other)).add(now)
		// list-policies-for-target gives a policy's type and no target; list-targets-for-policy
		// a target with that target's type, and tells nothing of what else hangs there.
		if kind := controlKinds[d.Type]; kind != "" && d.TargetID == "" { // of the list of all that hangs on the target
			h.control(other, d.Name, d.Type)
			e.listed = append(e.listed, kind)
		}
	case "org_parent":
		h.entity("", "target", target).slot("parent/" + other).add(now)
	case "org_root":
		h.noteManagement(d.Arn)
		// A root that is described lists the types that are on; what it does not list is off.
		h.off[SCP], h.off[RCP] = true, true
		for _, t := range d.PolicyTypes {
			if t.Status == "ENABLED" {
				delete(h.off, controlKinds[t.Type])
			}
		}
	case "org_organization":
		h.management = d.MasterAccountID
	}
}

// control finds or makes a control policy; AWS's own allow everything.
func (h *History) control(id, name, typ string) *entity {
	e := h.entity("", "control", id)
	if name != "" {
		e.title = name
	}
	if typ != "" {
		e.control = controlKinds[typ]
	}
	return e
}

// noteManagement takes the management account from the ARN of anything of the
// organisation: arn:aws:organizations::ACCOUNT:policy/o-…/…
func (h *History) noteManagement(arn string) {
	if a, ok := policy.ParseARN(arn); ok && a.Service == "organizations" && len(a.Account) == 12 {
		h.management = a.Account
	}
}

// fullAccess are AWS's own control policies, by which everything is allowed.
var fullAccess = map[string]Kind{"p-fullawsaccess": SCP, "p-rcpfullawsaccess": RCP}

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// Ids are in lower case here, as the keys of entities are.

// controls are the control policies that stand over an account, of one kind.
type controls struct {
	levels []Level  // targets of which it is known what hangs on them, the root first
	denies []Policy // what hangs there, or may, at other targets: only denies count
	known  bool     // every level from the root to the account is in levels
}

// controlsOver places the organisation's policies of a kind on an account.
func (h *History) controlsOver(account string, kind Kind, t time.Time) controls {
	if h.off[kind] {
		return controls{known: true}
	}
	var out controls
	// The root comes first in levels, as AWS evaluates them.
	chain, whole := h.chain(account, t)
	placed := map[string]bool{}
	out.known = whole && account != ""
	for _, id := range slices.Backward(chain) {
		e := h.entities["/target/"+id]
		level := Level{Name: id}
		for _, p := range e.names("control/") {
			k, c := h.controlAt(p, t)
			s := e.slots["control/"+p].at(t)
			if k != kind || s.present == policy.No {
				continue
			}
			placed[p] = true
			c.On = id
			if s.present == policy.Unknown {
				c.Maybe = s.why
			}
			level.Policies = append(level.Policies, c)
		}
		if slices.ContainsFunc(e.listed, func(k Kind) bool { return k == kind }) {
			out.levels = append(out.levels, level)
			continue
		}
		// What hangs here was not listed: AWS's FullAWSAccess may or may not be among it, so
		// the level cannot be asked to allow.
		out.known = false
		out.denies = append(out.denies, level.Policies...)
	}
	for _, id := range h.keys("/control/") { // the others may hang above, where the way up is not known
		k, c := h.controlAt(id, t)
		if k != kind || placed[id] || whole && h.attachedSomewhere(id) {
			continue
		}
		c.Maybe = "where in the organisation it hangs is not in the evidence"
		out.denies = append(out.denies, c)
	}
	return out
}

// attachedSomewhere says whether the evidence tells of a target of the policy.
func (h *History) attachedSomewhere(id string) bool {
	return slices.ContainsFunc(h.keys("/target/"), func(target string) bool {
		return h.entities["/target/"+target].slots["control/"+id] != nil
	})
}

// keys are the rest of the keys with a prefix, sorted.
func (h *History) keys(prefix string) (out []string) {
	from, _ := slices.BinarySearch(h.order, prefix)
	for _, key := range h.order[from:] {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok {
			break
		}
		out = append(out, rest)
	}
	return out
}

// maxUnits is how deep AWS lets an account stand in an organisation, with room.
const maxUnits = 8

// chain lists the account and what it stands under, and says whether that
// reaches a root. A root, of which there is one, stands over every account.
func (h *History) chain(account string, t time.Time) (list []string, whole bool) {
	at := account
	for range maxUnits {
		e := h.entities["/target/"+at]
		if e == nil {
			e = &entity{}
		} else {
			list = append(list, at)
		}
		if strings.HasPrefix(at, "r-") {
			return list, true
		}
		// An account has one parent. Of several that overlap at a moment the last by name is
		// taken, which is arbitrary and the same each time.
		up := ""
		for _, p := range e.names("parent/") {
			if e.slots["parent/"+p].at(t).present == policy.Yes {
				up = p
			}
		}
		if up == "" {
			break
		}
		at = up
	}
	for _, root := range h.keys("/target/r-") {
		if id := "r-" + root; !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list, false
}

// controlAt is a control policy at a moment.
func (h *History) controlAt(id string, t time.Time) (Kind, Policy) {
	if k := fullAccess[id]; k != "" {
		return k, h.parse(k, id, []byte(allowAll))
	}
	e := h.entities["/control/"+id]
	if e == nil {
		return SCP, Policy{Kind: SCP, Name: id, Problem: "its document is not in the evidence"}
	}
	kind, title := e.control, e.title
	if kind == "" {
		// An event names the policy only by id: most control policies are SCPs, and a
		// wrong guess makes a doubt, never an allow.
		kind = SCP
	}
	if title == "" {
		title = id
	}
	r := e.slots["document"]
	if r == nil {
		return kind, Policy{Kind: kind, Name: title, Problem: "its document is not in the evidence"}
	}
	p := h.document(kind, title, "", r.at(t))
	if p == nil {
		return "", Policy{}
	}
	p.Maybe = ""
	return kind, *p
}

func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// organisationChanges are the write events of Organizations.
// They are recorded in the management account's trail in us-east-1 alone. AttachPolicy
// says that the policy was not there before: AWS refuses a second attachment.
var organisationChanges = map[string]change{
	"organizations.amazonaws.com:CreatePolicy": func(w *writing) {
		const summary = "responseElements.policy.policySummary."
		if id := w.rec.Str(summary + "id"); id != "" {
			w.h.noteManagement(w.rec.Str(summary + "arn"))
			w.document(w.h.control(id, w.request("name"), w.request("type")), "document", "content", policy.No)
		}
	},
	"organizations.amazonaws.com:UpdatePolicy": func(w *writing) {
		if id := w.request("policyId"); id != "" && w.request("content") != "" {
			const summary = "responseElements.policy.policySummary."
			w.document(w.h.control(id, w.rec.Str(summary+"name"), w.rec.Str(summary+"type")), "document", "content", policy.Unknown)
		}
	},
	"organizations.amazonaws.com:DeletePolicy": func(w *writing) {
		if id := w.request("policyId"); id != "" {
			w.unset(w.h.control(id, "", ""), "document")
		}
	},
	"organizations.amazonaws.com:AttachPolicy": func(w *writing) {
		if id, target := w.request("policyId"), w.request("targetId"); id != "" && target != "" {
			w.set(w.h.entity("", "target", target), "control/"+strings.ToLower(id), policy.No, "")
		}
	},
	"organizations.amazonaws.com:DetachPolicy": func(w *writing) {
		if id, target := w.request("policyId"), w.request("targetId"); id != "" && target != "" {
			w.unset(w.h.entity("", "target", target), "control/"+strings.ToLower(id))
		}
	},
	"organizations.amazonaws.com:MoveAccount": func(w *writing) {
		if account := w.request("accountId"); account != "" {
			e := w.h.entity("", "target", account)
			w.unset(e, "parent/"+w.request("sourceParentId"))
			w.set(e, "parent/"+w.request("destinationParentId"), policy.No, "")
		}
	},
}

// govern adds the control policies that stand over the caller's account and the
// resource's. The management account stands under none.
func (w *World) govern(ps *Policies, caller, resource string) {
	ps.MayDeny = nil
	if caller == w.management && caller != "" {
		ps.SCPsKnown = true
	} else {
		c := w.controls(caller, SCP)
		ps.SCPs, ps.SCPsKnown, ps.MayDeny = c.levels, c.known, c.denies
	}
	// A resource whose account is not known is taken for the caller's own.
	if resource == "" {
		resource = caller
	}
	if resource == w.management && resource != "" {
		ps.RCPsKnown = true
		return
	}
	c := w.controls(resource, RCP)
	ps.RCPs, ps.RCPsKnown, ps.MayDeny = c.levels, c.known, append(slices.Clip(ps.MayDeny), c.denies...)
}

// controls places control policies on an account, once.
func (w *World) controls(account string, kind Kind) controls {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := string(kind) + account
	c, ok := w.placed[key]
	if !ok {
		c = w.history.controlsOver(account, kind, w.At)
		w.placed[key] = c
	}
	return c
}
