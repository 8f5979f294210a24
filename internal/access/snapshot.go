package access

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// detail is an element of UserDetailList, GroupDetailList, RoleDetailList or
// Policies, as get-account-authorization-details writes them.
type detail struct {
	UserName, GroupName, RoleName, PolicyName string
	UserID                                    string `json:"UserId"`
	RoleID                                    string `json:"RoleId"`
	Arn                                       string
	GroupList                                 []string
	AssumeRolePolicyDocument                  json.RawMessage
	UserPolicyList                            []inline
	GroupPolicyList                           []inline
	RolePolicyList                            []inline
	AttachedManagedPolicies                   []struct{ PolicyArn string }
	PermissionsBoundary                       struct{ PermissionsBoundaryArn string }
	Tags                                      []struct{ Key, Value string }
	DefaultVersionID                          string `json:"DefaultVersionId"`
	PolicyVersionList                         []struct {
		Document         json.RawMessage
		VersionID        string `json:"VersionId"`
		IsDefaultVersion bool
	}
}

// whole says whether the element has what get-account-authorization-details
// gives, and not only what lists do.
func (d *detail) whole(kind string) bool {
	if kind == "iam_policy" {
		return d.PolicyVersionList != nil
	}
	return d.AttachedManagedPolicies != nil || d.GroupList != nil || d.UserPolicyList != nil || d.GroupPolicyList != nil || d.RolePolicyList != nil
}

// inline is a policy that is part of its user, group or role.
type inline struct {
	PolicyName     string
	PolicyDocument json.RawMessage
}

// momentOf is when the observation was true: after every event where it does not
// say.
func (h *History) momentOf(o *evidence.Observation) time.Time {
	if o.Time.IsZero() {
		h.undated = true
		return h.latest.Add(time.Second)
	}
	return o.Time
}

// addObservation reads one entity of a snapshot. A body that is no such element
// was set aside where it was read; here it only adds nothing.
func (h *History) addObservation(o *evidence.Observation) {
	switch {
	case strings.HasPrefix(o.Kind, "org_"):
		h.addOrganisation(o)
		return
	case o.Kind == "resource_policy":
		h.addResourcePolicy(o)
		return
	}
	var d detail
	if err := json.Unmarshal(o.Body, &d); err != nil || d.Arn == "" {
		return
	}
	at := h.momentOf(o)
	account := accountOf(d.Arn, o.Account)
	now := fact{at: at, present: true, ref: o.CitedAs(), snapshot: true}
	say := func(e *entity, slot string, value []byte) {
		f := now
		f.value = value
		e.slot(slot).add(f)
	}
	var e *entity
	switch o.Kind {
	case "iam_user":
		e = h.entity(account, "user", d.UserName)
		e.id = d.UserID
		for _, g := range d.GroupList {
			say(e, "member/"+g, nil)
		}
	case "iam_group":
		e = h.entity(account, "group", d.GroupName)
	case "iam_role":
		e = h.entity(account, "role", d.RoleName)
		e.id = d.RoleID
		say(e, "trust", d.AssumeRolePolicyDocument)
	// Policies are known by ARN: AWS's own have no account, and a name may recur with
	// another path.
	case "iam_policy":
		e = h.entity("", "policy", d.Arn)
		for _, v := range d.PolicyVersionList {
			say(e, "version/"+v.VersionID, v.Document)
			if v.IsDefaultVersion {
				d.DefaultVersionID = v.VersionID
			}
		}
		if d.DefaultVersionID != "" {
			say(e, "default", []byte(d.DefaultVersionID))
		}
	default:
		return
	}
	e.arn, e.ref = d.Arn, now.ref
	if !d.whole(o.Kind) {
		// Of a list of names (list-users, list-roles) nothing follows for policies.
		say(e, "exists", nil)
		return
	}
	for _, list := range [][]inline{d.UserPolicyList, d.GroupPolicyList, d.RolePolicyList} {
		for _, p := range list {
			say(e, "inline/"+p.PolicyName, p.PolicyDocument)
		}
	}
	for _, p := range d.AttachedManagedPolicies {
		say(e, "attached/"+p.PolicyArn, nil)
	}
	if b := d.PermissionsBoundary.PermissionsBoundaryArn; b != "" {
		say(e, "boundary", []byte(b))
	}
	for _, t := range d.Tags {
		say(e, "tag/"+t.Key, []byte(t.Value))
	}
	say(e, "exists", nil)
	e.whole = append(e.whole, now)
}
