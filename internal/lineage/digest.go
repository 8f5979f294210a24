package lineage

import (
	"maps"
	"slices"
	"time"
)

// OutlineDigest is an Outline of a slice of the evidence, as it is kept.
type OutlineDigest struct {
	Users   []UserDigest
	Holders map[string][]string // credential → persons
	Hosts   map[string][]string // as in Outline
	Roles   map[string][]string
}

// UserDigest is which unique id a user's ARN stood for last.
type UserDigest struct {
	ARN, ID string
	At      time.Time
}

// Digest returns what Merge needs. It shares the outline's memory.
func (o *Outline) Digest() OutlineDigest {
	d := OutlineDigest{Holders: map[string][]string{}, Hosts: o.hosts, Roles: o.roles}
	for _, arn := range slices.Sorted(maps.Keys(o.users)) {
		d.Users = append(d.Users, UserDigest{arn, o.users[arn].id, o.users[arn].at})
	}
	for key := range o.owner {
		d.Holders[key] = o.persons(key)
	}
	return d
}

// Merge adds a slice; order does not matter.
func (o *Outline) Merge(d OutlineDigest) {
	for _, u := range d.Users {
		o.user(u.ARN, userSeen{u.ID, u.At})
	}
	for key, persons := range d.Holders {
		for _, p := range persons {
			if !o.holds(key, p) {
				o.owns(key, holder{person: p})
			}
		}
	}
	join(o.hosts, d.Hosts)
	join(o.roles, d.Roles)
}

func join(into, from map[string][]string) {
	for k, list := range from {
		for _, v := range list {
			into[k] = include(into[k], v)
		}
	}
}
