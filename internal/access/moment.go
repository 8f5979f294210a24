package access

import (
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// document makes a policy of what a register holds at a moment; nil if it holds
// nothing.
func (h *History) document(kind Kind, name, on string, s state) *Policy {
	if s.present == policy.No {
		return nil
	}
	p := Policy{Kind: kind, Name: name, On: on, Problem: s.problem}
	if s.problem == "" {
		p = h.parse(kind, name, s.value)
		p.On = on
	}
	p.Ref = s.ref
	if s.present == policy.Unknown {
		p.Maybe = s.why
	}
	return &p
}

// parse compiles a document once.
// The compiled form is shared and never changed; name and kind are this use's own.
func (h *History) parse(kind Kind, name string, doc []byte) Policy {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.parsed[string(doc)]
	if !ok {
		p = ParsePolicy(kind, name, doc)
		h.parsed[string(doc)] = p
	}
	p.Kind, p.Name = kind, name
	return p
}

// managedAt is a managed policy with its other versions, which SetDefaultPolicyVersion
// could put in force.
func (h *History) managedAt(e *entity, t time.Time) *Managed {
	m := &Managed{ARN: e.arn, Default: h.managedDocument(e.arn, t)}
	def := ""
	if r := e.slots["default"]; r != nil {
		def = string(r.at(t).value)
	}
	for _, v := range e.names("version/") {
		if v == def {
			continue
		}
		if p := h.document(Identity, e.arn, "", e.slots["version/"+v].at(t)); p != nil {
			p.Name = e.arn + " " + v
			m.Versions = append(m.Versions, *p)
		}
	}
	return m
}

// managedDocument is what a managed policy says at a moment.
// It always returns a policy: one whose document is not known may say anything, and
// leaving it out would make a caller look weaker than it may be.
func (h *History) managedDocument(arn string, t time.Time) Policy {
	e := h.byARN(arn)
	if e == nil {
		if doc := h.managed[arn]; doc != nil {
			return h.parse(Identity, arn, doc)
		}
		return Policy{Kind: Identity, Name: arn, Problem: "its document is not in the evidence"}
	}
	def := e.slots["default"]
	if def == nil {
		return Policy{Kind: Identity, Name: arn, Problem: "its document is not in the evidence"}
	}
	s := def.at(t)
	if s.problem != "" || s.present != policy.Yes {
		return Policy{Kind: Identity, Name: arn, Ref: s.ref, Problem: "which version of it was in force then is not in the evidence"}
	}
	v := e.slots["version/"+string(s.value)]
	if v == nil {
		return Policy{Kind: Identity, Name: arn, Ref: s.ref, Problem: "the document of its version " + string(s.value) + " is not in the evidence"}
	}
	if p := h.document(Identity, arn, "", v.at(t)); p != nil {
		// The version in force exists by being in force, whatever its own register says.
		p.Maybe = ""
		return *p
	}
	return Policy{Kind: Identity, Name: arn, Ref: s.ref, Problem: "the document of its version " + string(s.value) + " is not in the evidence"}
}

// resourceAt sets what is known of a resource's policy. It is settled, that is
// known to be all, where a snapshot or creation of it was seen or its policy's
// state is known.
func (h *History) resourceAt(w *World, e *entity, t time.Time) {
	r := e.slots["policy"]
	w.settled[e.arn] = len(e.whole) > 0
	if r != nil {
		s := r.at(t)
		if p := h.document(Resource, "policy of "+e.arn, e.arn, s); p != nil {
			w.resource[e.arn] = append(w.resource[e.arn], *p)
		}
		w.settled[e.arn] = s.present != policy.Unknown
	}
	for _, sid := range e.names("statement/") {
		if p := h.document(Resource, "statement "+sid+" of the policy of "+e.arn, e.arn, e.slots["statement/"+sid].at(t)); p != nil {
			w.resource[e.arn] = append(w.resource[e.arn], *p)
		}
	}
}

// principalAt puts a user, role or group together. Policies whose hanging there is
// only possible carry Maybe; a document that is missing carries Problem.
func (h *History) principalAt(w *World, e *entity, account string, t time.Time) *Principal {
	p := &Principal{Kind: policy.User, ARN: e.arn, Name: e.name, ID: e.id, Account: account, Ref: e.ref, Missing: e.missing(), tags: map[string]string{}}
	if e.kind == "role" {
		p.Kind = policy.Role
	}
	if p.ARN == "" { // its path is not known either
		p.ARN = "arn:aws:iam::" + account + ":" + e.kind + "/" + e.name
	}
	p.Identity = h.attachedAt(e, p.ARN, t)
	for _, g := range e.names("member/") {
		s := e.slots["member/"+g].at(t)
		if s.present == policy.No {
			continue
		}
		p.joinGroup(h, account, g, s, t)
	}
	if r := e.slots["boundary"]; r != nil {
		if s := r.at(t); s.present != policy.No {
			b := Policy{Problem: s.problem}
			if s.problem == "" {
				b = h.managedDocument(string(s.value), t)
			}
			b.Kind, b.On = Boundary, p.ARN
			if s.present == policy.Unknown {
				// A boundary that may be there may forbid anything: it cannot be left in as Maybe,
				// for a policy that is not there would then not limit at all.
				b.Doc, b.Problem = nil, s.why
			}
			p.Boundary = []Policy{b}
		}
	}
	for _, key := range e.names("tag/") {
		// A tag that is only perhaps there is left unknown, and not absent.
		if s := e.slots["tag/"+key].at(t); s.present == policy.Yes && s.problem == "" {
			p.tags[key] = string(s.value)
		}
	}
	if p.Kind == policy.Role {
		trust := Policy{Kind: Resource, Name: "trust policy of " + p.ARN, On: p.ARN, Problem: "it is not in the evidence"}
		if r := e.slots["trust"]; r != nil {
			if d := h.document(Resource, trust.Name, p.ARN, r.at(t)); d != nil {
				d.Maybe = "" // every role has one
				trust = *d
			}
		}
		p.Trust = &trust
	}
	return p
}

// attachedAt are the inline and managed policies of an entity.
func (h *History) attachedAt(e *entity, on string, t time.Time) (out []Policy) {
	for _, name := range e.names("inline/") {
		if d := h.document(Identity, name, on, e.slots["inline/"+name].at(t)); d != nil {
			out = append(out, *d)
		}
	}
	for _, arn := range e.names("attached/") {
		s := e.slots["attached/"+arn].at(t)
		if s.present == policy.No {
			continue
		}
		d := h.managedDocument(arn, t)
		d.On = on
		if d.Ref == "" {
			d.Ref = s.ref
		}
		if s.present == policy.Unknown {
			d.Maybe = s.why
		}
		out = append(out, d)
	}
	return out
}

// joinGroup adds what the principal has through a group.
func (p *Principal) joinGroup(h *History, account, name string, s state, t time.Time) {
	g := h.entities[account+"/group/"+strings.ToLower(name)]
	if g == nil {
		p.Identity = append(p.Identity, Policy{Kind: Identity, Name: "policies of group " + name, On: p.ARN, Ref: s.ref, Problem: "the group is not in the evidence"})
		return
	}
	arn := g.arn
	if arn == "" {
		arn = "arn:aws:iam::" + account + ":group/" + g.name
	}
	p.Groups = append(p.Groups, arn)
	list := h.attachedAt(g, arn, t)
	if why := g.missing(); why != "" {
		list = append(list, Policy{Kind: Identity, Name: "other policies of group " + name, On: arn, Ref: g.ref, Problem: why})
	}
	for _, d := range list {
		if s.present == policy.Unknown && d.Maybe == "" {
			d.Maybe = s.why
		}
		p.Identity = append(p.Identity, d)
	}
}
