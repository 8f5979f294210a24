package access

import (
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// Everything answers whether a user, role or group may do all there is. A group is judged as
// if it were a user. What is not known whole and allows too little as far as it is known
// cannot be told.
func (w *World) Everything(p *Principal) Effect {
	d := w.everything(p)
	if d.Effect == Deny && p.Missing != "" {
		return CannotTell
	}
	return d.Effect
}

// Group finds a group of an account by its name, in any case; nil if there is none.
func (w *World) Group(account, name string) *Principal {
	for _, g := range w.Groups {
		if g.Account == account && strings.EqualFold(g.Name, name) {
			return g
		}
	}
	return nil
}

// Named finds a user or role of an account by its name, in any case; nil if there is none.
func (w *World) Named(account string, kind policy.CallerKind, name string) *Principal {
	for _, p := range w.Principals {
		if p.Account == account && p.Kind == kind && strings.EqualFold(p.Name, name) {
			return p
		}
	}
	return nil
}

// Denies says whether a policy has a statement that denies. ok is false where its document
// is not known.
func (p *Policy) Denies() (denies, ok bool) {
	if p.Doc == nil {
		return false, false
	}
	for i := range p.Doc.Statements {
		denies = denies || p.Doc.Statements[i].Effect == policy.Deny
	}
	return denies, true
}
