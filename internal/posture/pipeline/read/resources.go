package read

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// resource is a Terraform resource, of a configuration or a plan, in Terraform's
// own names.
type resource struct {
	kind, address string
	body          *model.Node
}

// single are the blocks of which there is at most one, so that a list of one is
// the object itself.
var single = []string{"source", "environment", "vpc_config", "logs_config", "cloudwatch_logs", "s3_logs", "cache", "build_batch_config", "artifacts",
	"pull_request_build_policy", "scope_configuration", "git_submodules_config", "auth", "restrictions", "registry_credential", "fleet",
	"export_config", "s3_destination", "artifact_store", "encryption_key", "before_entry", "git_configuration"}

// renamedTF are the members whose name is not just the API's with underscores.
var renamedTF = map[string]string{"environment_variable": "environmentVariables", "filter_group": "filterGroups", "cloudwatch_logs": "cloudWatchLogs",
	"stage": "stages", "action": "actions", "trigger": "triggers", "condition": "conditions"}

// apiForm writes a Terraform body in the API's names. A filter group is a block
// that holds filter blocks; the API has a list of lists.
func apiForm(n *model.Node, key string) *model.Node {
	if !n.Is() || n.Scalar != nil {
		return n
	}
	if n.List {
		// Two where one is allowed stay a list: Terraform would refuse it, and
		// taking the first would judge something that is never deployed.
		if slices.Contains(single, key) && len(n.Items) <= 1 {
			if len(n.Items) == 0 {
				return nil
			}
			return apiForm(n.Items[0], key)
		}
		out := *n
		out.Items = nil
		for _, item := range n.Items {
			out.Items = append(out.Items, apiForm(item, key))
		}
		return &out
	}
	if key == "filter_group" {
		f := n.Get("filter")
		if f == nil {
			f = &model.Node{State: model.Known, At: n.At, List: true}
		}
		return apiForm(f, "filter")
	}
	out := *n
	out.Fields = make(map[string]*model.Node, len(n.Fields))
	for k, f := range n.Fields {
		name, ok := renamedTF[k]
		if !ok {
			name = snakeToCamel(k)
		}
		if k == "tags" || k == "configuration" { // names that users and providers choose
			out.Fields[name] = f
			continue
		}
		if v := apiForm(f, k); v != nil {
			out.Fields[name] = v
		}
	}
	return &out
}

