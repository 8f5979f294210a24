package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Subjects are everything that the checks look at, projects first, in the order
// of the inventory.
func (s *Scene) Subjects() []*Subject {
	lists := make([][]*Subject, len(s.owners))
	parallel(len(lists), func(i int) { lists[i] = s.owned(s.owners[i]) })
	out := slices.Concat(lists...)
	out = append(out, s.roleSubjects()...)
	return append(out, s.surrounding()...)
}

// owned are the subjects of one project.
func (s *Scene) owned(o *owner) []*Subject {
	out := []*Subject{s.project(o)}
	out = append(out, s.ways(o)...)
	out = append(out, s.sources(o)...)
	out = append(out, s.variables(o)...)
	out = append(out, s.names(o)...)
	for _, m := range o.Project.Unread {
		out = append(out, s.subject("member", "member "+m.Name, m.At, o, view{"name": m.Name}, map[string]string{"member": m.Name, "wrong": last(m.Name), "secret_arn": secretARN(o)}))
	}
	return out
}

// secretARN is the ARN of the secret that a CloudFormation reference in the
// project's source names, "" when it names none or not by ARN.
func secretARN(o *owner) string {
	for _, text := range []string{o.Project.Source.AuthFrom.V, o.Project.Source.Token.V.Reveal()} {
		inner, _, _ := strings.Cut(strings.TrimPrefix(text, "{{resolve:secretsmanager:"), "}}")
		name, _, _ := strings.Cut(inner, ":SecretString")
		switch {
		// Neither a reference nor an ARN: the text may be the token itself and must
		// not get into an edit.
		case inner == text && !strings.HasPrefix(text, "arn:"):
		case strings.HasPrefix(name, "arn:"):
			return name
		case o.Project.Region != "" && o.Project.Account != "" && name != "":
			return "arn:aws:secretsmanager:" + o.Project.Region + ":" + o.Project.Account + ":secret:" + name
		}
	}
	return ""
}

// last is the last step of a path to a member.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// subject makes one; without a place of its own it stands at its project's.
func (s *Scene) subject(kind, label string, at model.Location, o *owner, it view, words map[string]string) *Subject {
	sub := &Subject{Kind: kind, Label: label, At: at, owner: o, scene: s, it: it, reasons: s.r, Words: words}
	if words == nil {
		sub.Words = map[string]string{}
	}
	if o != nil {
		sub.Project = o.Project
		if at == (model.Location{}) {
			sub.At = o.Project.At
		}
	}
	return sub
}

