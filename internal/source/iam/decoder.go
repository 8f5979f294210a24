// Package iam reads what AWS says of identities at one moment: the account's
// authorization details, the credential report, lists of keys and devices, IAM
// Identity Center, the organisation's accounts and where its policies hang, and
// the policies of resources.
//
// Most answers are told by what a part holds and not by the list that it lies in, since
// queries of the AWS CLI (--query) take parts out of their lists: decoder.go has the
// order, the more telling members first. policies.go reads what says nothing of the thing
// that it is about, and report.go the one table among them.
package iam

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/answer"
)

// Kind is what the decoder's artifacts are.
const Kind evidence.Kind = "iam-snapshot"

// Decoder reads answers about identities.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "iam" }

// Claims implements source.Decoder, by the names that only these answers have
// and, where a name is common, by what an element of the list holds.
func (Decoder) Claims(head []byte) bool {
	if isReport(head) {
		return true
	}
	p := answer.Shape(head)
	return p.Any("UserDetailList", "GroupDetailList", "RoleDetailList", "AccessKeyMetadata", "AccessKeyLastUsed", "MFADevices",
		"VirtualMFADevices", "ServiceSpecificCredentials", "ServiceSpecificCredential", "Users.UserId", "User.UserId", "Roles.RoleId",
		"Role.RoleId", "Groups.GroupId", "Group.GroupId", "Policies.PolicyId", "Policies.PolicyVersionList", "Policy.PolicyId", "AccountAssignments",
		"PermissionSet.PermissionSetArn", "PermissionSets", "GroupMemberships", "Policy.PolicySummary",
		"Organization.MasterAccountId") || claimsControls(p) || claimsResourcePolicy(p) ||
		p.All("GeneratedTime", "Content") || p.All("Accounts.Id", "Accounts.Arn") || p.All("Account.Id", "Account.JoinedMethod") ||
		p.All("IdentityStoreId", "UserId") || p.All("IdentityStoreId", "GroupId") || p.All("SerialNumber", "EnableDate") ||
		p.All("UserId", "Arn", "UserName", "CreateDate") || p.All("RoleId", "Arn", "AssumeRolePolicyDocument")
}

var form = answer.Form{
	Kind: Kind,
	Lists: []string{"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "Users", "Groups", "Roles", "AccessKeyMetadata",
		"MFADevices", "VirtualMFADevices", "ServiceSpecificCredentials", "AccountAssignments", "PermissionSets", "GroupMemberships", "Accounts",
		"Targets", "Parents", "Roots"},
	Single: []string{"User", "Role", "Group", "Policy", "PermissionSet", "ServiceSpecificCredential", "Account", "Organization"},
	Own:    []string{"SerialNumber"}, // list-virtual-mfa-devices: the user whose device it is lies in it
	Thing:  thing,
}

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	in := bufio.NewReaderSize(content, source.SniffLen)
	head, _ := in.Peek(source.SniffLen)
	if isReport(head) {
		return table(ctx, in, emit)
	}
	return form.Decode(ctx, in, emit)
}

// thing tells what one part of an answer is, by its own members: the same part
// comes in lists of several names, alone, and through queries of the AWS CLI.
func thing(t answer.Thing) ([]evidence.Observation, string) {
	arn := t.Text("Arn", "PolicyArn")
	switch {
	case t.In == "PermissionSets" && t.Value() != "": // sso-admin list-permission-sets gives bare ARNs
		return t.Observe("identity_center_permission_set", t.Value()), ""
	case !t.Is():
		return nil, "it is no JSON object"
	case t.Has("Content", "GeneratedTime"):
		return embedded(t)
	case isControl(t):
		return control(t)
	case isResourcePolicy(t):
		return resourcePolicy(t)
	case t.Has("AccessKeyId", "Status"):
		return t.Observe("access_key", t.Text("AccessKeyId"), t.Text("UserName")), ""
	case t.Has("AccessKeyLastUsed"):
		if t.Text("AccessKeyId") == "" {
			return nil, "get-access-key-last-used does not say which key it was asked about"
		}
		return t.Observe("access_key", t.Text("AccessKeyId"), t.Text("UserName")), ""
	case t.Text("SerialNumber") != "" && (t.In == "MFADevices" || t.In == "VirtualMFADevices" || t.Has("EnableDate")):
		return t.Observe("mfa_device", t.Text("SerialNumber"), t.Text("UserName"), t.At("User").Text("Arn")), ""
	case t.Text("ServiceSpecificCredentialId") != "":
		return t.Observe("service_credential", t.Text("ServiceSpecificCredentialId"), t.Text("UserName"), t.Text("ServiceUserName"), t.Text("ServiceCredentialAlias")), ""
	case t.Has("IdentityStoreId", "MembershipId"):
		return t.Observe("identity_center_membership", t.Text("MembershipId"), t.Text("GroupId"), t.At("MemberId").Text("UserId")), ""
	case t.Has("IdentityStoreId", "UserId"):
		return t.Observe("identity_center_user", t.Text("UserId"), t.Text("UserName")), ""
	case t.Has("IdentityStoreId", "GroupId"):
		return t.Observe("identity_center_group", t.Text("GroupId"), t.Text("DisplayName")), ""
	case t.Has("PermissionSetArn", "PrincipalId"):
		return t.Observe("identity_center_assignment", t.Text("AccountId")+"/"+t.Text("PrincipalId")+"/"+t.Text("PermissionSetArn"),
			t.Text("PrincipalId"), t.Text("PermissionSetArn"), t.Text("AccountId")), ""
	case t.Text("PermissionSetArn") != "":
		return t.Observe("identity_center_permission_set", t.Text("PermissionSetArn"), t.Text("Name")), ""
	case t.At("PolicySummary").Is():
		s := t.At("PolicySummary")
		return t.Observe("org_policy", s.Text("Arn", "Id"), s.Text("Id"), s.Text("Name")), ""
	case arn == "":
		return nil, "it is nothing that this program knows of identities"
	case t.Text("RoleId") != "":
		return t.Observe("iam_role", arn, t.Text("RoleId"), t.Text("RoleName")), ""
	case t.Text("UserId") != "":
		return t.Observe("iam_user", arn, t.Text("UserId"), t.Text("UserName")), ""
	case t.Text("GroupId") != "":
		return t.Observe("iam_group", arn, t.Text("GroupId"), t.Text("GroupName")), ""
	case t.Text("PolicyId") != "":
		return t.Observe("iam_policy", arn, t.Text("PolicyId"), t.Text("PolicyName")), ""
	case t.Has("Id", "JoinedMethod"):
		list := t.Observe("org_account", arn, t.Text("Id"), t.Text("Name"))
		// The account that is told of, and not the management account that was
		// asked.
		list[0].Account = t.Text("Id")
		return list, ""
	}
	return nil, "it is nothing that this program knows of identities"
}

// isReport says whether content is the credential report as CSV.
func isReport(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	first, _, _ := strings.Cut(string(head[:min(len(head), 2048)]), "\n")
	return strings.HasPrefix(first, "user,arn,user_creation_time,") && strings.Contains(first, "access_key_1_active")
}
