package read

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// monitoring notes one source of monitoring; each tells what it tells.
func (r *reader) monitoring(n *model.Node) *model.Monitoring {
	m := &model.Monitoring{At: n.At}
	r.inv.Monitoring = append(r.inv.Monitoring, m)
	return m
}

// eventRules reads ListRules of EventBridge: patterns of rules that are switched on.
func (r *reader) eventRules(_, n *model.Node) bool {
	if !slices.ContainsFunc(n.Values(), func(rule *model.Node) bool { return rule.Get("EventBusName").Is() || rule.Get("EventPattern").Is() }) {
		return false
	}
	patterns := []string{}
	for _, rule := range n.Values() {
		// A rule that is switched off watches nothing, however good its pattern is.
		if rule.Get("State").Text().Or("ENABLED") == "ENABLED" && rule.Get("EventPattern").Is() {
			patterns = append(patterns, rule.Get("EventPattern").Text().V)
		}
	}
	r.monitoring(n).Rules = model.Of(patterns)
	return true
}

// selectors reads GetEventSelectors: are management write events logged?
func (r *reader) selectors(doc, n *model.Node) bool {
	if doc.Get("TrailARN") == nil {
		return false
	}
	logs := false
	for _, s := range n.Values() {
		if t := s.Get("ReadWriteType").Text(); t.Known() {
			// Both defaults are CloudTrail's: a selector without them logs
			// management events, reads and writes. Source: CloudTrail API reference,
			// EventSelector.
			logs = logs || t.V != "ReadOnly" && s.Get("IncludeManagementEvents").Flag().Or(true)
		}
		management, onlyRead := false, false
		for _, f := range s.Get("FieldSelectors").Values() {
			equals := f.Get("Equals").Strings().V
			management = management || f.Get("Field").Text().V == "eventCategory" && slices.Contains(equals, "Management")
			onlyRead = onlyRead || f.Get("Field").Text().V == "readOnly" && slices.Equal(equals, []string{"true"})
		}
		logs = logs || management && !onlyRead
	}
	r.monitoring(doc).Logging = model.Of(logs)
	return true
}

// recorders reads DescribeConfigurationRecorders.
func (r *reader) recorders(_, n *model.Node) bool {
	recorded := false
	for _, rec := range n.Values() {
		group := rec.Get("recordingGroup")
		types := group.Get("resourceTypes").Strings().V
		excluded := group.Path("exclusionByResourceTypes", "resourceTypes").Strings().V
		// AWS Config has three ways to say it: everything, a list, everything but a
		// list.
		all := group.Get("allSupported").Flag().V || group.Path("recordingStrategy", "useOnly").Text().V == "EXCLUSION_BY_RESOURCE_TYPES"
		recorded = recorded || (all || slices.Contains(types, "AWS::CodeBuild::Project")) && !slices.Contains(excluded, "AWS::CodeBuild::Project")
	}
	r.monitoring(n).Recorded = model.Of(recorded)
	return true
}

// github reads an answer of GitHub's REST API that is one object.
func (r *reader) github(n *model.Node) bool {
	switch {
	// In this order: a repository holds an owner, and thereby a login further down,
	// but not on top.
	case n.Get("login").Is() && n.Get("id").Is():
		r.contributor(n)
	case n.Get("full_name").Is() && n.Get("private").Is():
		r.settings.repository(n)
	case n.Get("approval_policy").Is():
		r.inv.Forks[""] = n.Get("approval_policy").Text().V
	case n.Get("repository").Is() && n.Get("fork_pr_contributor_approval").Is():
		r.inv.Forks[n.Get("repository").Text().V] = n.Get("fork_pr_contributor_approval").Text().V
	case n.Get("config").Is() && n.Get("events").Is():
		r.hook(n)
	default:
		return false
	}
	return true
}

// githubList reads a list of hooks, members or fine-grained tokens.
func (r *reader) githubList(list *model.Node) bool {
	known := false
	for _, n := range list.Items {
		if !n.Is() || n.Fields == nil {
			continue
		}
		if n.Get("repository_selection").Is() && n.Get("permissions").Is() {
			r.grant(n)
			known = true
			continue
		}
		known = r.github(n) || known
	}
	return known
}

// contributor reads a user of GitHub, with what they may do where the answer tells it.
func (r *reader) contributor(n *model.Node) {
	c := &model.Contributor{At: n.At, ID: n.Get("id").Text(), Login: n.Get("login").Text(), Type: n.Get("type").Text(), Gone: n.Get("gone").Flag()}
	if p := n.Get("permissions"); p.Is() {
		c.Writer = p.Get("push").Flag()
	}
	r.inv.Contributors = append(r.inv.Contributors, c)
}

// hook reads a webhook as GitHub has it. Without a secret anybody can deliver to it, which
// is as bad as a certificate that nobody checks.
func (r *reader) hook(n *model.Node) {
	h := &model.Hook{At: n.At, URL: n.Path("config", "url").Text(), Active: n.Get("active").Flag(), Events: n.Get("events").Strings()}
	insecure := n.Path("config", "insecure_ssl").Text()
	h.Insecure = model.Value[bool]{State: insecure.State, V: insecure.V == "1" || !n.Path("config", "secret").Is(), At: n.At}
	if _, rest, ok := strings.Cut(n.Get("url").Text().V, "/repos/"); ok {
		if parts := strings.SplitN(rest, "/", 3); len(parts) > 1 {
			h.Repo = parts[0] + "/" + parts[1]
		}
	}
	r.inv.Hooks = append(r.inv.Hooks, h)
}

// grant reads what an organisation says about a fine-grained token.
func (r *reader) grant(n *model.Node) {
	perms := map[string]string{}
	for _, group := range []string{"organization", "repository", "other"} {
		if p := n.Path("permissions", group); p.Is() {
			for k, v := range p.Fields {
				// The three groups have no permission name in common.
				perms[k] = v.Text().V
			}
		}
	}
	r.inv.Tokens = append(r.inv.Tokens, &model.Token{At: n.At, For: n.Get("token_name").Text().V, Kind: model.Of("fine-grained"), Permissions: model.Of(perms),
		Selection: n.Get("repository_selection").Text(), Expires: n.Get("token_expires_at").Time(), LastUsed: n.Get("token_last_used_at").Time(), Evidence: "organization"})
}

// parameters tells DescribeParameters from GetParameters, whose values are never
// taken, and from templates of other tools that have a member of this name.
func (r *reader) parameters(_, n *model.Node) bool {
	known := n.List && len(n.Items) == 0
	for _, p := range n.Values() {
		if n.List && p.Get("Name").Is() && p.Get("Type").Is() {
			r.parameter(p)
			known = true
		}
	}
	return known
}

// parameter reads one of DescribeParameters.
func (r *reader) parameter(n *model.Node) {
	r.inv.Parameters = append(r.inv.Parameters, &model.StoredParameter{At: n.At, ARN: n.Get("ARN").Text(), Name: n.Get("Name").Text(), Type: n.Get("Type").Text(),
		Changed: n.Get("LastModifiedDate").Time(), Key: n.Get("KeyId").Text()})
}