// snakeToCamel is Terraform's name in the API's spelling: build_type is buildType.
func snakeToCamel(s string) string {
	parts := strings.Split(s, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

// resources joins projects with their webhooks and roles with their policies.
func (r *reader) resources(rs []resource, form model.Form) {
	// A webhook is a resource of its own in Terraform; projects find theirs by name or symbol.
	hooks := map[string]*model.Node{} // project name or symbol to webhook
	for _, res := range rs {
		if res.kind == "aws_codebuild_webhook" {
			name := res.body.Get("project_name").Text()
			if !name.Known() {
				r.gap(res.body.At.String(), "the webhook's project is not known: "+name.Why)
			}
			n := apiForm(res.body, "")
			// A webhook without filters starts for every push and pull request. An
			// empty list says so; an absent member would read as nothing known.
			if n.Is() && n.Get("filterGroups") == nil {
				n.Fields["filterGroups"] = &model.Node{State: model.Known, At: n.At, List: true}
			}
			hooks[name.V] = n
		}
	}
	for _, res := range rs {
		at := res.body.At
		switch sym := "${" + res.address; res.kind {
		case "aws_codebuild_project":
			n := apiForm(res.body, "")
			if !n.Is() {
				continue
			}
			name := n.Get("name").Text()
			for _, key := range []string{name.V, sym + ".name}", sym + ".id}", sym + ".arn}"} {
				if h := hooks[key]; h != nil && key != "" {
					n.Fields["webhook"] = h
					// What is left over in the end has no project in these files.
					delete(hooks, key)
				}
			}
			artifactsOf(n)
			p := model.Decode(n, form)
			p.Address = res.address
			// Its address names it for a reader; the name itself a caller decides.
			if !p.Name.Known() {
				p.Name = model.Value[string]{State: model.Known, V: res.address, At: at}
			}
			r.inv.Projects = append(r.inv.Projects, p)
		case "aws_codebuild_source_credential":
			r.inv.Credentials = append(r.inv.Credentials, &model.Credential{Form: form, At: at, ARN: model.Of(sym + ".arn}"), Server: res.body.Get("server_type").Text(),
				AuthType: res.body.Get("auth_type").Text(), Token: res.body.Get("token").Hidden(), Resource: tfToken(res.body.Get("token"))})
			r.token(sym+".arn}", res.body.Get("token"))
		case "aws_iam_role", "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_iam_policy":
			r.tfRole(res, sym, form)
		case "aws_security_group":
			r.tfGroup(res, sym)
		case "aws_codepipeline":
			r.inv.Pipelines = append(r.inv.Pipelines, tfPipeline(apiForm(res.body, ""), form))
		case "aws_cloudwatch_log_group":
			r.inv.LogGroups = append(r.inv.LogGroups, &model.LogGroup{At: at, Name: res.body.Get("name").Text(), Retention: res.body.Get("retention_in_days").Number()})
		case "aws_codebuild_report_group":
			r.reportGroup(apiForm(res.body, ""))
		case "aws_secretsmanager_secret":
			r.inv.Secrets = append(r.inv.Secrets, &model.StoredSecret{At: at, ARN: model.Of(sym + ".arn}"), Name: res.body.Get("name").Text(), Key: res.body.Get("kms_key_id").Text(),
				Rotation: model.Cannot[bool]("the configuration says nothing about rotation here")})
		}
	}
	for _, name := range sorted(hooks) { // a webhook whose project stands elsewhere
		// It is judged as a project whose source is unknown: who can start it can be
		// told, what it fetches cannot.
		h := hooks[name]
		r.inv.Projects = append(r.inv.Projects, model.Decode(&model.Node{State: model.Known, At: h.At, Fields: map[string]*model.Node{
			"name": {State: model.Known, At: h.At, Scalar: name}, "webhook": h, "source": model.UnknownNode(h.At, "the project stands in another place")}}, form))
	}
}

// artifactsOf takes the encryption key block of artifact stores for what it is.
func artifactsOf(n *model.Node) {
	if k := n.Get("encryptionKey"); k.Is() && k.Fields != nil {
		n.Fields["encryptionKey"] = k.Get("id")
	}
}

// tfToken says where a token comes from when it is no literal: a variable or
// another resource.
func tfToken(n *model.Node) model.Value[string] {
	switch {
	case n == nil:
		return model.Value[string]{}
	case n.State == model.Unknown:
		return model.Of("elsewhere: " + n.Why)
	case n.Symbolic:
		return n.Text()
	}
	return dynamic(n)
}

// tfRole reads a role, or a policy that hangs on one by name or symbol.
func (r *reader) tfRole(res resource, sym string, form model.Form) {
	b := res.body
	name := func(field string) string { return b.Get(field).Text().V }
	switch res.kind {
	case "aws_iam_role":
		// The symbol stands for the ARN until apply has made one; a state or plan
		// may know it already.
		role := &model.Role{Form: form, At: b.At, ARN: model.Of(sym + ".arn}"), Name: b.Get("name").Text(), Trust: embedded(b.Get("assume_role_policy")),
			Boundary: b.Get("permissions_boundary").Text(), Policies: model.Of([]model.Doc{})}
		if arn := b.Get("arn").Text(); arn.Known() {
			role.ARN = arn
		}
		if p := b.Get("inline_policy"); p != nil && !p.Is() { // a loop makes them
			role.Policies.V = append(role.Policies.V, model.Doc{Body: p, At: b.At})
		}
		for _, p := range b.Get("inline_policy").Values() {
			role.Policies.V = append(role.Policies.V, model.Doc{Name: p.Get("name").Text().V, Body: embedded(p.Get("policy")), At: p.At})
		}
		r.attachManaged(role.ARN.V, b.Get("managed_policy_arns"), b.At)
		r.inv.Roles = append(r.inv.Roles, role)
	case "aws_iam_policy":
		r.managed[model.Scoped(sym+".arn}", b.At)] = embedded(b.Get("policy"))
	case "aws_iam_role_policy":
		r.attached = append(r.attached, attachment{role: roleSymbol(name("role")), doc: model.Doc{Name: name("name"), Body: embedded(b.Get("policy")), At: b.At}})
	default:
		r.attachManaged(roleSymbol(name("role")), b.Get("policy_arn"), b.At)
	}
}

// roleSymbol turns ${aws_iam_role.x.name} and .id into the role's ARN symbol.
func roleSymbol(s string) string {
	// For a role both give its name, which is what aws_iam_role_policy takes.
	for _, end := range []string{".name}", ".id}"} {
		if before, ok := strings.CutSuffix(s, end); ok && strings.HasPrefix(s, "${") {
			return before + ".arn}"
		}
	}
	return s
}

// tfGroup reads a security group. Without egress of its own it lets nothing out in
// Terraform, or has its rules beside it: which, its configuration does not tell.
func (r *reader) tfGroup(res resource, sym string) {
	g := &model.SecurityGroup{At: res.body.At, ID: model.Of(sym + ".id}")}
	list := res.body.Get("egress")
	g.Egress = decided(model.Each(list, func(n *model.Node) model.Rule {
		return model.Rule{Protocol: n.Get("protocol").Text(), From: n.Get("from_port").Number(), To: n.Get("to_port").Number(),
			V4: n.Get("cidr_blocks").Strings().V, V6: n.Get("ipv6_cidr_blocks").Strings().V}
	}), list, "cidr_blocks", "ipv6_cidr_blocks")
	if g.Egress.Absent() {
		g.Egress = model.Cannot[[]model.Rule]("its egress may stand in rules of their own")
	}
	r.inv.Groups = append(r.inv.Groups, g)
}

// tfPipeline gives an action the API's nested type.
func tfPipeline(n *model.Node, form model.Form) *model.Pipeline {
	for _, s := range n.Get("stages").Values() {
		for _, a := range s.Get("actions").Values() {
			if a.Is() {
				a.Fields["actionTypeId"] = &model.Node{State: model.Known, At: a.At, Fields: map[string]*model.Node{"category": a.Get("category"), "provider": a.Get("provider")}}
			}
		}
	}
	return decodePipeline(n, form)
}
