package read

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// attachment is a policy that another document attaches to a role.
type attachment struct {
	role string // name or symbol
	doc  model.Doc
	arn  string // of a managed policy, when the document is elsewhere
}

// authorization reads GetAccountAuthorizationDetails: roles with all their policies.
func (r *reader) authorization(doc, list *model.Node) bool {
	for _, p := range doc.Get("Policies").Values() {
		for _, v := range p.Get("PolicyVersionList").Values() {
			// Older versions grant nothing until somebody makes one of them the
			// default, which the trail would show.
			if v.Get("IsDefaultVersion").Flag().V {
				r.managed[p.Get("Arn").Text().V] = embedded(v.Get("Document"))
			}
		}
	}
	for _, n := range list.Values() {
		role := r.newRole(n)
		// This answer has all policies of a role, so a role without any is known to
		// have none; compare role below.
		role.Policies = model.Of([]model.Doc{})
		r.policies(role, n, "RolePolicyList")
	}
	return true
}

// users reads the users of GetAccountAuthorizationDetails with what their groups
// give them: people who can change pipelines are often users.
func (r *reader) users(doc, list *model.Node) bool {
	// Groups stand in the order of the answer, and each is found by its name: users
	// and groups may both be many.
	groups := doc.Get("GroupDetailList").Values()
	named := map[string][]int{}
	for i, g := range groups {
		name := g.Get("GroupName").Text().V
		named[name] = append(named[name], i)
	}
	for _, n := range list.Values() {
		user := &model.Role{Form: model.API, At: n.At, Name: n.Get("UserName").Text(), ARN: n.Get("Arn").Text(), User: true, Policies: model.Of([]model.Doc{}),
			Boundary: n.Path("PermissionsBoundary", "PermissionsBoundaryArn").Text()}
		r.inv.Roles = append(r.inv.Roles, user)
		r.policies(user, n, "UserPolicyList")
		in := slices.Clone(n.Get("GroupList").Strings().V)
		slices.Sort(in)
		var of []int
		for _, name := range slices.Compact(in) {
			of = append(of, named[name]...)
		}
		slices.Sort(of)
		for _, i := range of {
			r.policies(user, groups[i], "GroupPolicyList")
		}
	}
	return true
}

// policies takes the inline and attached policies of one answer.
func (r *reader) policies(role *model.Role, n *model.Node, inline string) {
	for _, p := range n.Get(inline).Values() {
		role.Policies.V = append(role.Policies.V, model.Doc{Name: p.Get("PolicyName").Text().V, Body: embedded(p.Get("PolicyDocument")), At: p.At})
	}
	for _, p := range n.Get("AttachedManagedPolicies").Values() {
		r.attachManaged(role.ARN.V, p.Get("PolicyArn"), p.At)
	}
}

// attachManaged attaches the managed policies of a list of ARNs, or of one. What the
// list hides is a policy too, of which nothing is known.
func (r *reader) attachManaged(role string, arns *model.Node, at model.Location) {
	list := arns.Values()
	// A list that is unknown as a whole has no values, and would otherwise be taken
	// for no policy.
	if arns != nil && !arns.Is() {
		list = []*model.Node{arns}
	}
	for _, n := range list {
		a := attachment{role: role, doc: model.Doc{At: at}}
		switch arn := n.Text(); {
		case arn.Known() && arn.V != "":
			a.arn = arn.V
		case arn.Unknown():
			a.doc.Body = model.UnknownNode(at, arn.Why)
		default:
			a.doc.Body = model.UnknownNode(at, "a managed policy without an ARN")
		}
		r.attached = append(r.attached, a)
	}
}

// newRole notes a role that an answer of IAM describes.
func (r *reader) newRole(n *model.Node) *model.Role {
	role := &model.Role{Form: model.API, At: n.At, Name: n.Get("RoleName").Text(), ARN: n.Get("Arn").Text(), Trust: embedded(n.Get("AssumeRolePolicyDocument")),
		Boundary: n.Path("PermissionsBoundary", "PermissionsBoundaryArn").Text()}
	r.inv.Roles = append(r.inv.Roles, role)
	return role
}

// role reads GetRole. It says nothing of policies: they stay unknown until
// another file gives them.
func (r *reader) role(n *model.Node) bool {
	if !n.Get("RoleName").Is() {
		return false
	}
	r.newRole(n).Policies = model.Cannot[[]model.Doc]("the role's policies were not given")
	return true
}

// rolePolicy reads GetRolePolicy, or a role without its envelope.
func (r *reader) rolePolicy(doc, name *model.Node) bool {
	if doc.Get("AssumeRolePolicyDocument").Is() {
		return r.role(doc)
	}
	if !doc.Get("PolicyDocument").Is() {
		return false
	}
	r.attached = append(r.attached, attachment{role: name.Text().V, doc: model.Doc{Name: doc.Get("PolicyName").Text().V, Body: embedded(doc.Get("PolicyDocument")), At: doc.At}})
	return true
}

// attach adds a policy to a role. One whose document is nowhere is added as unknown: a role
// looks no weaker for what was not given.
func (r *reader) attach(role *model.Role, a attachment) {
	doc := a.doc
	if doc.Body == nil && a.arn != "" {
		doc.Name = model.LastPart(a.arn)
		if doc.Body = r.managed[model.Scoped(a.arn, doc.At)]; doc.Body == nil {
			doc.Body = awsManaged(a.arn)
		}
		if doc.Body == nil {
			doc.Body = model.UnknownNode(doc.At, "the managed policy "+a.arn+" was not given")
		}
	}
	if doc.Body == nil {
		doc.Body = model.UnknownNode(doc.At, "the policy's document was not given")
	}
	if role.Policies.Unknown() && a.arn == "" {
		// An inline policy given by itself: there may be others, but what it allows is allowed.
		role.Policies.V = append(role.Policies.V, doc)
		return
	}
	role.Policies.State = cmp.Or(role.Policies.State, model.Known)
	role.Policies.V = append(role.Policies.V, doc)
}

