package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Sibling is an instance that works with a role whose credentials were taken from another one:
// what gave them away there may do so here. It is to be looked at, and nothing is held against it.
type Sibling struct {
	Instance string
	Role     string   // its name
	Of       string   // the instance from which the role's credentials were taken
	Refs     []string // calls of its sessions, or the snapshot that shows it
}

// maxSiblings bounds those that are told of; a group of machines has thousands of one role.
const maxSiblings = 10

// siblings finds the other instances of every role whose credentials were taken from an instance:
// by the sessions that EC2 names after them, and by the snapshots that show the same profile.
// What is in the intruder's hands already has rows of its own, and what the intruder started was
// given its role by them: that tells nothing of others.
func (in *inquiry) siblings(ctx context.Context) error {
	taken := map[string]bool{}
	var robbed []instance
	for _, i := range in.caseInstances() {
		if len(in.stolen(&i)) > 0 && i.made == "" {
			robbed = append(robbed, i)
		}
	}
	for _, row := range in.at.Rows {
		if n := in.g.Node(row.Credential); n != nil && row.Actor.Hostile() && n.InstanceOf() != "" {
			taken[n.InstanceOf()] = true
		}
	}
	told := map[string]bool{} // role and instance: of two that were robbed of one role the first is named
	for _, i := range robbed {
		for _, role := range in.rolesOf(&i) {
			others := in.workingAs(role, taken)
			for _, id := range in.shownWith(i.id, role, taken) {
				if others[id.id] == nil {
					others[id.id] = &id
				}
			}
			ids := slices.DeleteFunc(keys(others), func(id string) bool { return told[role.unique+" "+id] })
			in.moreSiblings += max(len(ids)-maxSiblings, 0)
			ids = first(ids, maxSiblings)
			var sessions []string
			for _, id := range ids {
				sessions = append(sessions, others[id].keys...)
			}
			uses, err := in.keyUses(ctx, sessions)
			if err != nil {
				return err
			}
			for _, id := range ids {
				told[role.unique+" "+id] = true
				s := Sibling{Instance: id, Role: role.name, Of: i.id}
				if o := others[id]; o.made != "" {
					s.Refs = []string{o.made}
				}
				s.Refs = append(s.Refs, in.workClaims(&i, others[id], role.name, uses)...)
				in.res.Siblings = append(in.res.Siblings, s)
			}
		}
	}
	return nil
}

// hostRole is a role that an instance works with.
type hostRole struct{ name, unique, person, account string }

// rolesOf are the roles whose credentials were taken from an instance.
func (in *inquiry) rolesOf(i *instance) (out []hostRole) {
	for _, key := range in.stolen(i) {
		n := in.g.Node(key)
		if n == nil {
			continue
		}
		_, rest, ok := strings.Cut(n.Principal, ":assumed-role/")
		name, _, _ := strings.Cut(rest, "/")
		if r := (hostRole{name, n.UniqueID, n.Person, n.Account}); ok && claim.Quotable(name) && r.unique != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// workingAs are the other instances by the sessions of the role, each with the key that was in use last.
func (in *inquiry) workingAs(role hostRole, taken map[string]bool) map[string]*instance {
	out, last := map[string]*instance{}, map[string]time.Time{}
	for _, key := range in.g.OfPerson(role.person) { // sorted: of two that end together the first stands
		n := in.g.Node(key)
		id := n.InstanceOf()
		if n.UniqueID != role.unique || id == "" || taken[id] || n.Uses == 0 || out[id] != nil && !n.Last.After(last[id]) {
			continue
		}
		out[id], last[id] = &instance{id: id, keys: []string{key}}, n.Last
	}
	return out
}

// shownWith are the other instances that a snapshot shows with the profile of an instance, or with
// one that holds the role.
func (in *inquiry) shownWith(id string, role hostRole, taken map[string]bool) (out []instance) {
	profile := func(id string) sighting {
		return in.latest(id, time.Time{}, []string{"ec2_instance"}, func(_ *evidence.Observation, r evidence.Record) (string, string, string, string) {
			if arn := r.Str("IamInstanceProfile.Arn"); arn != "" && r.Str("State.Name") != "terminated" && claim.Quotable(arn) {
				return "live", "IamInstanceProfile.Arn", arn, fmt.Sprintf("shows instance `%s` with instance profile `%s`", id, arn)
			}
			return "", "", "", ""
		})
	}
	profiles := map[string]bool{profile(id).value: true}
	things := keys(in.observed.things)
	for _, thing := range things {
		for _, o := range in.observed.things[thing] {
			if o.Kind != "iam_role" || !strings.Contains(thing, ":"+role.account+":role/") || !strings.HasSuffix(thing, "/"+role.name) {
				break
			}
			if r, err := o.Parse(); err == nil {
				for _, arn := range r.Strs("InstanceProfileList.Arn") {
					profiles[arn] = true
				}
			}
		}
	}
	delete(profiles, "")
	for _, thing := range things {
		if taken[thing] || !machineID.MatchString(thing) || len(profiles) == 0 {
			continue
		}
		if s := profile(thing); profiles[s.value] {
			in.stateClaim(s)
			out = append(out, instance{id: thing, made: s.ref})
		}
	}
	return out
}

// workClaims state what an instance's session key did, and hang it on the role's principal.
func (in *inquiry) workClaims(robbed, i *instance, role string, uses map[string]map[string]*keyUse) (refs []string) {
	var ids []string
	for _, key := range i.keys {
		for _, from := range first(keys(uses[key]), 1) {
			u := uses[key][from]
			text := fmt.Sprintf("Instance `%s` works with role `%s` as well: its session key `%s` made %d calls from %s between %s and %s.", i.id, role, key, u.n, from, stamp(u.first.Time), stamp(u.last.Time))
			if u.n == 1 {
				text = fmt.Sprintf("Instance `%s` works with role `%s` as well: its session key `%s` made 1 call from %s at %s.", i.id, role, key, from, stamp(u.first.Time))
			}
			cited := cite(u.first.ID, u.last.ID)
			ids = append(ids, in.claims.add(text, claim.Predicate{Op: "count", Filter: claim.Filter{"credential": key, "source_ip": from}, Value: u.n}, cited, "A"))
			refs = append(refs, cited...)
		}
	}
	in.machinePrincipals(robbed, ids)
	return refs
}

// siblingQuestions ask to look at the others.
func (in *inquiry) siblingQuestions() {
	by := map[[2]string][]string{}
	var order [][2]string
	for _, s := range in.res.Siblings {
		k := [2]string{s.Role, s.Of}
		if by[k] == nil {
			order = append(order, k)
		}
		by[k] = append(by[k], "`"+s.Instance+"`")
	}
	for n, k := range order {
		more := ""
		if n == len(order)-1 && in.moreSiblings > 0 {
			more = fmt.Sprintf(" and %d more", in.moreSiblings)
		}
		verb := "work"
		if len(by[k]) == 1 && more == "" {
			verb = "works"
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("To be looked at, and accused of nothing: %s%s %s with role `%s`, whose credentials the intruder had from instance `%s`. What gave them away there may give them away here; no call with these is held to be the intruder's.",
			strings.Join(by[k], ", "), more, verb, k[0], k[1]))
	}
}
