package read

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// isTemplate tells a CloudFormation template, CDK's output included, by resources
// with types of AWS.
func isTemplate(n *model.Node) bool {
	res := n.Get("Resources")
	if !res.Is() || res.Fields == nil {
		return false
	}
	if n.Get("AWSTemplateFormatVersion") != nil {
		return true
	}
	for _, r := range res.Fields {
		if t := r.Get("Type").Text().V; strings.Contains(t, "::") {
			return true
		}
	}
	return false
}

// resourceReaders are keyed by resource type.
var resourceReaders = map[string]func(r *reader, id string, props *model.Node){
	"AWS::CodeBuild::Project":          (*reader).cfnProject,
	"AWS::CodeBuild::SourceCredential": (*reader).cfnCredential,
	"AWS::CodeBuild::ReportGroup": func(r *reader, _ string, p *model.Node) {
		r.reportGroup(camel(p, "AWS::CodeBuild::ReportGroup"))
	},
	"AWS::IAM::Role":          (*reader).cfnRole,
	"AWS::IAM::Policy":        (*reader).cfnPolicy,
	"AWS::IAM::ManagedPolicy": (*reader).cfnPolicy,
	"AWS::IAM::RolePolicy":    (*reader).cfnPolicy,
	"AWS::EC2::SecurityGroup": (*reader).cfnGroup,
	"AWS::EC2::SecurityGroupEgress": func(r *reader, _ string, p *model.Node) {
		r.egress = append(r.egress, egress{p.Get("GroupId").Text().V, p.At, decided(model.Each(p, cfnRule), p, "CidrIp", "CidrIpv6")})
	},
	"AWS::CodePipeline::Pipeline": (*reader).cfnPipeline,
	"AWS::Logs::LogGroup": func(r *reader, id string, p *model.Node) {
		name := named(p.Get("LogGroupName"), id, p.At)
		r.inv.LogGroups = append(r.inv.LogGroups, &model.LogGroup{At: p.At, Name: name.Text(), Retention: p.Get("RetentionInDays").Number()})
	},
	"AWS::SecretsManager::Secret": func(r *reader, id string, p *model.Node) {
		r.inv.Secrets = append(r.inv.Secrets, &model.StoredSecret{At: p.At, ARN: model.Of("${" + id + "}"), Name: p.Get("Name").Text(), Key: p.Get("KmsKeyId").Text(),
			Rotation: model.Cannot[bool]("a template says nothing about rotation here")})
	},
	"AWS::SecretsManager::RotationSchedule": func(r *reader, _ string, p *model.Node) {
		if id := p.Get("SecretId").Text(); id.Known() {
			r.rotated[model.Scoped(id.V, p.At)] = true // the secret may stand further down
		}
	},
	"AWS::S3::Bucket": func(r *reader, id string, p *model.Node) {
		b := &model.Bucket{At: p.At, Name: named(p.Get("BucketName"), id, p.At).Text(), Versioned: model.Of(p.Path("VersioningConfiguration", "Status").Text().V == "Enabled")}
		r.inv.Buckets = append(r.inv.Buckets, b)
	},
}

// named is the resource's name, or the symbol by which its template speaks of it.
func named(n *model.Node, id string, at model.Location) *model.Node {
	if n != nil {
		return n
	}
	return &model.Node{State: model.Known, At: at, Scalar: "${" + id + "}", Symbolic: true}
}