// project is the project itself. Its view is also what conditions on everything below it
// see as "project", so it is made before the rest of owned.
func (s *Scene) project(o *owner) *Subject {
	p := o.Project
	name := o.name()
	o.words = map[string]string{"project": name, "region": p.Region, "arn": p.ARN.V, "rung": o.Result.Rung, "verdict": o.Result.Verdict.String(),
		"role": model.LastPart(p.Role.V), "repository": p.Source.Location.V, "purpose": o.Purpose, "why": o.Result.Why, "what": "The artifacts or logs of " + name}
	if p.Form.Template() {
		o.words["resource"] = p.Address
	}
	v := view{
		"name": name, "form": string(p.Form), "template": p.Form.Template(), "purpose": o.Purpose, "verdict": o.Result.Verdict.String(), "open": o.open,
		"provider": p.Source.Provider(), "owner": ownerOf(p.Source.Location.V), "owners": notNil(s.Settings.Owners),
		"hook": hookView(s, o), "groups": groupCount(s, p), "vpc": put(s.r, mapValue(p.VPC, func(v model.VPC) string { return v.ID.V })), "public_subnets": s.publicSubnets(p),
		"no_endpoint": s.noEndpoint(o),
		"privileged":  or(s.r, p.Env.Privileged, false), "image": put(s.r, p.Env.Image), "fleet": put(s.r, p.Env.Fleet), "filesystems": len(p.Filesystem.Or(nil)) > 0,
		"visibility": put(s.r, p.Visibility), "log_role": put(s.r, p.LogRole), "cloudwatch": or(s.r, p.Logs.CloudWatch, "ENABLED"), "s3_logs": or(s.r, p.Logs.S3, "DISABLED"),
		"s3_logs_plain": or(s.r, p.Logs.Unencrypted, false), "retention": s.retention(p), "artifacts_plain": anyArtifact(s, p, func(a model.Artifact) model.Value[bool] { return a.Unencrypted }),
		"owner_full": anyArtifact(s, p, func(a model.Artifact) model.Value[bool] {
			return mapValue(a.OwnerAccess, func(s string) bool { return s == "FULL" })
		}), "logs_full": or(s.r, mapValue(p.Logs.OwnerAccess, func(s string) bool { return s == "FULL" }), false), "log_role_wide": s.logRoleWide(p),
		"public_bucket": anyArtifact(s, p, s.publicBucket), "cache_shared": s.cacheShared(o), "batch": nil, "batch_role": put(s.r, p.BatchRole), "batch_bounded": nil,
		"buildspec": s.buildspecKind(p), "buildspec_bucket": s.buildspecBucket(o), "runner": hasRunner(o), "pull_requests": hasPulls(o),
		"pipelines": len(o.pipes), "approval": slices.ContainsFunc(o.pipes, func(p *model.Pipeline) bool { return hasApproval(p) }),
		"secrets": len(s.secretRefs(o)), "plain_secrets": len(s.plainSecrets(p)), "release_secrets": s.releaseSecrets(o), "admin": s.projectAdmin(o),
		"fork_runs": orNull(o.repo.ForkRuns), "dynamic": dynamicOutside(p), "weaker": s.weaker(o), "named_workflows": namedWorkflows(p), "exposed": o.repo.Exposed(),
	}
	if b := p.Batch; !b.Absent() {
		v["batch"] = b.Known()
		v["batch_bounded"] = or(s.r, b.V.Restrictions, false)
	}
	addList(o.words, "no_endpoint", v["no_endpoint"])
	o.view = v
	sub := s.subject("project", "the project", p.At, o, v, nil)
	if at, text := p.Source.AuthFrom.At, p.Source.AuthFrom.V; strings.Contains(text, "{{resolve:") {
		if arn := secretARN(o); arn != "" {
			sub.edits = append(sub.edits, subjectEdit{"PG-IA-05", Edit{at.File, at.Line, AsWord, text, arn}})
		}
	}
	return sub
}

// orNull is s, or null for "": nothing was said.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// mapValue applies f to a value that is known and keeps why one is not.
func mapValue[T, U any](v model.Value[T], f func(T) U) model.Value[U] {
	out := model.Value[U]{State: v.State, At: v.At, Why: v.Why}
	if v.Known() {
		out.V = f(v.V)
	}
	return out
}

// ownerOf is the account or organisation a repository belongs to.
func ownerOf(location string) string {
	name, _, _ := strings.Cut(repoName(location), "/")
	return name
}

// hookView is the webhook as conditions see it, null for none.
func hookView(s *Scene, o *owner) any {
	h := o.Project.Webhook
	switch {
	case h.Absent():
		return nil
	case h.Unknown():
		return s.r.unknown(h.Why)
	}
	w := h.V
	v := view{"branch_filter": or(s.r, w.BranchFilter, ""), "manual": or(s.r, w.Manual, false), "manual_insecure": or(s.r, w.ManualInsecure, false), "secret_age": s.age(w.SecretChanged),
		"max_age": float64(max(s.Settings.SecretDays, 0)), "policy_stated": !w.Policy.Absent(), "scope": nil, "scoped": true}
	if s.Settings.SecretDays == 0 {
		v["max_age"] = 90.0
	}
	if w.Scope.Known() {
		v["scope"], v["scoped"] = put(s.r, w.Scope.V.Scope), s.scoped(w)
	}
	return map[string]any(v)
}

// groupCount is how many filter groups the webhook has, null without a webhook.
func groupCount(s *Scene, p *model.Project) any {
	switch {
	case p.Webhook.Unknown():
		return s.r.unknown(p.Webhook.Why)
	case p.Webhook.Absent():
		return nil
	case p.Webhook.V.Groups.Unknown():
		return s.r.unknown(p.Webhook.V.Groups.Why)
	}
	return len(p.Webhook.V.Groups.V)
}

