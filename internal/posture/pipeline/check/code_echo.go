package check

import (
	"slices"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// secretEchoed finds commands that write secrets into the build log, and secrets
// that the buildspec exports to later stages.
func secretEchoed(s *Subject) []Hit {
	fromStore := map[string]bool{}
	for _, v := range s.owner.Project.Env.Variables.Or(nil) {
		if v.Type.V == "SECRETS_MANAGER" || v.Type.V == "PARAMETER_STORE" || s.scene.SecretKind(v) != "" {
			fromStore[v.Name.V] = true
		}
	}
	// A variable is one if the buildspec or the project takes it from a store, or if what
	// stands in it looks like one.
	secret := func(spec *buildspec.Spec, name string) bool {
		return fromStore[name] || slices.Contains(spec.Secret, name)
	}
	hits := s.perStep(func(spec *buildspec.Spec, c buildspec.Command, i int, hit func(string)) {
		// A build without secrets prints none.
		if len(spec.Secret)+len(fromStore) == 0 {
			return
		}
		step := c.Steps[i]
		args := step.Args()
		switch name := step.Name(); {
		case name == "set" && (step.Flag('x') || step.Has("xtrace") && step.Has("-o")):
			hit("set -x prints every command with its secrets")
		case slices.Contains(posix, name) && step.Flag('x'):
			hit(name + " -x prints every command with its secrets")
		case step.Then == "|" || step.ToFile(): // whether it reaches the log is up to what comes behind
		case name == "env" && len(args) == 0, name == "printenv" && len(args) == 0, name == "export" && len(args) == 1 && args[0].Text == "-p":
			hit(name + " prints every variable")
		case name == "printenv":
			for _, w := range args {
				if secret(spec, w.Text) {
					hit("printenv prints " + w.Text)
				}
			}
		case name == "echo" || name == "printf":
			for _, w := range args {
				for _, v := range w.Vars {
					if secret(spec, v.Name) {
						hit(name + " prints " + v.Name)
					}
				}
			}
		}
	})
	spec, at, _ := s.spec()
	if spec == nil {
		return hits
	}
	// Exported variables are shown by BatchGetBuilds and the pipeline's console.
	// Source: CodeBuild User Guide, env/exported-variables.
	for _, name := range spec.Exported {
		if secret(spec, name) {
			hits = append(hits, Hit{At: model.Location{File: at.File, Line: at.Line, Path: at.Path}, Words: map[string]string{"what": name + " is exported to later stages in plain text", "phase": "env"}})
		}
	}
	return hits
}
