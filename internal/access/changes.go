package access

import (
	"cmp"
	"maps"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// changes is what each write event does to the history, by eventSource and
// eventName. Calls that fail when there is nothing to remove tell that there
// was something: their before is Yes.
var changes = func() map[string]change {
	all := map[string]change{
		"iam.amazonaws.com:CreateGroup": func(w *writing) {
			if e := w.named("group"); e != nil {
				w.created(e, w.rec.Str("responseElements.group.arn"), "")
			}
		},
		"iam.amazonaws.com:CreateUser": func(w *writing) {
			if e := w.named("user"); e != nil {
				w.created(e, w.rec.Str("responseElements.user.arn"), w.rec.Str("responseElements.user.userId"))
			}
		},
		"iam.amazonaws.com:CreateRole": func(w *writing) {
			if e := w.named("role"); e != nil {
				w.created(e, w.rec.Str("responseElements.role.arn"), w.rec.Str("responseElements.role.roleId"))
				w.document(e, "trust", "assumeRolePolicyDocument", policy.No)
			}
		},
		"iam.amazonaws.com:CreateServiceLinkedRole": func(w *writing) {
			if arn := w.rec.Str("responseElements.role.arn"); arn != "" {
				a, _ := policy.ParseARN(arn)
				e := w.h.entity(w.e.Account, "role", a.Name())
				w.created(e, arn, w.rec.Str("responseElements.role.roleId"))
				// AWS sets the policy itself and no call shows it.
				e.lost = "it is linked to a service, and its policy is AWS's"
			}
		},
		"iam.amazonaws.com:UpdateAssumeRolePolicy": func(w *writing) {
			if e := w.named("role"); e != nil {
				w.document(e, "trust", "policyDocument", policy.Unknown)
			}
		},
		"iam.amazonaws.com:AddUserToGroup": func(w *writing) {
			if e := w.named("user"); e != nil {
				w.set(e, "member/"+w.request("groupName"), policy.Unknown, "")
			}
		},
		"iam.amazonaws.com:RemoveUserFromGroup": func(w *writing) {
			if e := w.named("user"); e != nil {
				w.unset(e, "member/"+w.request("groupName"))
			}
		},
		"iam.amazonaws.com:UpdateUser":  renamed("user", "newUserName"),
		"iam.amazonaws.com:UpdateGroup": renamed("group", "newGroupName"),

		"iam.amazonaws.com:CreatePolicy": func(w *writing) {
			arn := w.rec.Str("responseElements.policy.arn")
			if arn == "" {
				return
			}
			e := w.managed(arn)
			e.whole = append(e.whole, w.now)
			version := cmp.Or(w.rec.Str("responseElements.policy.defaultVersionId"), "v1")
			w.set(e, "exists", policy.No, "")
			w.document(e, "version/"+version, "policyDocument", policy.No)
			w.set(e, "default", policy.No, version)
		},
		"iam.amazonaws.com:CreatePolicyVersion": func(w *writing) {
			arn, version := w.request("policyArn"), w.rec.Str("responseElements.policyVersion.versionId")
			if arn == "" || version == "" {
				return
			}
			e := w.managed(arn)
			w.document(e, "version/"+version, "policyDocument", policy.No)
			if w.request("setAsDefault") == "true" {
				w.set(e, "default", policy.Unknown, version)
			}
		},
		"iam.amazonaws.com:SetDefaultPolicyVersion": func(w *writing) {
			if arn := w.request("policyArn"); arn != "" {
				w.set(w.managed(arn), "default", policy.Unknown, w.request("versionId"))
			}
		},
		"iam.amazonaws.com:DeletePolicyVersion": func(w *writing) {
			if arn := w.request("policyArn"); arn != "" {
				w.unset(w.managed(arn), "version/"+w.request("versionId"))
			}
		},
		"iam.amazonaws.com:DeletePolicy": func(w *writing) {
			if arn := w.request("policyArn"); arn != "" {
				w.unset(w.managed(arn), "exists")
			}
		},

		"s3.amazonaws.com:CreateBucket": func(w *writing) {
			if b := w.request("bucketName"); b != "" {
				e := w.resource("arn:" + partition(w.e) + ":s3:::" + b)
				w.set(e, "exists", policy.No, "")
				e.whole = append(e.whole, w.now)
			}
		},
		"s3.amazonaws.com:PutBucketPolicy": func(w *writing) {
			if b := w.request("bucketName"); b != "" {
				w.document(w.resource("arn:"+partition(w.e)+":s3:::"+b), "policy", "bucketPolicy", policy.Unknown)
			}
		},
		"s3.amazonaws.com:DeleteBucketPolicy": func(w *writing) {
			if b := w.request("bucketName"); b != "" {
				w.unset(w.resource("arn:"+partition(w.e)+":s3:::"+b), "policy")
			}
		},
		"kms.amazonaws.com:CreateKey": func(w *writing) {
			if arn := w.rec.Str("responseElements.keyMetadata.arn"); arn != "" && w.request("policy") != "" {
				w.document(w.resource(arn), "policy", "policy", policy.No)
			}
		},
		"kms.amazonaws.com:PutKeyPolicy": func(w *writing) {
			arn := w.request("keyId")
			if _, ok := policy.ParseARN(arn); !ok {
				arn = oneARN(w.e)
			}
			if arn != "" {
				w.document(w.resource(arn), "policy", "policy", policy.Unknown)
			}
		},
	}
	for _, kind := range []string{"user", "group", "role"} {
		maps.Copy(all, policyChanges(kind))
	}
	maps.Copy(all, organisationChanges)
	maps.Copy(all, resourceChanges)
	return all
}()

// policyChanges are the calls that users, groups and roles have alike.
func policyChanges(kind string) map[string]change {
	on := func(f func(w *writing, e *entity)) change {
		return func(w *writing) {
			if e := w.named(kind); e != nil {
				f(w, e)
			}
		}
	}
	upper := map[string]string{"user": "User", "group": "Group", "role": "Role"}[kind]
	const iam = "iam.amazonaws.com:"
	return map[string]change{
		iam + "Put" + upper + "Policy": on(func(w *writing, e *entity) {
			w.document(e, "inline/"+w.request("policyName"), "policyDocument", policy.Unknown)
		}),
		iam + "Delete" + upper + "Policy":              on(func(w *writing, e *entity) { w.unset(e, "inline/"+w.request("policyName")) }),
		iam + "Attach" + upper + "Policy":              on(func(w *writing, e *entity) { w.set(e, "attached/"+w.request("policyArn"), policy.Unknown, "") }),
		iam + "Detach" + upper + "Policy":              on(func(w *writing, e *entity) { w.unset(e, "attached/"+w.request("policyArn")) }),
		iam + "Delete" + upper:                         on(func(w *writing, e *entity) { w.unset(e, "exists") }),
		iam + "Put" + upper + "PermissionsBoundary":    on(func(w *writing, e *entity) { w.set(e, "boundary", policy.Unknown, w.request("permissionsBoundary")) }),
		iam + "Delete" + upper + "PermissionsBoundary": on(func(w *writing, e *entity) { w.unset(e, "boundary") }),
		iam + "Tag" + upper: on(func(w *writing, e *entity) {
			for _, t := range w.rec.All("requestParameters.tags") {
				w.tag(e, t, policy.Unknown)
			}
		}),
		iam + "Untag" + upper: on(func(w *writing, e *entity) {
			for _, key := range w.rec.Strs("requestParameters.tagKeys") {
				w.unset(e, "tag/"+key)
			}
		}),
	}
}

// renamed loses track: what the old name had, the new one has.
// The call's record has the user's name as it was; policies, groups and keys move to
// the new name without calls of their own.
func renamed(kind, field string) change {
	return func(w *writing) {
		if to := w.request(field); to != "" && w.named(kind) != nil {
			w.h.entity(w.e.Account, kind, to).lost = "it was renamed, and what it had under its former name is not followed"
			w.named(kind).lost = "it was renamed"
		}
	}
}

// managed and resource find what is known by its ARN, of whatever account: ARNs of
// the two are unique across accounts.
func (w *writing) managed(arn string) *entity {
	e := w.h.entity("", "policy", arn)
	e.arn = arn
	return e
}

func (w *writing) resource(arn string) *entity {
	e := w.h.entity("", "resource", arn)
	e.arn = arn
	return e
}
