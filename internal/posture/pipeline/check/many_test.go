package check

import (
	"fmt"
	"testing"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// many is a scene of n projects, each with a webhook and a role of its own.
func many(n int) *Scene {
	s := &Scene{Inventory: &model.Inventory{}, byName: map[string][]*owner{}, byRole: map[string][]*owner{}}
	for i := range n {
		p := &model.Project{Name: model.Of(fmt.Sprint("p", i)), Role: model.Of(fmt.Sprint("arn:aws:iam::111122223333:role/r", i)),
			Webhook: model.Of(model.Webhook{PayloadURL: model.Of(fmt.Sprint("https://codebuild.example/", i))})}
		p.Source.Location = model.Of(fmt.Sprintf("https://github.com/acme/app%d.git", i))
		o := &owner{Judged: &Judged{Project: p}}
		s.owners, s.byRole[p.Role.V] = append(s.owners, o), append(s.byRole[p.Role.V], o)
		s.Inventory.Hooks = append(s.Inventory.Hooks, &model.Hook{Repo: fmt.Sprint("acme/app", i), URL: model.Of(fmt.Sprint("https://other.example/", i))})
		s.Inventory.Calls = append(s.Inventory.Calls, &model.BuildCall{Role: p.Role.V})
	}
	return s
}

// TestHooked: the address decides, then the last project of the repository whose own
// hook was not given.
func TestHooked(t *testing.T) {
	s := many(3)
	for _, o := range s.owners {
		o.Project.Source.Location = model.Of("https://github.com/acme/app.git")
	}
	hook := func(url string) *model.Hook { return &model.Hook{Repo: "Acme/App", URL: model.Of(url)} }
	own := hook("https://codebuild.example/2")
	s.hooks = indexHooks(s.owners, []*model.Hook{own})
	for h, want := range map[*model.Hook]string{own: "p2", hook("https://other.example"): "p1", hook(""): "p1"} {
		if got := s.hooked(h); got == nil || got.name() != want {
			t.Errorf("%s: %v, want %s", h.URL.V, got, want)
		}
	}
	if got := s.hooked(&model.Hook{Repo: "acme/other"}); got != nil {
		t.Errorf("a hook of another repository is of %s", got.name())
	}
}

// BenchmarkOwners: the time for each hook and call must not grow with their number.
func BenchmarkOwners(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		s := many(n)
		b.Run(fmt.Sprint("hooks", n), func(b *testing.B) {
			for b.Loop() {
				s.hooks = indexHooks(s.owners, s.Inventory.Hooks)
				for _, h := range s.Inventory.Hooks {
					s.hooked(h)
				}
			}
		})
		b.Run(fmt.Sprint("calls", n), func(b *testing.B) {
			for b.Loop() {
				for _, c := range s.Inventory.Calls {
					s.ownerOfCall(c)
				}
			}
		})
	}
}

// TestRoleOfItsAccount: a role of the same name in another account is another role.
func TestRoleOfItsAccount(t *testing.T) {
	role := func(arn string) *model.Role { return &model.Role{Name: model.Of("build"), ARN: model.Of(arn)} }
	one, other, path := role("arn:aws:iam::111122223333:role/build"), role("arn:aws:iam::444455556666:role/build"), role("arn:aws-cn:iam::111122223333:role/team/build")
	written := role("${Role.Arn}") // of a template
	for _, c := range []struct {
		have []*model.Role
		name string
		want *model.Role
	}{
		{[]*model.Role{other}, one.ARN.V, nil},
		{[]*model.Role{one, other}, one.ARN.V, one},
		{[]*model.Role{path, other}, one.ARN.V, path},
		{[]*model.Role{one, other}, "build", nil},
		{[]*model.Role{other, other}, "build", other},
		{[]*model.Role{written, other}, one.ARN.V, written},
		{[]*model.Role{written, other}, "build", other},
		{[]*model.Role{one}, "${Other}", nil},
	} {
		s := &Scene{Inventory: &model.Inventory{Roles: c.have}, roles: map[string]*model.Role{}, named: map[string]map[string]*model.Role{}}
		s.index()
		if got := s.role(model.Of(c.name), model.Location{}); got != c.want {
			t.Errorf("%s among %d: %v", c.name, len(c.have), got)
		}
	}
}