// template reads the resources that matter. Whatever an intrinsic cannot be
// decided to is unknown.
func (r *reader) template(n *model.Node) {
	c := newIntrinsics(n)
	if t := n.Get("Transform"); t != nil {
		for _, v := range t.Values() {
			if name := v.Text().V; name != "" && !strings.HasPrefix(name, "AWS::") {
				// Transforms of AWS (Serverless, Include, LanguageExtensions) leave
				// the resources that are read here as they stand; an account's own
				// macro may write anything.
				r.gap(n.At.File, "the macro "+name+" may rewrite it before it is deployed")
			}
		}
	}
	res := n.Get("Resources")
	for _, id := range sorted(res.Fields) {
		one := res.Fields[id]
		if !one.Is() {
			continue
		}
		kind := one.Get("Type").Text().V
		if strings.HasPrefix(id, "Fn::ForEach") || strings.HasSuffix(kind, "::MODULE") {
			r.gap(one.At.String(), "what it expands to is not known here")
			continue
		}
		read := resourceReaders[kind]
		if read == nil {
			continue
		}
		if cond := one.Get("Condition"); cond.Is() {
			// An undecided condition keeps the resource: it may be deployed, and a
			// finding too many is better than a project not looked at.
			if holds, decided := c.condition(cond, 0); decided && !holds {
				continue
			}
		}
		props := c.resolve(one.Get("Properties"), 0)
		if props == nil {
			props = &model.Node{State: model.Known, At: one.At, Fields: map[string]*model.Node{}}
		}
		if path := one.Path("Metadata", "aws:cdk:path").Text(); path.Known() {
			props.At.Path = path.V
			r.construct = path.V
		}
		read(r, id, props)
		r.construct = ""
	}
	if c.exhausted {
		r.gap(n.At.File, "its intrinsic functions expand to too much; the rest is unknown")
	}
}

// cfnProject reads a project. Its webhook stands under Triggers, and exists only where
// Webhook is true or filters are given.
func (r *reader) cfnProject(id string, props *model.Node) {
	n := camel(props, "AWS::CodeBuild::Project")
	if n.Fields != nil {
		if t := n.Get("triggers"); t.Is() {
			delete(n.Fields, "triggers")
			if on := t.Get("webhook").Flag(); on.Unknown() {
				n.Fields["webhook"] = model.UnknownNode(t.At, on.Why)
			} else if on.V || t.Get("filterGroups") != nil {
				// The flag is no member of a webhook in the API.
				delete(t.Fields, "webhook")
				n.Fields["webhook"] = t
			}
		} else if t != nil {
			n.Fields["webhook"] = t
		}
		n.Fields["projectVisibility"] = n.Fields["visibility"]
		n.Fields["name"] = named(n.Fields["name"], id, n.At)
		if n.Fields["name"].Symbolic && n.Fields["name"].Scalar == "${"+id+"}" {
			// A reader knows the project by its logical id; the symbol is for
			// joining only.
			n.Fields["name"].Scalar = id
		}
	}
	p := model.Decode(n, model.CloudFormation)
	p.Address, p.Construct = id, r.construct
	r.inv.Projects = append(r.inv.Projects, p)
}

// cfnCredential reads a source credential. A token that stands in the template is kept
// hidden.
func (r *reader) cfnCredential(id string, p *model.Node) {
	r.inv.Credentials = append(r.inv.Credentials, &model.Credential{Form: model.CloudFormation, At: p.At, ARN: model.Of("${" + id + "}"),
		Server: p.Get("ServerType").Text(), AuthType: p.Get("AuthType").Text(), Token: p.Get("Token").Hidden(), Resource: dynamic(p.Get("Token"))})
	r.token("${"+id+"}", p.Get("Token"))
}

// dynamic is the reference that stands where a token is resolved only at deployment.
func dynamic(n *model.Node) model.Value[string] {
	if v := n.Text(); v.Known() && (strings.Contains(v.V, "{{resolve:") || strings.HasPrefix(v.V, "${") || strings.HasPrefix(v.V, "arn:")) {
		return v
	}
	return model.Value[string]{}
}

// cfnRole reads a role. Its ARN is the symbol by which projects of the template name it.
func (r *reader) cfnRole(id string, p *model.Node) {
	role := &model.Role{Form: model.CloudFormation, At: p.At, ARN: model.Of("${" + id + ".Arn}"), Name: named(p.Get("RoleName"), id, p.At).Text(),
		Trust: embedded(p.Get("AssumeRolePolicyDocument")), Boundary: p.Get("PermissionsBoundary").Text(), Policies: model.Of([]model.Doc{})}
	if pol := p.Get("Policies"); pol != nil && pol.State == model.Unknown {
		role.Policies = model.Cannot[[]model.Doc](pol.Why)
	}
	for _, d := range p.Get("Policies").Values() {
		role.Policies.V = append(role.Policies.V, model.Doc{Name: d.Get("PolicyName").Text().V, Body: embedded(d.Get("PolicyDocument")), At: d.At})
	}
	r.attachManaged("${"+id+".Arn}", p.Get("ManagedPolicyArns"), p.At)
	r.inv.Roles = append(r.inv.Roles, role)
}

