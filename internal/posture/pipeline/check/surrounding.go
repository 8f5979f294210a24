package check

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/grant"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// surrounding are the subjects beside projects and roles.
func (s *Scene) surrounding() []*Subject {
	var out []*Subject
	for _, c := range s.Inventory.Credentials {
		out = append(out, s.credential(c))
	}
	for _, t := range s.Inventory.Tokens {
		out = append(out, s.tokenSubject(t))
	}
	for _, x := range s.Inventory.Secrets {
		out = append(out, s.secretSubject(x))
	}
	for _, g := range s.Inventory.ReportGroups {
		out = append(out, s.reportGroup(g))
	}
	out = append(out, s.securityGroups()...)
	for _, p := range s.Inventory.Pipelines {
		sub := s.subject("pipeline", "pipeline "+p.Name.V, p.At, nil, s.pipelineView(p), map[string]string{"pipeline": p.Name.V})
		sub.data = p
		addList(sub.Words, "deploys", sub.it["unapproved"])
		addList(sub.Words, "approvers", sub.it["self_approval"])
		out = append(out, sub)
	}
	for _, b := range s.Inventory.Builds {
		out = append(out, s.build(b))
	}
	out = append(out, s.calls()...)
	for _, h := range s.Inventory.Hooks {
		out = append(out, s.hook(h))
	}
	for _, w := range s.Inventory.Workflows {
		sub := s.subject("workflow", "workflow "+w.Name, w.At, nil, view{"name": w.Name}, map[string]string{"workflow": w.Name})
		sub.data = w
		out = append(out, sub)
	}
	for _, m := range s.Inventory.Monitoring {
		out = append(out, s.subject("monitoring", "monitoring", m.At, nil, view{"logging": put(s.r, m.Logging), "recorded": put(s.r, m.Recorded), "watched": s.watched(m)}, nil))
	}
	return out
}

func (s *Scene) credential(c *model.Credential) *Subject {
	var names []string
	var projects []*model.Project
	open := false
	for _, o := range s.owners {
		if slices.Contains(o.creds, c) {
			names, projects = append(names, o.name()), append(projects, o.Project)
			open = open || o.isOpen()
		}
	}
	v := view{"auth": put(s.r, c.AuthType), "server": put(s.r, c.Server), "projects": notNil(names), "open": open,
		"literal": c.Form.Template() && c.Token.Known() && c.Resource.Absent(), "dynamic": c.Form != model.CloudFormation && strings.Contains(c.Token.V.Reveal(), "{{resolve:")}
	sub := s.subject("credential", "source credential "+model.LastPart(c.ARN.V), c.At, nil, v, map[string]string{"credential": c.ARN.V, "server": c.Server.V, "auth": c.AuthType.V,
		"projects": strings.Join(names[:min(len(names), 8)], ", ")})
	sub.Also = projects
	return sub
}

// least is what a build's token needs.
var least = map[string]string{"contents": "read", "statuses": "write", "metadata": "read"}

func (s *Scene) tokenSubject(t *model.Token) *Subject {
	var names []string
	var projects []*model.Project
	open := false
	for _, o := range s.owners {
		if o.token == t || o.token != nil && o.token.For == t.For {
			names, projects = append(names, o.name()), append(projects, o.Project)
			open = open || o.isOpen()
		}
	}
	extra := any(notNil(broad(t)))
	if len(broad(t)) == 0 && !t.Permissions.Known() && !t.Scopes.Known() {
		extra = s.unknown("a token's prefix does not say what it may do")
	}
	v := view{"kind": put(s.r, t.Kind), "extra": extra, "evidence": t.Evidence, "open": open, "never": t.Expires.Absent() && t.Evidence != "prefix" && t.Evidence != "",
		"expires_in": nil, "unused": s.age(t.LastUsed)}
	if age := s.age(t.Expires); age != nil {
		v["expires_in"] = age
		if days, ok := age.(float64); ok {
			v["expires_in"] = -days
		}
	}
	sub := s.subject("token", "token of "+t.For, t.At, nil, v, map[string]string{"token": t.For, "kind": t.Kind.V, "evidence": t.Evidence, "projects": strings.Join(names[:min(len(names), 8)], ", ")})
	addList(sub.Words, "extra", extra)
	sub.Also = projects
	return sub
}

