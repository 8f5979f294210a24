package check

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/grant"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// mighty are actions with which a build becomes more than its role, when allowed
// on everything.
// Each gives a way to other rights: by passing a role to something new, by writing a
// policy, by signing in as somebody else, or by changing code that runs with more.
// Only on everything: on one concrete resource they may be the very job.
var mighty = []string{"iam:PassRole", "iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreateAccessKey", "iam:CreateUser", "iam:PutUserPolicy",
	"iam:AttachUserPolicy", "iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "codebuild:UpdateProject", "codebuild:StartBuild",
	"codebuild:UpdateWebhook", "lambda:UpdateFunctionCode", "secretsmanager:GetSecretValue", "cloudformation:CreateStack", "ssm:SendCommand", "iam:SetDefaultPolicyVersion",
	"iam:PutGroupPolicy", "iam:AttachGroupPolicy", "iam:AddUserToGroup", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"}

// onSelf are actions with which a build changes what its own project runs: they
// need not be allowed on everything.
var onSelf = []string{"codebuild:UpdateProject", "codebuild:UpdateWebhook", "codebuild:StartBuild", "codebuild:StartBuildBatch"}

// putting are actions that put something out for others to run or read.
var putting = []string{"ecr:PutImage", "codeartifact:PublishPackageVersion", "lambda:UpdateFunctionCode", "ecs:UpdateService", "cloudformation:CreateStack",
	"cloudformation:UpdateStack", "codedeploy:CreateDeployment", "eks:UpdateNodegroupConfig", "cloudfront:CreateInvalidation", "signer:StartSigningJob"}

// pushing is what docker push calls; all of them are needed.
var pushing = []string{"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"}

// rewriting are actions that change what a pipeline runs.
var rewriting = []string{"codebuild:UpdateProject", "codebuild:UpdateWebhook", "codebuild:CreateWebhook", "codebuild:StartBuild", "codebuild:StartBuildBatch", "codepipeline:UpdatePipeline"}

// releases are the actions by which a role certainly can put something out.
func releases(g *grant.Grants) []string {
	return slices.DeleteFunc(slices.Clone(putting), func(a string) bool { return g.Allows(a) != grant.Yes })
}

// admin are the reasons a role is too strong, unknown when its policies are not all
// known and what is known is harmless.
func (s *Scene) admin(r *model.Role) any {
	g := s.grant(r)
	var out []string
	// Allowed although no such service exists: only a statement on every action does that.
	if g.Everywhere("zz:NoSuchAction") == grant.Yes {
		return []string{"every action"}
	}
	for _, a := range mighty {
		if g.Everywhere(a) == grant.Yes {
			out = append(out, a)
		}
	}
	// A reason that is known stands whatever the unknown policies say; only silence
	// is put in doubt by them.
	if len(out) == 0 && g.Hole() != "" {
		return s.unknown("what its role allows is not known: %s", g.Hole())
	}
	return notNil(out)
}

// selfAdmin adds to what admin finds the role's rights over the very projects that
// use it.
func (s *Scene) selfAdmin(r *model.Role, users []*owner) any {
	found := s.admin(r)
	out, known := found.([]string)
	g := s.grant(r)
	for _, a := range onSelf {
		for _, o := range users {
			if arn := o.Project.ARN; arn.Known() && g.Everywhere(a) != grant.Yes && g.On(a, arn.V) == grant.Yes {
				out = append(slices.Clone(out), a+" on "+o.name()+", which it builds")
				break
			}
		}
	}
	if !known && len(out) == 0 {
		return found
	}
	return notNil(out)
}

// notNil keeps "none" a list: null would be "absent" to a condition.
func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// may answers for CEL whether the role allows an action anywhere.
func (s *Scene) may(r *model.Role, actions ...string) any {
	g := s.grant(r)
	var out []string
	hole := false
	for _, a := range actions {
		switch g.Allows(a) {
		case grant.Yes:
			out = append(out, a)
		case grant.Unknown:
			hole = true
		}
	}
	if len(out) == 0 && hole {
		return s.unknown("what its role allows is not known: %s", g.Hole())
	}
	return notNil(out)
}

// roleSubjects are the roles that projects use, given or not, and all roles given.
func (s *Scene) roleSubjects() []*Subject {
	// order keeps that of the projects, which a map would lose.
	used := map[string][]*owner{}
	var order []string
	for _, o := range s.owners {
		if v := o.Project.Role; v.Known() {
			key := model.Scoped(v.V, o.Project.At)
			if used[key] == nil {
				order = append(order, key)
			}
			used[key] = append(used[key], o)
		}
	}
	var out []*Subject
	given := map[*model.Role]bool{}
	for _, key := range order {
		p := used[key][0].Project
		r := s.role(p.Role, p.At)
		given[r] = true
		out = append(out, s.usedRole(p.Role.V, r, used[key]))
	}
	for _, r := range s.Inventory.Roles {
		out = append(out, s.anyRole(r, given[r]))
	}
	return out
}

// usedRole is a role with the projects that run as it. It is mixed where people without
// write access can run code in one of them and not in another: what the one leaves in
// reach of the role the other then uses.
func (s *Scene) usedRole(name string, r *model.Role, users []*owner) *Subject {
	open, closed, exposed, test, release := false, false, false, false, false
	var names []string
	var projects []*model.Project
	for _, o := range users {
		open, closed = open || o.isOpen(), closed || !o.isOpen()
		exposed = exposed || o.repo.Exposed()
		test, release = test || o.Purpose == "test", release || o.Purpose == "release" || o.Purpose == "deploy"
		names, projects = append(names, o.name()), append(projects, o.Project)
	}
	first := users[0]
	short := roleWord(name)
	sub := s.subject("role", "role "+short, first.Project.At, nil, view{
		"projects": notNil(names), "open": open, "exposed": exposed, "mixed": open && closed && len(users) > 1, "test": test, "release": release,
	}, map[string]string{"role": short, "arn": first.Project.ARN.V, "projects": strings.Join(names[:min(len(names), 5)], ", "), "project": first.name()})
	sub.Also = projects
	it := sub.it
	if r == nil {
		for _, k := range []string{"admin", "releases", "boundary", "bound", "others", "unused", "pushes", "push_lacks"} {
			it[k] = s.unknown("the role %s was not given", short)
		}
		return sub
	}
	sub.At = r.At
	it["admin"] = s.selfAdmin(r, users)
	it["releases"] = s.may(r, putting...)
	it["boundary"] = put(s.r, r.Boundary)
	it["pushes"] = s.may(r, "ecr:PutImage", "ecr:InitiateLayerUpload")
	it["push_lacks"] = s.lacks(r)
	it["unused"] = s.unused(r)
	s.trustOf(it, r)
	addList(sub.Words, "admin", it["admin"])
	addList(sub.Words, "releases", it["releases"])
	addList(sub.Words, "lacks", it["push_lacks"])
	if lacks, ok := it["push_lacks"].([]string); ok && len(lacks) > 0 {
		for _, d := range r.Policies.V {
			if slices.Contains(grant.Document(d.Body).Patterns(), "ecr:putimage") {
				sub.edits = append(sub.edits, pushEdits(d, lacks)...)
			}
		}
	}
	addList(sub.Words, "unused", it["unused"])
	addList(sub.Words, "others", it["others"])
	sub.Words["loose"] = "trusts CodeBuild without naming the project or account"
	if others := sub.Words["others"]; others != "" {
		sub.Words["loose"] = "trusts not only CodeBuild but also " + others
	}
	return sub
}

// pushEdits complete the statement that puts images. The authorization token is of
// no repository, so it needs a statement of its own.
func pushEdits(d model.Doc, lacks []string) []subjectEdit {
	const token = "ecr:GetAuthorizationToken"
	var out []subjectEdit
	at := func(as, to string) {
		out = append(out, subjectEdit{"PG-RO-09", Edit{d.At.File, d.At.Line, as, "ecr:PutImage", to}})
	}
	rest := slices.DeleteFunc(slices.Clone(lacks), func(a string) bool { return a == token })
	if len(rest) > 0 {
		at(AsActions, strings.Join(rest, " "))
	}
	if slices.Contains(lacks, token) {
		at(AsStatement, token)
	}
	return out
}

// lacks are the actions that docker push would fail for want of.
func (s *Scene) lacks(r *model.Role) any {
	g := s.grant(r)
	var out []string
	for _, a := range pushing {
		switch g.Allows(a) {
		case grant.No:
			out = append(out, a)
		case grant.Unknown:
			return s.unknown("what its role allows is not known: %s", g.Hole())
		}
	}
	return notNil(out)
}

// unused are patterns and services that are granted and of which no use is known, by a
// policy drawn from builds or by the service's own access advice.
func (s *Scene) unused(r *model.Role) any {
	g := s.grant(r)
	u := s.usedBy(r.ARN.V, nil)
	if r.LastUsed == nil && u == nil {
		return s.unknown("nothing says what it used")
	}
	var out []string
	if u != nil { // what was granted against what its builds did
		for _, pattern := range g.Patterns() {
			if !slices.ContainsFunc(u.Actions, func(a string) bool { return grant.Match(pattern, a) }) {
				out = append(out, pattern)
			}
		}
	}
	for service, when := range r.LastUsed {
		if when.IsZero() && g.Allows(service+":*") == grant.Yes && !slices.Contains(out, service+":*") {
			out = append(out, service)
		}
	}
	slices.Sort(out)
	return notNil(out)
}

// trustOf says whom the role lets in besides CodeBuild and CodePipeline, and whether
// CodeBuild is bound to a project or account.
func (s *Scene) trustOf(it view, r *model.Role) {
	if r.User {
		it["bound"], it["others"], it["trusts_codebuild"] = true, []string{}, false
		return
	}
	if r.Trust == nil || !r.Trust.Is() {
		u := s.unknown("the trust policy of its role was not given")
		it["bound"], it["others"], it["trusts_codebuild"] = u, u, u
		return
	}
	who, bound := grant.Document(r.Trust).Trusted()
	build := false
	var others []string
	for _, w := range who {
		if strings.HasPrefix(w, "Service:codebuild.") {
			build = true
		} else if !strings.HasPrefix(w, "Service:") || !strings.HasPrefix(w, "Service:codepipeline.") {
			others = append(others, w)
		}
	}
	it["bound"], it["others"], it["trusts_codebuild"] = bound, notNil(others), build
}

// roleWord is a role as people call it: its name, or its own name in a template.
func roleWord(name string) string {
	inner, symbol := strings.CutPrefix(name, "${")
	if !symbol {
		return model.LastPart(name)
	}
	inner = strings.TrimSuffix(inner, "}")
	for _, end := range []string{".Arn", ".arn", ".name", ".id"} {
		inner = strings.TrimSuffix(inner, end)
	}
	return inner
}

// anyRole is a role or user of the account, whether builds use it or not: whoever can
// rewrite a project is part of its trust.
func (s *Scene) anyRole(r *model.Role, used bool) *Subject {
	name := r.Name.V
	if name == "" {
		name = r.ARN.V
	}
	name = roleWord(name)
	kind := "role"
	if r.User {
		kind = "user"
	}
	sub := s.subject("any role", kind+" "+name, r.At, nil, view{"used": used, "name": name, "admin": s.admin(r)}, map[string]string{"role": name, "kind": kind})
	s.trustOf(sub.it, r)
	rewrites := s.may(r, rewriting...)
	sub.it["rewrites"] = rewrites
	sub.it["allowed"], sub.it["retrusted"] = s.isAdmin(name), s.Inventory.Retrusted[name]
	addList(sub.Words, "rewrites", rewrites)
	addList(sub.Words, "others", sub.it["others"])
	return sub
}

// logRoleWide says whether the role by which the public reads builds can read more
// than them; false without one, or when it was not given.
func (s *Scene) logRoleWide(p *model.Project) any {
	r := s.role(p.LogRole, p.At)
	if r == nil {
		return false
	}
	g := s.grant(r)
	if g.Everywhere("s3:GetObject") == grant.Yes || g.Everywhere("logs:GetLogEvents") == grant.Yes || g.Everywhere("zz:NoSuchAction") == grant.Yes {
		return true
	}
	if g.Hole() != "" {
		return s.unknown("what the role for public logs allows is not known: %s", g.Hole())
	}
	return false
}

// addList puts the first few of a list into words; an unknown one puts nothing.
func addList(words map[string]string, key string, v any) {
	if list, ok := v.([]string); ok {
		words[key] = strings.Join(list[:min(len(list), 8)], ", ")
	}
}