// cfnPolicy reads a policy and attaches it to the roles that it names; roles may name it
// instead, by its symbol.
func (r *reader) cfnPolicy(id string, p *model.Node) {
	body := embedded(p.Get("PolicyDocument"))
	r.managed[model.Scoped("${"+id+"}", p.At)] = body
	roles := p.Get("Roles")
	if roles == nil { // of an AWS::IAM::RolePolicy, whose name is no list
		roles = p.Get("RoleName")
	}
	names := roles.Values()
	if roles != nil && !roles.Is() {
		names = []*model.Node{roles}
	}
	for _, role := range names {
		name := role.Text().V
		if strings.HasPrefix(name, "${") {
			// Ref of a role gives its name; cfnRole keeps the symbol of its ARN.
			name = strings.TrimSuffix(name, "}") + ".Arn}"
		}
		r.attached = append(r.attached, attachment{role: name, doc: model.Doc{Name: id, Body: body, At: p.At}})
	}
}

// egress are rules of a group that stand beside it.
type egress struct {
	group string
	at    model.Location
	rules model.Value[[]model.Rule]
}

// cfnGroup reads a security group, with the default that EC2 gives one.
func (r *reader) cfnGroup(id string, p *model.Node) {
	g := &model.SecurityGroup{At: p.At, ID: model.Of("${" + id + ".GroupId}")}
	out := p.Get("SecurityGroupEgress")
	if out == nil { // nothing said: the service lets everything out, over both protocols
		all := model.Rule{Protocol: model.Of("-1"), V4: []string{"0.0.0.0/0"}}
		g.Egress = model.Of([]model.Rule{all})
	} else {
		g.Egress = decided(model.Each(out, cfnRule), out, "CidrIp", "CidrIpv6")
	}
	r.inv.Groups = append(r.inv.Groups, g)
}

// cfnRule is one rule of a group. A range that is not known leaves no trace here: see
// decided.
func cfnRule(n *model.Node) model.Rule {
	rule := model.Rule{Protocol: n.Get("IpProtocol").Text(), From: n.Get("FromPort").Number(), To: n.Get("ToPort").Number()}
	if c := n.Get("CidrIp").Text(); c.Known() {
		rule.V4 = []string{c.V}
	}
	if c := n.Get("CidrIpv6").Text(); c.Known() {
		rule.V6 = []string{c.V}
	}
	return rule
}

// decided makes rules unknown if one of them goes to a range that is not known: it
// may be everywhere.
func decided(v model.Value[[]model.Rule], list *model.Node, ranges ...string) model.Value[[]model.Rule] {
	for _, n := range list.Values() {
		for _, member := range ranges {
			if c := n.Get(member); c != nil && !c.Is() && v.Known() {
				return model.Value[[]model.Rule]{State: model.Unknown, At: v.At, Why: c.Why}
			}
		}
	}
	return v
}

// cfnPipeline reads a pipeline.
func (r *reader) cfnPipeline(id string, p *model.Node) {
	n := camel(p, "AWS::CodePipeline::Pipeline")
	n.Fields["name"] = named(n.Fields["name"], id, n.At)
	r.inv.Pipelines = append(r.inv.Pipelines, decodePipeline(n, model.CloudFormation))
}

// renamed are the members whose name differs by more than its first letter.
var renamed = map[string]string{"BuildSpec": "buildspec"}

// camel turns the members of a template into those of the API, all the way down
// but for maps that users name themselves.
func camel(n *model.Node, kind string) *model.Node {
	if !n.Is() || n.Scalar != nil {
		return n
	}
	out := *n
	if n.List {
		out.Items = make([]*model.Node, len(n.Items))
		for i, item := range n.Items {
			out.Items[i] = camel(item, kind)
		}
		return &out
	}
	out.Fields = make(map[string]*model.Node, len(n.Fields))
	for k, f := range n.Fields {
		name, ok := renamed[k]
		if !ok {
			r, size := utf8.DecodeRuneInString(k)
			// One rule fits all names of CodeBuild but those in renamed.
			name = string(unicode.ToLower(r)) + k[size:]
		}
		if name == "configuration" { // of a pipeline's action: the provider's own names
			out.Fields[name] = f
			continue
		}
		out.Fields[name] = camel(f, kind)
	}
	return &out
}
