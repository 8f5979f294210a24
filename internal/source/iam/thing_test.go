package iam

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/source/sampletest"
)

// TestThings: what each form of answer says, as "kind id keys…", or why it says
// nothing. The members are those of the AWS API references of IAM, Identity
// Store, SSO Admin and Organizations.
func TestThings(t *testing.T) {
	const policy = `"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"`
	for _, c := range []struct{ in, want string }{
		{`{"AccessKeyMetadata":[{"UserName":"a","AccessKeyId":"AKIA1","Status":"Active"}]}`, "access_key AKIA1 a"},
		{`{"UserName":"a","AccessKeyId":"AKIA1","AccessKeyLastUsed":{"Region":"eu-west-1"}}`, "access_key AKIA1 a"},
		{`{"UserName":"a","AccessKeyLastUsed":{"Region":"N/A"}}`, "! get-access-key-last-used does not say which key it was asked about"},
		{`{"MFADevices":[{"UserName":"a","SerialNumber":"arn:aws:iam::111122223333:mfa/a"}]}`, "mfa_device arn:aws:iam::111122223333:mfa/a a"},
		{`{"VirtualMFADevices":[{"SerialNumber":"s","User":{"Arn":"arn:aws:iam::111122223333:user/a"}}]}`, "mfa_device s arn:aws:iam::111122223333:user/a"},
		{`[{"SerialNumber":"s","User":{"Arn":"arn:aws:iam::111122223333:user/a","UserId":"AIDA1"},"EnableDate":"2025-01-01T00:00:00Z"}]`,
			"mfa_device s arn:aws:iam::111122223333:user/a"},
		{`{"SerialNumber":"s","EnableDate":"2025-01-01T00:00:00Z","UserName":"a"}`, "mfa_device s a"},
		{`{"SerialNumber":"s"}`, "! it is nothing that this program knows of identities"},
		{`{"ServiceSpecificCredentials":[{"UserName":"a","ServiceSpecificCredentialId":"ACCA1","ServiceUserName":"a-at-1"}]}`, "service_credential ACCA1 a a-at-1"},
		{`{"ServiceSpecificCredential":{"UserName":"a","ServiceSpecificCredentialId":"ACCA1","ServiceCredentialAlias":"x"}}`, "service_credential ACCA1 a x"},
		{`{"GroupMemberships":[{"IdentityStoreId":"d-1","MembershipId":"m","GroupId":"g","MemberId":{"UserId":"u"}}]}`, "identity_center_membership m g u"},
		{`{"IdentityStoreId":"d-1","UserId":"u","UserName":"a"}`, "identity_center_user u a"},
		{`{"IdentityStoreId":"d-1","GroupId":"g","DisplayName":"admins"}`, "identity_center_group g admins"},
		{`{"AccountAssignments":[{"AccountId":"111122223333","PrincipalId":"g","PermissionSetArn":"ps"}]}`,
			"identity_center_assignment 111122223333/g/ps 111122223333 g ps"},
		{`{"PermissionSets":[{"PermissionSetArn":"ps","Name":"Admin"}]}`, "identity_center_permission_set ps Admin"},
		{`{"PermissionSets":["ps"]}`, "identity_center_permission_set ps"},
		{`{"PermissionSets":[""]}`, "! it is no JSON object"},
		{`{"Users":["a"]}`, "! it is no JSON object"},
		{`{"Policy":{"PolicySummary":{"Id":"p-1","Arn":"arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1","Name":"no"},"Content":"{}"}}`,
			"org_policy arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1 no p-1"},
		{`{"Role":{"Arn":"arn:aws:iam::111122223333:role/r","RoleId":"AROA1","RoleName":"r"}}`, "iam_role arn:aws:iam::111122223333:role/r AROA1 r"},
		{`{"User":{"Arn":"arn:aws:iam::111122223333:user/u","UserId":"AIDA1","UserName":"u"}}`, "iam_user arn:aws:iam::111122223333:user/u AIDA1 u"},
		{`{"Group":{"Arn":"arn:aws:iam::111122223333:group/g","GroupId":"AGPA1","GroupName":"g"}}`, "iam_group arn:aws:iam::111122223333:group/g AGPA1 g"},
		{`{"Policies":[{"Arn":"arn:aws:iam::111122223333:policy/p","PolicyId":"ANPA1","PolicyName":"p"}]}`, "iam_policy arn:aws:iam::111122223333:policy/p ANPA1 p"},
		{`{"Users":[{"UserName":"u","UserId":"AIDA1"}]}`, "! it is nothing that this program knows of identities"},
		{`{"Users":[{"Arn":"arn:aws:iam::111122223333:user/u"}]}`, "! it is nothing that this program knows of identities"},
		{`{"Account":{"Id":"444455556666","Arn":"arn:aws:organizations::111122223333:account/o-1/444455556666","Name":"dev","JoinedMethod":"INVITED"}}`,
			"org_account arn:aws:organizations::111122223333:account/o-1/444455556666 444455556666 dev"},
		{`{"Organization":{"Arn":"arn:aws:organizations::111122223333:organization/o-1","Id":"o-1","MasterAccountId":"111122223333"}}`,
			"org_organization arn:aws:organizations::111122223333:organization/o-1 111122223333"},
		{`{"Roots":[{"Id":"r-1","Name":"Root","PolicyTypes":[]}]}`, "org_root r-1 Root"},
		{`{"TargetId":"ou-1","Policies":[{"Id":"p-1","Type":"SERVICE_CONTROL_POLICY","AwsManaged":false}]}`, "org_attachment ou-1/p-1 ou-1 p-1"},
		{`{"Policies":[{"Id":"p-1","Type":"SERVICE_CONTROL_POLICY","AwsManaged":false}]}`, `! it does not say where these policies hang: put "TargetId" beside "Policies"`},
		{`{"PolicyId":"p-1","Targets":[{"TargetId":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}`, "org_attachment ou-1/p-1 ou-1 p-1"},
		{`{"Targets":[{"TargetId":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}`, `! it does not say which policy hangs there: put "PolicyId" beside "Targets"`},
		{`{"ChildId":"111122223333","Parents":[{"Id":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}`, "org_parent 111122223333/ou-1 111122223333 ou-1"},
		{`{"Parents":[{"Id":"ou-1","Type":"ORGANIZATIONAL_UNIT"}]}`, `! it does not say whose parent this is: put "ChildId" beside "Parents"`},
		{`{"GeneratedTime":"2026-11-03T10:00:00Z","Content":"dXNlcgo="}`, "! the content of this credential report is not the CSV that AWS writes"},
		{`{"Policies":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:s","ResourcePolicy":` + policy + `}]}`,
			"! it is nothing that this program knows of identities"},
		{`{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:s","Name":"s","ResourcePolicy":` + policy + `}`,
			"resource_policy arn:aws:secretsmanager:eu-west-1:111122223333:secret:s"},
		{`{"registryId":"111122223333","repositoryName":"app","policyText":` + policy + `,"Collected":{"Region":"eu-west-1"}}`,
			"resource_policy arn:aws:ecr:eu-west-1:111122223333:repository/app"},
		{`{"registryId":"111122223333","repositoryName":"app","policyText":` + policy + `}`, "! it does not say in which region the repository is"},
		{`{"Attributes":{"TopicArn":"arn:aws:sns:eu-west-1:111122223333:t","Policy":` + policy + `}}`, "resource_policy arn:aws:sns:eu-west-1:111122223333:t"},
		{`{"Policy":` + policy + `,"PolicyName":"default","Collected":{"Target":"arn:aws:kms:eu-west-1:111122223333:key/k"}}`,
			"resource_policy arn:aws:kms:eu-west-1:111122223333:key/k"},
		{`{"Policy":` + policy + `,"Collected":{"Target":"k"}}`, "! the policy does not say of which resource it is"},
	} {
		if !(Decoder{}).Claims([]byte(c.in)) && c.want[0] != '!' {
			t.Errorf("not claimed: %s", c.in)
		}
		res, list := sampletest.Decode(t, Decoder{}, strings.NewReader(c.in))
		got := "! " + strings.TrimPrefix(res.Reason, "nothing in it could be read: ")
		if len(list) > 0 {
			var words []string
			for _, k := range list[0].Keys {
				if k != list[0].ID {
					words = append(words, k)
				}
			}
			got = strings.Join(append([]string{list[0].Kind, list[0].ID}, words...), " ")
		}
		if got != c.want || len(list) > 1 {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// TestClaimsNothingOfOthers: answers of other calls have names in common with
// these and are no identities.
func TestClaimsNothingOfOthers(t *testing.T) {
	for _, in := range []string{
		``, `[]`, `{}`, `hello`, `{"Records":[{"eventVersion":"1.08","userIdentity":{"arn":"a"}}]}`,
		`{"Users":[{"Name":"x"}]}`, `{"Policies":["p"]}`, `{"Policy":"{}","Functions":[]}`, `{"Targets":[{"Id":"i-1"}]}`, `{"Accounts":[{"Id":"1"}]}`,
		`{"Name":"UserDetailList"}`, "user,arn,user_creation_time,x\n", "user,arn,\n,access_key_1_active",
	} {
		if (Decoder{}).Claims([]byte(in)) {
			t.Errorf("claimed: %s", in)
		}
	}
}

// TestOwnerOf: a policy tells of what it is by its resources, if they are one
// bucket or one function without doubt.
func TestOwnerOf(t *testing.T) {
	const s3, fn = "arn:aws:s3:::shop", "arn:aws:lambda:eu-west-1:111122223333:function:f"
	for _, c := range []struct{ statement, want string }{
		{`[{"Resource":"` + s3 + `"}]`, s3},
		{`{"Resource":["` + s3 + `","` + s3 + `/a/*"]}`, s3},
		{`[{"Resource":"` + s3 + `"},{"Resource":"` + s3 + `/*"}]`, s3},
		{`{"Resource":"arn:aws-cn:s3:::shop/*"}`, "arn:aws-cn:s3:::shop"},
		{`{"Resource":"` + fn + `"}`, fn},
		{`{"Resource":["` + fn + `","` + fn + `:live"]}`, fn},
		{`{"Resource":["` + s3 + `","arn:aws:s3:::other/*"]}`, ""},
		{`[{"Resource":"` + s3 + `"},{"Resource":"` + fn + `"}]`, ""},
		{`[{"Resource":"` + s3 + `"},{"NotResource":"` + s3 + `/x"}]`, ""},
		{`{"Resource":"arn:aws:s3:::*"}`, ""}, {`{"Resource":"arn:aws:s3:::sho?/x"}`, ""}, {`{"Resource":"arn:aws:s3:::${aws:username}"}`, ""},
		{`{"Resource":"arn:aws:sqs:eu-west-1:111122223333:q"}`, ""}, {`{"Resource":"*"}`, ""}, {`{"Resource":7}`, ""}, {`{"Resource":[]}`, ""},
		{`{}`, ""}, {`[]`, ""}, {`"x"`, ""}, {`7`, ""},
	} {
		if got := ownerOf(`{"Statement":` + c.statement + `}`); got != c.want {
			t.Errorf("%s: %q, want %q", c.statement, got, c.want)
		}
	}
	for _, broken := range []string{"", "{", "[]", "{}", `{"Statement":{"Resource":"` + s3 + `"}`} {
		if got := ownerOf(broken); got != "" {
			t.Errorf("%q: %q", broken, got)
		}
	}
}

// TestReportRows: rows of the credential report that cannot be read are set aside,
// one by one, and the rest is read; alone and inside the answer of the call.
func TestReportRows(t *testing.T) {
	const header = "user,arn,user_creation_time,access_key_1_active\n"
	const ann, bob = "ann,arn:aws:iam::111122223333:user/ann,2025-01-01T00:00:00+00:00,true\n", "bob,arn:aws:iam::111122223333:user/bob,x,false"
	for _, c := range []struct {
		rows     string
		users    string
		rejected int
	}{
		{ann + bob, "ann bob", 0},
		{"", "", 0},
		{"short,row\n" + ann, "ann", 1},
		{"no,,arn,x\n" + bob, "bob", 1},
		{"\xff" + ann + "too,many,cells,in,here\n" + bob, "\ufffdann bob", 1},
		{"\r\n" + strings.ReplaceAll(ann, "\n", "\r\n") + bob, "ann bob", 0},
	} {
		for _, csv := range []string{header + c.rows, "\xef\xbb\xbf" + header + c.rows} {
			res, list := sampletest.Decode(t, Decoder{}, strings.NewReader(csv))
			var users []string
			for _, o := range list {
				var cells map[string]string
				if err := json.Unmarshal(o.Body, &cells); err != nil || o.Account != "111122223333" || !o.Time.IsZero() {
					t.Errorf("%q: %+v, %v", csv, o, err)
				}
				users = append(users, cells["user"])
			}
			if strings.Join(users, " ") != c.users || res.Rejected != c.rejected {
				t.Errorf("%q: %q, %+v", csv, users, res)
			}

			for _, content := range []string{base64.StdEncoding.EncodeToString([]byte(csv)), csv} { // the CLI gives base64, boto3's text
				if strings.Contains(content, "\xff") {
					continue // JSON is read as UTF-8 first
				}
				answer := `{"Content":` + strconv.Quote(content) + `,"ReportFormat":"text/csv","GeneratedTime":"2026-11-03T10:00:00Z"}`
				_, inside := sampletest.Decode(t, Decoder{}, strings.NewReader(strings.ReplaceAll(answer, `\ufeff`, "\ufeff")))
				if len(inside) != len(list) {
					t.Errorf("%s: %d users, alone %d", answer, len(inside), len(list))
				}
				for i, o := range inside {
					if o.ID != list[i].ID || o.Time.Format("15:04") != "10:00" {
						t.Errorf("%s: %+v", answer, o)
					}
				}
			}
		}
	}
}

// A header is written again with each row: one of half a megabyte and a row a line would
// take all memory. AWS's own is far below the bounds.
func TestReportsOfHostileHeadersAndLengths(t *testing.T) {
	const head = "user,arn,user_creation_time,access_key_1_active"
	for name, header := range map[string]string{"wide": head + strings.Repeat(",x", 200), "long": head + "," + strings.Repeat("x", 1<<19)} {
		columns := strings.Count(header, ",")
		in := header + "\n" + strings.Repeat("u,arn:aws:iam::111122223333:user/u"+strings.Repeat(",", columns-1)+"\n", 1000)
		res, list := sampletest.Decode(t, Decoder{}, strings.NewReader(in))
		if len(list) > 0 || res.Rejected != 1 || !strings.Contains(res.Rejections[0].Reason, "which AWS does not write") {
			t.Errorf("%s: %d rows, %+v", name, len(list), res)
		}
	}
	row := "u,arn:aws:iam::111122223333:user/u,,\n"
	for _, n := range []int{maxEmbedded, maxEmbedded + 1} {
		content := base64.StdEncoding.EncodeToString([]byte(head + "\n" + strings.Repeat(row, n)))
		res, list := sampletest.Decode(t, Decoder{}, strings.NewReader(`{"Content":"`+content+`","GeneratedTime":"2026-11-03T10:00:00Z"}`))
		if n == maxEmbedded && len(list) != n || n > maxEmbedded && !strings.Contains(res.Reason, "more than 20000 rows") {
			t.Errorf("%d rows: %d read, %q", n, len(list), res.Reason)
		}
	}
}
