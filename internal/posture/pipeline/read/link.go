package read

import "github.com/trailhound/trailhound/internal/posture/pipeline/model"

// maxShared bounds what is joined to more than one thing of one name. As many roles as
// policies, all of one name, would else make their product. Real accounts share a name
// a few hundred times, where one pipeline is rolled out to each of them.
const maxShared = 1 << 20

// tooMany says why something that lost a part is not known.
const tooMany = "too many files name the same thing"

// joins finds what several files name by one name, and stops at a bound.
type joins[T any] struct {
	of   map[string][]T // by scoped name
	left int            // how many more may be joined beyond the first of a name
}

func newJoins[T any]() *joins[T] { return &joins[T]{map[string][]T{}, maxShared} }

// add notes a thing by its names, each once. Symbols such as ${Group.GroupId} are
// unique in one file or module only, hence Scoped on both sides everywhere in link.
func (j *joins[T]) add(v T, at model.Location, names ...string) {
	seen := map[string]bool{"": true}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			key := model.Scoped(n, at)
			j.of[key] = append(j.of[key], v)
		}
	}
}

// each hands over what has the name; ok is false for those beyond the bound, of which
// the caller must then say that a part is missing.
func (j *joins[T]) each(name string, at model.Location, f func(v T, ok bool)) {
	for i, v := range j.of[model.Scoped(name, at)] {
		if i > 0 {
			j.left--
		}
		f(v, i == 0 || j.left >= 0)
	}
}

// link joins, once all is read, what stands in several files.
// An attachment whose role is not known is a gap and attached to nobody: to attach it to
// all would call every role strong.
func (r *reader) link() {
	groups := newJoins[*model.SecurityGroup]()
	for _, g := range r.inv.Groups {
		groups.add(g, g.At, g.ID.V)
	}
	for _, e := range r.egress {
		groups.each(e.group, e.at, func(g *model.SecurityGroup, ok bool) {
			switch {
			case !g.Egress.Known():
			case !ok:
				g.Egress = model.Cannot[[]model.Rule](tooMany)
			default:
				g.Egress.V = append(g.Egress.V, e.rules.V...)
				// One rule that is not known may be the one to everywhere.
				if e.rules.Unknown() {
					g.Egress = e.rules
				}
			}
		})
	}
	r.linkRoles()
	for _, s := range r.inv.Secrets {
		if r.rotated[model.Scoped(s.ARN.V, s.At)] {
			s.Rotation = model.Of(true)
		}
	}
	r.routes()
	r.settings.discover(r.inv)
}

// linkRoles gives roles and users the policies and the advice that stand elsewhere.
func (r *reader) linkRoles() {
	roles := newJoins[*model.Role]()
	for _, role := range r.inv.Roles {
		// A user and a role may have one name; a user is therefore met by its
		// ARN alone, while documents name roles by name, ARN or symbol.
		if role.User {
			roles.add(role, role.At, role.ARN.V)
		} else {
			roles.add(role, role.At, role.ARN.V, role.Name.V, model.LastPart(role.ARN.V))
		}
	}
	for _, a := range r.attached {
		if a.role == "" { // a parameter or loop names it: it may be any
			r.gap(a.doc.At.String(), "which role this policy is for is not known")
			continue
		}
		roles.each(a.role, a.doc.At, func(role *model.Role, ok bool) {
			if ok {
				r.attach(role, a)
			} else {
				// What it has is kept: that is allowed, whatever else there is.
				role.Policies.State, role.Policies.Why = model.Unknown, tooMany
			}
		})
	}
	last := map[string]int{} // name or ARN to the last advice about it
	for i, a := range r.advised {
		last[a.role] = i + 1
	}
	for _, role := range r.inv.Roles {
		if i := max(last[role.ARN.V], last[role.Name.V]); i > 0 {
			role.LastUsed = r.advised[i-1].used
		}
	}
}
