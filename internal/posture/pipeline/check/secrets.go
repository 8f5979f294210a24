package check

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/grant"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/secret"
)

// users are the projects that take a value from a secret or parameter known by any
// of these names, in the order of the inventory.
func (s *Scene) users(kind string, names ...string) []*owner {
	found := map[*owner]bool{}
	for _, name := range names {
		for _, o := range s.sharedBy[kind+" "+name] {
			found[o] = true
		}
	}
	return s.inOrder(found)
}

// inOrder lists a set of projects in the order of the inventory.
func (s *Scene) inOrder(found map[*owner]bool) (out []*owner) {
	if len(found) == 0 {
		return nil
	}
	for _, o := range s.owners {
		if found[o] {
			out = append(out, o)
		}
	}
	return out
}

// secretUsers are the projects that use a secret, and whether one of them, or the
// account's own credential, fetches code with it.
func (s *Scene) secretUsers(x *model.StoredSecret) (users []*owner, fetches bool) {
	found := map[*owner]bool{}
	for _, name := range secret.Names(x.Name.V, x.ARN.V) {
		for _, o := range s.sharedBy[secret.Stored+" "+name] {
			found[o] = true
		}
		for _, o := range s.fetchers[name] {
			found[o], fetches = true, true
		}
	}
	fetches = fetches || slices.ContainsFunc(s.Inventory.Credentials, func(c *model.Credential) bool {
		return c.Resource.Known() && secret.Same(c.Resource.V, x.Name.V, x.ARN.V)
	})
	return s.inOrder(found), fetches
}

// secretSubject is a secret of Secrets Manager with what uses it.
func (s *Scene) secretSubject(x *model.StoredSecret) *Subject {
	users, fetches := s.secretUsers(x)
	var names []string
	var projects []*model.Project
	for _, o := range users {
		names, projects = append(names, o.name()), append(projects, o.Project)
	}
	var missing any
	if x.Keys.Known() {
		list := []string{}
		// What CodeBuild wants in a secret that it fetches code with. Source: CodeBuild User
		// Guide, tokens in a Secrets Manager secret.
		for _, k := range []string{"ServerType", "AuthType", "Token"} {
			if !slices.Contains(x.Keys.V, k) {
				list = append(list, k)
			}
		}
		missing = list
	}
	public := any(nil)
	if x.Policy != nil {
		public = grant.Document(x.Policy).Public()
	}
	v := view{"projects": notNil(names), "fetches": fetches, "missing": missing, "rotates": or(s.r, x.Rotation, false), "age": s.age(x.Changed),
		"default_key": described(x) && (x.Key.Absent() || strings.HasSuffix(x.Key.V, "alias/aws/secretsmanager")), "public": public}
	sub := s.subject("secret", "secret "+x.Name.V, x.At, nil, v, map[string]string{"secret": x.Name.V, "arn": x.ARN.V})
	addList(sub.Words, "missing", missing)
	sub.Also = projects
	return sub
}

// described says whether DescribeSecret or a template was read: another answer
// about the secret says nothing of its key.
func described(x *model.StoredSecret) bool { return !x.Rotation.Absent() || x.Changed.Known() }

// parameterSubject is a parameter of Systems Manager with what uses it. Its value is
// never read, so whether it holds a secret is told by what it and the variables that
// take it are called: a SecureString was meant to.
func (s *Scene) parameterSubject(x *model.StoredParameter) *Subject {
	ref := secret.Name(x.ARN.V)
	users := s.users(secret.Parameter, x.Name.V, ref)
	var names, variables []string
	var projects []*model.Project
	for _, o := range users {
		names, projects = append(names, o.name()), append(projects, o.Project)
		for _, v := range o.Project.Env.Variables.Or(nil) {
			if v.Type.V == secret.Parameter && (secret.Name(v.Value.V.Reveal()) == x.Name.V || secret.Name(v.Value.V.Reveal()) == ref) {
				variables = append(variables, v.Name.V)
			}
		}
	}
	secure := x.Type.V == "SecureString"
	holds := secure || slices.ContainsFunc(append(variables, model.LastPart(x.Name.V)), secret.Telling)
	v := view{"projects": notNil(names), "type": put(s.r, x.Type), "holds_secret": holds, "age": s.age(x.Changed),
		"default_key": secure && (x.Key.Absent() || strings.HasSuffix(x.Key.V, "alias/aws/ssm"))}
	sub := s.subject("parameter", "parameter "+x.Name.V, x.At, nil, v, map[string]string{"parameter": x.Name.V, "type": x.Type.V,
		"projects": strings.Join(names[:min(len(names), 8)], ", ")})
	sub.Also = projects
	return sub
}
