package access

import (
	"cmp"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// PrincipalOf is the principal of a call's caller as it was in the session that
// made the call; nil if the evidence does not tell of it. Of a federated user
// whose making was not read, nothing that was passed is known.
func (w *World) PrincipalOf(e *evidence.Event, caller policy.Caller) *Principal {
	p := w.byARN[caller.ARN]
	// The session must be of this very principal: a key in a forged record names anything.
	if s := w.history.sessions[e.Identity.AccessKey]; s != nil && p != nil && s.of == p.ARN {
		return w.within(p, s)
	}
	if p != nil && caller.Kind == policy.FederatedUser {
		return w.within(p, &session{kind: caller.Kind, arn: caller.SessionARN, unknown: "the call that made the session is not in the evidence"})
	}
	return p
}

// session finds the principal behind a temporary key or a session's ARN, as
// that session: narrowed by its session policies, with its tags. nil if nothing
// is known of its making.
func (w *World) session(name string) *Principal {
	list := w.history.named[name]
	if s := w.history.sessions[name]; s != nil {
		list = []*session{s}
	}
	var last *session
	apart := false
	for _, s := range list { // the last one of that name, and whether the others were alike
		// A key names one session, also before it was made; a session's ARN names whichever
		// was the last one by then.
		if s.from.After(w.At) && !w.At.IsZero() && s.key != name {
			continue
		}
		apart = apart || last != nil && w.history.narrowing(last) != w.history.narrowing(s)
		if last == nil || !s.from.Before(last.from) {
			last = s
		}
	}
	if last == nil || w.byARN[last.of] == nil {
		return nil
	}
	p := w.within(w.byARN[last.of], last)
	if apart {
		p.Session = []Policy{{Kind: Session, Name: name, On: name, Problem: "sessions of this name were made with different session policies: name one by its key"}}
	}
	return p
}

// label names a principal for a reader, with the session that is meant.
func (p *Principal) label() string {
	if s := p.session(); s != "" {
		return p.ARN + " in session " + s
	}
	return p.ARN
}

// session is the key or ARN of the session that is meant, or "".
func (p *Principal) session() string {
	if p.Made == "" {
		return ""
	}
	return cmp.Or(p.Key, p.SessionARN)
}

// cited is the evidence that tells of the principal, and of its session.
func (p *Principal) cited() []string {
	if p.Made == "" {
		return []string{p.Ref}
	}
	return []string{p.Ref, p.Made}
}

// isSelf says whether a principal is the one that asks. A session that was
// narrowed is not: another session of its role may do more.
func (p *Principal) isSelf(x *Principal) bool { return x.ARN == p.ARN && p.Session == nil }

// within is the principal as it is in a session.
func (w *World) within(p *Principal, s *session) *Principal {
	c := *p
	c.SessionARN, c.Key, c.Made = s.arn, s.key, s.ref
	if s.kind == policy.FederatedUser {
		c.Kind, c.Session = s.kind, []Policy{} // without one it has nothing of its own
	}
	add := func(d Policy) {
		d.Kind, d.On = Session, cmp.Or(s.arn, s.key)
		if d.Ref == "" {
			d.Ref = s.ref
		}
		c.Session = append(c.Session, d)
	}
	if s.inline != nil {
		add(w.history.parse(Session, "passed with the session", s.inline))
	}
	for _, arn := range s.managed {
		// What a managed policy says now counts, and not what it said when it was passed.
		add(w.history.managedDocument(arn, w.At))
	}
	if s.unknown != "" {
		add(Policy{Name: "passed with the session", Problem: s.unknown})
	}
	c.tags = map[string]string{}
	for key, value := range p.tags {
		c.tags[strings.ToLower(key)] = value
	}
	for key, value := range s.tags { // a session's tag goes before its role's
		c.tags[key] = value
	}
	// Only a session whose making is known has no other tags than these.
	c.tagged = s.unknown == ""
	return &c
}