// broad lists what a token may do beyond what builds need.
func broad(t *model.Token) []string {
	var out []string
	for _, sc := range t.Scopes.Or(nil) {
		if sc == "repo" || strings.HasPrefix(sc, "admin:") || strings.HasPrefix(sc, "write:") || strings.HasPrefix(sc, "delete_") || sc == "workflow" {
			out = append(out, sc)
		}
	}
	for k, v := range t.Permissions.Or(nil) {
		if want := least[k]; want != v && v != "read" || want == "" && v != "" {
			out = append(out, k+":"+v)
		}
	}
	if t.Selection.V == "all" {
		out = append(out, "every repository")
	}
	slices.Sort(out)
	return out
}

func (s *Scene) secretSubject(x *model.StoredSecret) *Subject {
	var names []string
	var projects []*model.Project
	fetches := false
	for _, o := range s.owners {
		uses := slices.ContainsFunc(s.secretRefs(o), func(ref string) bool { return sameSecret(x, strings.SplitN(ref, " ", 2)[1]) })
		if f := o.Project.Source.AuthFrom; f.Known() && sameSecret(x, secretName(f.V)) {
			uses, fetches = true, true
		}
		if uses {
			names, projects = append(names, o.name()), append(projects, o.Project)
		}
	}
	for _, c := range s.Inventory.Credentials {
		if c.Resource.Known() && sameSecret(x, secretName(c.Resource.V)) {
			fetches = true
		}
	}
	var missing any
	if x.Keys.Known() {
		list := []string{}
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

func sameSecret(x *model.StoredSecret, name string) bool {
	return name != "" && (x.Name.V == name || x.ARN.V == name || secretName(x.ARN.V) == name || strings.HasPrefix(secretName(x.ARN.V), name+"-"))
}

// securityGroups makes one subject for each group of each project in a VPC.
func (s *Scene) securityGroups() []*Subject {
	var out []*Subject
	seen := map[string]*Subject{}
	for _, o := range s.owners {
		if !o.Project.VPC.Known() {
			continue
		}
		for _, name := range o.Project.VPC.V.Groups.V {
			id := model.Scoped(name, o.Project.At)
			if old := seen[id]; old != nil {
				old.Also = append(old.Also, o.Project)
				continue
			}
			g := s.groups[id]
			v := view{"open_v4": s.unknown("the security group %s was not given", name)}
			v["open_v6"] = v["open_v4"]
			at := o.Project.VPC.V.At
			words := map[string]string{"security_group": name}
			if g != nil {
				at = g.At
				s.egress(g, v, words)
			}
			sub := s.subject("security group", "security group "+name, at, o, v, words)
			sub.Also = []*model.Project{o.Project}
			seen[id] = sub
			out = append(out, sub)
		}
	}
	return out
}

// egress says what of the way out is open to everywhere on more than HTTPS.
func (s *Scene) egress(g *model.SecurityGroup, v view, words map[string]string) {
	if !g.Egress.Known() {
		v["open_v4"] = s.r.unknown(g.Egress.Why)
		v["open_v6"] = v["open_v4"]
		return
	}
	v4, v6 := false, false
	for _, r := range g.Egress.V {
		if r.Protocol.Known() && r.Protocol.V != "-1" && r.From.V == 443 && r.To.V == 443 {
			continue
		}
		if r.Protocol.V != "-1" && r.From.V == 53 && r.To.V == 53 {
			continue
		}
		v4 = v4 || slices.ContainsFunc(r.V4, wide)
		v6 = v6 || slices.ContainsFunc(r.V6, wide)
	}
	v["open_v4"], v["open_v6"] = v4, v6
	switch {
	case v4 && v6:
		words["families"] = "IPv4 and IPv6"
	case v6:
		words["families"] = "IPv6"
	default:
		words["families"] = "IPv4"
	}
}

// wide is a range of half the internet or more, so that 0.0.0.0/1 twice is not missed.
func wide(cidr string) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && p.Bits() <= 1
}

func (s *Scene) build(b *model.Build) *Subject {
	var o *owner
	if list := s.byName[b.Project.V]; len(list) > 0 {
		o = list[0]
	}
	odd := []string{}
	if o != nil {
		p := o.Project
		if b.Location.Known() && p.Source.Location.Known() && repoName(b.Location.V) != repoName(p.Source.Location.V) {
			odd = append(odd, "another repository")
		}
		if b.Env.Image.Known() && p.Env.Image.Known() && b.Env.Image.V != p.Env.Image.V {
			odd = append(odd, "another image")
		}
		if b.Env.Privileged.V && p.Env.Privileged.Known() && !p.Env.Privileged.V {
			odd = append(odd, "privileged mode")
		}
		if b.Role.Known() && p.Role.Known() && model.LastPart(b.Role.V) != model.LastPart(p.Role.V) {
			odd = append(odd, "another role")
		}
		if b.Buildspec.Known() && p.Source.Buildspec.Known() && b.Buildspec.V.Reveal() != p.Source.Buildspec.V.Reveal() {
			odd = append(odd, "another buildspec")
		}
		if strings.HasPrefix(b.Source.V, "pr/") && !hasPulls(o) && !hasRunner(o) {
			odd = append(odd, "a pull request, which its webhook does not build")
		}
	}
	v := view{"odd": odd, "shell": or(s.r, b.Debug, false), "by_admin": s.isAdmin(b.Initiator.V)}
	sub := s.subject("build", "build "+b.ID.V, b.At, o, v, map[string]string{"build": b.ID.V, "initiator": b.Initiator.V, "odd": strings.Join(odd, ", "),
		"act": "The build " + b.ID.V + " was started with a session into it", "by": b.Initiator.V})
	sub.data = b
	return sub
}

// hooked is the project that a webhook at the provider starts, by its address or
// else by its repository.
func (s *Scene) hooked(h *model.Hook) *owner {
	var match *owner
	for _, o := range s.owners {
		w := o.Project.Webhook
		if !w.Known() {
			continue
		}
		if w.V.PayloadURL.V == h.URL.V && h.URL.V != "" {
			return o
		}
		// Hooks of other tools stand beside ours: one is taken for it only when none other is.
		if h.Repo != "" && repoName(o.Project.Source.Location.V) == strings.ToLower(h.Repo) && !s.delivered(w.V.PayloadURL) {
			match = o
		}
	}
	return match
}

// delivered says whether a hook that was given delivers to the address.
func (s *Scene) delivered(to model.Value[string]) bool {
	return to.Known() && slices.ContainsFunc(s.Inventory.Hooks, func(h *model.Hook) bool { return h.URL.V == to.V })
}

// hook compares the provider's view of a webhook with CodeBuild's.
func (s *Scene) hook(h *model.Hook) *Subject {
	wrong := []string{}
	match := s.hooked(h)
	if match != nil {
		if w := match.Project.Webhook.V; w.PayloadURL.Known() && w.PayloadURL.V != h.URL.V {
			wrong = append(wrong, "it delivers elsewhere")
		}
		if h.Active.Known() && !h.Active.V {
			wrong = append(wrong, "it is not active")
		}
		for _, e := range h.Events.V {
			if !slices.Contains([]string{"push", "pull_request", "pull_request_review", "issue_comment", "release", "workflow_job"}, e) {
				wrong = append(wrong, "it also delivers "+e)
			}
		}
	}
	return s.subject("hook", "webhook at the provider", h.At, match, view{"wrong": wrong, "insecure": put(s.r, h.Insecure), "ours": match != nil}, map[string]string{"wrong_hook": strings.Join(wrong, "; "), "hook": fmt.Sprint(h.Repo)})
}

// watched says whether a rule alerts on changes of webhooks: one about those
// calls, or about every call of the service.
func (s *Scene) watched(m *model.Monitoring) any {
	if !m.Rules.Known() {
		return nil
	}
	return slices.ContainsFunc(m.Rules.V, func(text string) bool {
		var p struct {
			Source []any
			Detail struct{ EventName []any }
		}
		if json.Unmarshal([]byte(text), &p) != nil || !slices.Contains(p.Source, any("aws.codebuild")) {
			return false
		}
		return len(p.Detail.EventName) == 0 || slices.Contains(p.Detail.EventName, any("UpdateWebhook"))
	})
}
