package pipeline

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// reaches lists what code in a build of the project can use. How strong a thing
// is the findings say: the graph and the checks cannot disagree.
// Strong is a finding, unsure a doubt of the same check, and neither of them says
// that the thing was looked at and found in order.
func (a *assembler) reaches(j *check.Judged, found []Finding, doubts []Doubt) []Reach {
	p := j.Project
	out := []Reach{}
	mark := func(kind, name, detail string, checks ...string) {
		r := Reach{Kind: kind, Name: name, Detail: detail}
		r.Strong = slices.ContainsFunc(found, func(f Finding) bool { return slices.Contains(checks, f.Check) })
		r.Unsure = !r.Strong && slices.ContainsFunc(doubts, func(d Doubt) bool { return slices.Contains(checks, d.Check) })
		out = append(out, r)
	}
	said := func(check string) string {
		for _, f := range found {
			if f.Check == check {
				return f.Says
			}
		}
		return ""
	}
	if p.Role.Known() {
		detail := said("PG-RO-01")
		if detail == "" {
			detail = said("PG-RO-03")
		}
		mark("role", model.LastPart(p.Role.V), detail, "PG-RO-01", "PG-RO-03")
	}
	for _, v := range p.Env.Variables.Or(nil) {
		switch kind := v.Type.Or("PLAINTEXT"); {
		case kind != "PLAINTEXT":
			mark("secret", v.Name.V, "from "+strings.ToLower(strings.ReplaceAll(kind, "_", " ")), "PG-CR-13")
		// A plain variable is listed only if its name or value looks like a secret.
		// The value itself never leaves the scene.
		case a.scene.SecretKind(v) != "":
			out = append(out, Reach{Kind: "secret", Name: v.Name.V, Detail: "in plain text", Strong: true})
		}
	}
	// NO_SOURCE fetches nothing, and the other three are fetched with the service
	// role, which is listed already.
	if t := p.Source.Type.V; t != "" && t != "NO_SOURCE" && t != "S3" && t != "CODEPIPELINE" && t != "CODECOMMIT" {
		detail := said("PG-CR-01")
		if detail == "" {
			detail = said("PG-CR-07")
		}
		mark("token", "the token that fetches from "+t, detail, "PG-CR-01", "PG-CR-07", "PG-CR-05")
		last := &out[len(out)-1]
		// Nothing at all about the token is no proof that it is weak.
		last.Unsure = !last.Strong && !a.scene.TokenKnown(j)
	}
	network := "the internet"
	if p.VPC.Known() {
		network = "the VPC " + p.VPC.V.ID.V
	}
	mark("network", network, "", "PG-EN-01", "PG-EN-02")
	if p.Env.Privileged.Or(false) {
		out = append(out, Reach{Kind: "machine", Name: "the machine it builds on", Detail: "privileged mode", Strong: true})
	}
	if p.Cache.Type.V == "S3" {
		mark("cache", p.Cache.Location.V, said("PG-EN-06"), "PG-EN-06")
	}
	for _, art := range p.Artifacts.Or(nil) {
		if art.Type.V == "S3" {
			mark("artifact", art.Location.V, "", "PG-LG-03")
		}
	}
	return out
}

// attack joins a project's findings into one path, if people without write access
// can make it run code and that code reaches something worth having.
func attack(p Project) (Path, bool) {
	if p.Verdict != trust.Anyone && p.Verdict != trust.Readers {
		return Path{}, false
	}
	who := "anyone"
	if p.Verdict == trust.Readers {
		who = "whoever may read the repository"
	}
	if p.Witness != "" {
		who += " (account " + p.Witness + " for one)"
	}
	// High for code that runs at all next to something; critical as soon as one
	// thing it reaches is known to be strong or the machine is privileged.
	path := Path{Project: p.Name, Severity: "high", Steps: []string{who, p.Why}}
	build := "a build of " + p.Name
	for _, r := range p.Reaches {
		if r.Kind == "machine" {
			build = "a privileged build of " + p.Name
		}
	}
	path.Steps = append(path.Steps, build)
	for _, r := range p.Reaches {
		if r.Strong && r.Kind != "machine" && r.Kind != "network" {
			step := r.Kind + " " + r.Name
			if r.Detail != "" {
				step += ": " + strings.TrimSuffix(r.Detail, ".")
			}
			path.Steps = append(path.Steps, step)
			path.Severity = "critical"
		}
	}
	if len(path.Steps) == 3 && build == "a build of "+p.Name {
		return Path{}, false // a free computer, and the finding says so
	}
	if strings.HasPrefix(build, "a privileged") {
		path.Severity = "critical"
	}
	// These are the checks whose repair would break the path, so that closing the
	// ones named is enough to be sure of it. A check about logs or reviews may be
	// right and cuts nothing.
	joined := []string{"PG-WH-01", "PG-WH-02", "PG-WH-03", "PG-WH-04", "PG-WH-05", "PG-WH-08", "PG-WH-13", "PG-EN-04", "PG-CR-01", "PG-CR-02", "PG-CR-05", "PG-CR-07", "PG-CR-08", "PG-CR-13",
		"PG-RO-01", "PG-RO-03", "PG-EN-06"}
	for _, f := range p.Findings {
		if slices.Contains(joined, f.Check) && !slices.Contains(path.Checks, f.Check) {
			path.Checks = append(path.Checks, f.Check)
		}
	}
	return path, true
}
