// Package runner writes the runner alternative of a project that builds pull
// requests: a project that only hands machines to GitHub Actions jobs, and the
// workflow that uses it. GitHub then decides whose workflows run, and the job gets
// a token that can read and nothing else.
package runner

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// Plan is what replaces a project.
type Plan struct {
	Name           string // of the runner project
	CloudFormation string
	Terraform      string
	Workflow       string
	Notes          []string // what a person must decide or carry over
}

// plain is a name that needs no care in a label or a pattern.
// The name goes into a label of the workflow, where GitHub would read ${{ as an
// expression, and whoever makes projects chooses it. It is held shorter than
// CodeBuild's 255 characters for what the label adds.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{1,120}$`)

// For draws the plan. Only projects of GitHub can have one. Nothing that the old
// project holds as a secret or a role is carried over: a runner is reachable by
// every job.
func For(p *model.Project) (*Plan, error) {
	if t := p.Source.Provider(); t != "GITHUB" && t != "GITHUB_ENTERPRISE" {
		return nil, fmt.Errorf("%s is a project of %s: runners of this kind exist for GitHub", p.Name.V, strings.ToLower(t))
	}
	name := p.Name.V + "-runner"
	if !plain.MatchString(name) {
		return nil, fmt.Errorf("the name of the project cannot be part of a runner's label")
	}
	if !p.Source.Location.Known() {
		return nil, fmt.Errorf("the repository of %s is not known", p.Name.V)
	}
	plan := &Plan{Name: name}
	// The image is all that is kept of the environment: what builds need is in it,
	// and nothing of it is secret.
	image := p.Env.Image.Or("aws/codebuild/standard:7.0")
	plan.CloudFormation = fmt.Sprintf(cloudFormation, q(name), q(p.Source.Location.V), q(image))
	plan.Terraform = fmt.Sprintf(terraform, hcl(name), hcl(p.Source.Location.V), hcl(image))
	plan.Workflow = plan.workflow(p)
	plan.note(p)
	return plan, nil
}

func (plan *Plan) workflow(p *model.Project) string {
	steps := "      - run: make # put the build here\n"
	// Commands are taken over only where the buildspec stands in the project and
	// sets no variables: a file of the repository is the author's, and a variable
	// may be the secret that this plan leaves behind.
	if b := p.Source.Buildspec; b.Known() && strings.Contains(b.V.Reveal(), "\n") {
		if spec, err := buildspec.Parse(b.V.Reveal()); err == nil && len(spec.Commands) > 0 && len(spec.Variables) == 0 {
			steps = ""
			for _, c := range spec.Commands {
				steps += "      - run: " + q(c.Text) + "\n"
			}
		}
	}
	return fmt.Sprintf(workflow, plan.Name, steps)
}

func (plan *Plan) note(p *model.Project) {
	add := func(format string, args ...any) { plan.Notes = append(plan.Notes, fmt.Sprintf(format, args...)) }
	// This comes first because it must be done first: from the moment at which the
	// runner exists a stranger's pull request may wait for it.
	add("set GitHub's approval of fork pull request workflows to all external contributors before the runner exists")
	add("remove the webhook of %s once the workflow has run", p.Name.V)
	add("the runner's role may write its own log and nothing else; give a job what it needs by OpenID Connect, per branch")
	if n := len(p.Env.Variables.Or(nil)); n > 0 {
		add("%d environment variables were left out: every job would read them", n)
	}
	if p.Env.Privileged.Or(false) {
		add("privileged mode was left out: build images on a docker server or a hosted runner")
	}
	if p.VPC.Known() {
		add("the VPC configuration was left out: decide which network jobs of strangers may reach")
	}
}

func q(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(data)
}

// JSON's quoting is HCL's but for the two beginnings of a template, which would be
// evaluated.
func hcl(s string) string { return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(q(s)) }
