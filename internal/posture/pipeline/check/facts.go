package check

import (
	"path"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/grant"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/secret"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// buildspecKind says who writes the buildspec: repository (a path or none, thus
// whoever writes the branch that is built), inline, s3.
func (s *Scene) buildspecKind(p *model.Project) any {
	b := p.Source.Buildspec
	switch {
	case b.Unknown():
		return s.r.unknown(b.Why)
	case p.Source.Type.Unknown():
		return s.r.unknown(p.Source.Type.Why)
	// Without the member CodeBuild reads buildspec.yml from the root of the source.
	case b.Absent():
		return "repository"
	}
	return specKind(b.V.Reveal())
}

// specKind tells what stands in the member buildspec, which the API uses for three things.
// Source: CodeBuild API reference, ProjectSource, buildspec.
func specKind(text string) string {
	switch {
	case strings.Contains(text, "\n") || strings.HasPrefix(strings.TrimSpace(text), "version") || strings.HasPrefix(strings.TrimSpace(text), "{"):
		return "inline"
	case strings.HasPrefix(text, "arn:") && strings.Contains(text, ":s3:::"):
		return "s3"
	}
	return "repository"
}

// buildspecBucket is what is wrong with the bucket of the buildspec: "" nothing,
// null when the buildspec is not in one.
func (s *Scene) buildspecBucket(o *owner) any {
	b := o.Project.Source.Buildspec
	if !b.Known() || specKind(b.V.Reveal()) != "s3" {
		return nil
	}
	arn := b.V.Reveal()
	_, path, _ := strings.Cut(arn, ":s3:::")
	name, _, _ := strings.Cut(path, "/")
	// Asked first and without the bucket: what the role may do decides even where
	// nothing was given about the bucket.
	switch s.grant(o.Role).On("s3:PutObject", arn) {
	case grant.Yes:
		return "the build's own role can rewrite it"
	case grant.Unknown:
		return s.unknown("whether the role can write to the bucket is not known: %s", s.grant(o.Role).Hole())
	}
	bucket := s.buckets[name]
	if bucket == nil {
		return s.unknown("nothing was given about the bucket %s", name)
	}
	// An answer that does not tell is no evidence against the bucket.
	if !bucket.Versioned.Or(true) {
		return "the bucket keeps no versions"
	}
	return ""
}

// publicBucket is absent for a bucket that was not given.
func (s *Scene) publicBucket(a model.Artifact) model.Value[bool] {
	if b := s.buckets[model.Scoped(a.Location.V, a.At)]; b != nil {
		return b.Public
	}
	return model.Value[bool]{}
}

// anyArtifact asks a question of each artifact: yes if any says so, else unknown if any
// cannot tell.
func anyArtifact(s *Scene, p *model.Project, f func(model.Artifact) model.Value[bool]) any {
	if p.Artifacts.Unknown() {
		return s.r.unknown(p.Artifacts.Why)
	}
	var unknown any
	for _, a := range p.Artifacts.V {
		v := f(a)
		if v.Or(false) {
			return true
		}
		if v.Unknown() {
			unknown = s.r.unknown(v.Why)
		}
	}
	if unknown != nil {
		return unknown
	}
	return false
}

// cacheShared names another project on the other side of trust that writes to the
// same S3 cache, "" for none.
func (s *Scene) cacheShared(o *owner) any {
	c := o.Project.Cache
	if c.Type.Unknown() || c.Location.Unknown() {
		return s.unknown("the cache is not known: %s", c.Type.Why+c.Location.Why)
	}
	if c.Type.V != "S3" {
		return ""
	}
	for _, other := range s.caches[c.Location.V+"#"+c.Namespace.V] {
		// Two open projects may poison each other's cache and gain nothing that they
		// had not.
		if other != o && (other.isOpen() != o.isOpen() || other.Purpose != o.Purpose) {
			return other.name()
		}
	}
	return ""
}

// publicSubnets are those that are known to be public; unknown only where none is.
func (s *Scene) publicSubnets(p *model.Project) any {
	if !p.VPC.Known() {
		return []string{}
	}
	out := []string{}
	var unknown any
	for _, id := range p.VPC.V.Subnets.V {
		switch n := s.subnets[id]; {
		case n == nil:
			unknown = s.unknown("the subnet %s was not given", id)
		case n.Public.Unknown():
			unknown = s.r.unknown(n.Public.Why)
		case n.Public.V:
			out = append(out, id)
		}
	}
	if len(out) == 0 && unknown != nil {
		return unknown
	}
	return out
}

// retention is how many days logs are kept, 0 for ever, unknown without the group.
func (s *Scene) retention(p *model.Project) any {
	name := p.Logs.Group.Or("")
	if name == "" {
		name = "/aws/codebuild/" + p.Name.V
	}
	g := s.logs[model.Scoped(name, p.At)]
	if g == nil {
		return s.unknown("the log group %s was not given", name)
	}
	return or(s.r, g.Retention, 0)
}

// SecretKind says what sort of credential stands in a variable in plain text, ""
// for none and for names that are declared to hold none.
func (s *Scene) SecretKind(v model.Variable) string {
	if t := v.Type.Or("PLAINTEXT"); t != "PLAINTEXT" {
		return ""
	}
	return s.secretIn(v.Name.V, v.Value.V.Reveal())
}

// secretIn is secret.Kind but for what pipelines.yaml declares to be no secret.
func (s *Scene) secretIn(name, value string) string {
	for _, pattern := range s.Settings.NotSecret {
		if ok, err := path.Match(pattern, name); err == nil && ok {
			return ""
		}
	}
	return secret.Kind(name, value)
}

// plainSecrets are the names of variables that hold a credential in plain text.
func (s *Scene) plainSecrets(p *model.Project) []string {
	var out []string
	for _, v := range p.Env.Variables.Or(nil) {
		if s.SecretKind(v) != "" {
			out = append(out, v.Name.V)
		}
	}
	return out
}

// releaseSecrets are secrets of an open project that a closed one uses too, or
// that its role can read along with every other.
func (s *Scene) releaseSecrets(o *owner) any {
	out := []string{}
	if !o.isOpen() {
		return out
	}
	for _, ref := range s.secretRefs(o) {
		for _, other := range s.sharedBy[ref] {
			if other != o && (!other.isOpen() || other.Purpose == "release" || other.Purpose == "deploy") {
				out = append(out, ref+" (also of "+other.name()+")")
				break
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	switch s.grant(o.Role).Everywhere("secretsmanager:GetSecretValue") {
	case grant.Yes:
		return []string{"every secret of the account"}
	case grant.Unknown:
		if o.Project.Role.Absent() && o.Role == nil {
			return out
		}
		return s.unknown("which secrets its role can read is not known: %s", s.grant(o.Role).Hole())
	}
	return out
}

// projectAdmin is what makes the project's role too strong, see admin.
func (s *Scene) projectAdmin(o *owner) any {
	if o.Role == nil {
		return s.unknown("the role was not given")
	}
	return s.admin(o.Role)
}

// dynamicOutside says whether a CloudFormation reference stands where only
// CloudFormation would resolve it.
func dynamicOutside(p *model.Project) bool {
	if p.Form == model.CloudFormation {
		return false
	}
	texts := []string{p.Source.AuthFrom.V, p.Env.Registry.V, p.Source.Location.V}
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, "{{resolve:") })
}

// hasApproval says whether a person must approve somewhere in the pipeline.
func hasApproval(p *model.Pipeline) bool {
	for _, st := range p.Stages.V {
		for _, a := range st.Actions.V {
			if a.Category.V == "Approval" {
				return true
			}
		}
	}
	return false
}

// weaker says whether more people can make the project run code than an earlier
// audit found; false when there was none.
// Verdicts are numbers in the order of how many people get in, see trust.Verdict;
// the baseline knows projects by name only, as it may be of another form.
func (s *Scene) weaker(o *owner) any {
	word, ok := s.Inventory.Baseline[o.name()]
	var before trust.Verdict
	if !ok || before.UnmarshalText([]byte(word)) != nil || before == trust.Unknown {
		return false
	}
	if o.Result.Verdict == trust.Unknown {
		return s.unknown("who can make it run code is not known: %s", o.Result.Why)
	}
	return o.Result.Verdict > before
}

// namedWorkflows says whether every group of a runner names its workflow or
// repository.
func namedWorkflows(p *model.Project) bool {
	for _, g := range p.Webhook.V.Groups.V {
		if !stated(g.Filters.V, model.WorkflowName) && !stated(g.Filters.V, model.Repository) {
			return false
		}
	}
	return true
}