// awsManaged are the policies of AWS that decide by their name alone. An account may
// have others of the same names, so the ARN must be of AWS's own, "arn:aws:iam::aws:policy/…".
// They are written shorter and somewhat wider than AWS's texts, which change: enough
// to tell what the checks ask, whether a role may administer, push or read all
// secrets. Source: AWS Managed Policy Reference.
func awsManaged(arn string) *model.Node {
	allow := func(actions ...string) *model.Node {
		var list []*model.Node
		for _, a := range actions {
			list = append(list, text(a))
		}
		return object("Statement", object("Effect", text("Allow"), "Action", &model.Node{State: model.Known, List: true, Items: list}, "Resource", text("*")))
	}
	if f := strings.Split(arn, ":"); len(f) != 6 || f[2] != "iam" || f[4] != "aws" {
		return nil
	}
	switch model.LastPart(arn) {
	case "AdministratorAccess":
		return allow("*")
	case "IAMFullAccess":
		return allow("iam:*")
	case "PowerUserAccess": // all but IAM, organizations and account
		return object("Statement", object("Effect", text("Allow"), "NotAction", &model.Node{State: model.Known, List: true,
			Items: []*model.Node{text("iam:*"), text("organizations:*"), text("account:*")}}, "Resource", text("*")))
	case "AWSCodeBuildAdminAccess":
		return allow("codebuild:*", "codepipeline:*")
	case "AmazonEC2ContainerRegistryReadOnly":
		return allow("ecr:Get*", "ecr:Describe*", "ecr:BatchGetImage", "ecr:List*")
	case "AmazonEC2ContainerRegistryPowerUser":
		return allow("ecr:Get*", "ecr:Describe*", "ecr:BatchGetImage", "ecr:List*", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")
	case "AmazonS3FullAccess":
		return allow("s3:*")
	case "SecretsManagerReadWrite":
		return allow("secretsmanager:*")
	}
	return nil
}

// text and object make nodes of what is known here and stands in no file.
func text(s string) *model.Node { return &model.Node{State: model.Known, Scalar: s} }

func object(kv ...any) *model.Node {
	n := &model.Node{State: model.Known, Fields: map[string]*model.Node{}}
	for i := 0; i+1 < len(kv); i += 2 {
		n.Fields[kv[i].(string)] = kv[i+1].(*model.Node)
	}
	return n
}

// pipeline reads GetPipeline.
func (r *reader) pipeline(n *model.Node) bool {
	if !n.Get("stages").Is() {
		return false
	}
	r.inv.Pipelines = append(r.inv.Pipelines, decodePipeline(n, model.API))
	return true
}

// decodePipeline reads a pipeline in the API's names. An element that is null stays as an
// empty one.
func decodePipeline(n *model.Node, form model.Form) *model.Pipeline {
	p := &model.Pipeline{Form: form, At: n.At, Name: n.Get("name").Text(), Role: n.Get("roleArn").Text(), Key: n.Path("artifactStore", "encryptionKey", "id").Text()}
	p.Stages = model.Each(n.Get("stages"), func(s *model.Node) model.Stage {
		st := model.Stage{Name: s.Get("name").Text(), Guarded: s.Path("beforeEntry", "conditions").Is()}
		st.Actions = model.Each(s.Get("actions"), func(a *model.Node) model.Action {
			if a == nil {
				return model.Action{}
			}
			return model.Action{At: a.At, Name: a.Get("name").Text(), Category: a.Path("actionTypeId", "category").Text(), Provider: a.Path("actionTypeId", "provider").Text(),
				Order: a.Get("runOrder").Number(), Project: a.Path("configuration", "ProjectName").Text(), Role: a.Get("roleArn").Text(), Plain: handed(a.Path("configuration", "EnvironmentVariables"))}
		})
		return st
	})
	p.Triggers = model.Each(n.Get("triggers"), func(t *model.Node) model.Trigger {
		if t == nil {
			return model.Trigger{}
		}
		pr := t.Path("gitConfiguration", "pullRequest")
		v := model.Of(len(pr.Values()) > 0)
		if pr != nil && pr.State == model.Unknown {
			v = model.Cannot[bool](pr.Why)
		}
		return model.Trigger{At: t.At, PullRequests: v}
	})
	return p
}

// handed are the variables of a CodeBuild action: JSON that stands as text.
func handed(n *model.Node) []model.Variable {
	var out []model.Variable
	for _, v := range embedded(n).Values() {
		if v.Is() && v.Fields != nil {
			out = append(out, model.Variable{At: n.At, Name: v.Get("name").Text(), Type: v.Get("type").Text(), Value: v.Get("value").Hidden()})
		}
	}
	return out
}

// advice is when a role used which service; the zero time is never.
type advice struct {
	role string
	used map[string]time.Time
}

// advice reads GetServiceLastAccessedDetails. The answer does not name its role:
// whoever saves it adds the member Role.
func (r *reader) advice(doc, list *model.Node) bool {
	role := doc.Get("Role").Text()
	if !role.Known() {
		r.gap(doc.At.File, "access advice without the member Role says nothing about whom")
		return true
	}
	a := advice{role.V, map[string]time.Time{}}
	for _, s := range list.Values() {
		a.used[s.Get("ServiceNamespace").Text().V] = s.Get("LastAuthenticated").Time().V
	}
	r.advised = append(r.advised, a)
	return true
}
