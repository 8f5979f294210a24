package read

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// answer reads one document of the API.
func answer(text string) *model.Inventory {
	return Answers([]Answer{{Name: "a.json", Data: []byte(text)}}).Inventory
}

// repeated is a list of n elements.
func repeated(n int, element func(i int) string) string {
	var out []string
	for i := range n {
		out = append(out, element(i))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// TestSharedNameIsBounded: as many roles as policies of one name do not make their
// product, and a role that lost a policy to the bound is not taken for one that is known.
func TestSharedNameIsBounded(t *testing.T) {
	const n = 1100 // n*n is beyond the bound
	r := newReader()
	for i := range n {
		r.inv.Roles = append(r.inv.Roles, &model.Role{Name: model.Of("r"), ARN: model.Of(fmt.Sprintf("arn:aws:iam::%012d:role/r", i)), Policies: model.Of([]model.Doc{})})
		r.attached = append(r.attached, attachment{role: "r"})
	}
	r.link()
	all := 0
	for _, role := range r.inv.Roles {
		all += len(role.Policies.V)
		if len(role.Policies.V) < n && !role.Policies.Unknown() {
			t.Fatalf("%s has %d of %d policies and is %v", role.ARN.V, len(role.Policies.V), n, role.Policies.State)
		}
	}
	if all > maxShared+n {
		t.Errorf("%d policies were joined", all)
	}
}

// TestLinkByEveryName: a policy reaches a role by name, ARN and the ARN's last part, once,
// and a user by its ARN alone.
func TestLinkByEveryName(t *testing.T) {
	for name, want := range map[string]string{"r": "1 0", "arn:aws:iam::111122223333:role/p/r": "1 0", "p/r": "0 0", "arn:aws:iam::111122223333:user/r": "0 1"} {
		r := newReader()
		role := &model.Role{Name: model.Of("r"), ARN: model.Of("arn:aws:iam::111122223333:role/p/r")}
		user := &model.Role{Name: model.Of("r"), ARN: model.Of("arn:aws:iam::111122223333:user/r"), User: true}
		r.inv.Roles, r.attached = []*model.Role{role, user}, []attachment{{role: name}}
		r.link()
		if got := fmt.Sprint(len(role.Policies.V), len(user.Policies.V)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestAnswersAboutOneSecret: what several answers say about a secret is joined.
func TestAnswersAboutOneSecret(t *testing.T) {
	inv := answer(`{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:1:secret:a","Name":"a"},{"ARN":"arn:aws:secretsmanager:eu-west-1:1:secret:b","Name":"b"},
	 {"ARN":"arn:aws:secretsmanager:eu-west-1:1:secret:a","RotationEnabled":true}]}`)
	if len(inv.Secrets) != 2 || !inv.Secrets[0].Rotation.V || inv.Secrets[1].Rotation.V {
		t.Errorf("%+v", inv.Secrets)
	}
}

// BenchmarkMany: the time for each element must not grow with their number.
func BenchmarkMany(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		for what, doc := range map[string]string{
			"secrets": `{"SecretList":` + repeated(n, func(i int) string {
				return fmt.Sprintf(`{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:s%d"}`, i)
			}) + "}",
			"roles": `{"RoleDetailList":` + repeated(n, func(i int) string {
				return fmt.Sprintf(`{"RoleName":"r%d","Arn":"arn:aws:iam::111122223333:role/r%[1]d","AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::aws:policy/x"}]}`, i)
			}) + "}",
		} {
			b.Run(fmt.Sprint(what, n), func(b *testing.B) {
				for b.Loop() {
					answer(doc)
				}
			})
		}
	}
}