// hasRunner says whether the project runs jobs of workflows rather than builds.
func hasRunner(o *owner) bool {
	return slices.ContainsFunc(o.Result.Ways, func(w trust.Way) bool {
		return slices.Contains(w.Events, model.WorkflowQueue) && w.Group >= 0 && len(w.Events) == 1
	}) ||
		strings.HasPrefix(o.Project.Webhook.V.BuildType.V, "RUNNER_")
}

// isPull is true of events that the author of a pull request causes; a merge is a
// writer's.
func isPull(e string) bool { return strings.HasPrefix(e, "PULL_REQUEST_") && e != model.PRMerged }

// hasPulls says whether a pull request can start a build by any way in.
func hasPulls(o *owner) bool {
	return slices.ContainsFunc(o.Result.Ways, func(w trust.Way) bool { return slices.ContainsFunc(w.Events, isPull) })
}

// sources are the project's own source and its secondary ones; the token is of the first.
func (s *Scene) sources(o *owner) []*Subject {
	p := o.Project
	var out []*Subject
	for i, src := range append([]model.Source{p.Source}, p.Secondary.Or(nil)...) {
		label := "the source"
		if i > 0 {
			label = "the secondary source " + src.ID.V
		}
		v := view{"type": put(s.r, src.Type), "userinfo": src.UserInfo.Known(), "insecure": or(s.r, src.Insecure, false), "report": or(s.r, src.Report, false),
			"auth": put(s.r, src.AuthType), "statuses": nil, "location": put(s.r, src.Location)}
		if src.Type.Unknown() && src.Location.Absent() { // a webhook without its project
			v["insecure"], v["report"], v["userinfo"] = s.r.unknown(src.Type.Why), s.r.unknown(src.Type.Why), s.r.unknown(src.Type.Why)
		}
		if i == 0 && o.token != nil {
			v["statuses"] = statuses(s, o.token)
		}
		out = append(out, s.subject("source", label, src.At, o, v, map[string]string{"source": src.Location.V}))
	}
	return out
}

// statuses says whether a token may set commit statuses, null when that is not
// known of its kind.
func statuses(s *Scene, t *model.Token) any {
	switch {
	case t.Permissions.Known():
		return t.Permissions.V["statuses"] == "write"
	case t.Scopes.Known():
		return slices.ContainsFunc(t.Scopes.V, func(x string) bool { return x == "repo" || x == "repo:status" })
	}
	return nil
}

// variables are the environment variables, or one subject that stands for all of them
// where they are not known.
func (s *Scene) variables(o *owner) []*Subject {
	vars := o.Project.Env.Variables
	if vars.Unknown() {
		u := s.r.unknown("the environment variables are not known: " + vars.Why)
		return []*Subject{s.subject("variable", "the environment variables", o.Project.Env.At, o, view{"name": u, "type": u, "kind": u}, nil)}
	}
	var out []*Subject
	for _, v := range vars.V {
		it := view{"name": put(s.r, v.Name), "type": or(s.r, v.Type, "PLAINTEXT"), "kind": s.SecretKind(v), "dynamic": strings.Contains(v.Value.V.Reveal(), "{{resolve:")}
		out = append(out, s.subject("variable", "variable "+v.Name.V, v.At, o, it, map[string]string{"variable": v.Name.V, "kind": s.SecretKind(v)}))
	}
	return out
}

// ways makes the subjects of the webhook's ways in and their filters.
func (s *Scene) ways(o *owner) []*Subject {
	var out []*Subject
	for _, w := range o.Result.Ways {
		var filters []model.Filter
		label := "the webhook"
		if w.Group >= 0 {
			filters = o.Project.Webhook.V.Groups.V[w.Group].Filters.Or(nil)
			label = fmt.Sprintf("filter group %d", w.Group+1)
		}
		out = append(out, s.way(o, w, filters, label))
		for i, f := range filters {
			out = append(out, s.filter(o, w, filters, f, fmt.Sprintf("filter %d of group %d", i+1, w.Group+1)))
		}
	}
	return out
}
