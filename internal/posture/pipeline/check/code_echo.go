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
	secret := func(spec *buildspec.Spec, name string) bool {
		return fromStore[name] || slices.Contains(spec.Secret, name)
	}
	hits := s.perStep(func(spec *buildspec.Spec, c buildspec.Command, i int, hit func(string)) {
		if len(spec.Secret)+len(fromStore) == 0 {
			return
		}
		step := c.Steps[i]
		switch name := step.Name(); {
		case name == "set" && (step.Has("-x") || step.Has("-ex") || step.Has("-xe") || step.Has("-eux") || step.Has("xtrace")):
			hit("set -x prints every command with its secrets")
		case (name == "bash" || name == "sh") && step.Has("-x"):
			hit(name + " -x prints every command with its secrets")
		case (name == "env" || name == "printenv" || name == "export" && step.Has("-p")) && len(step.Words) <= 2 && step.Then != "|":
			hit(name + " prints every variable")
		case name == "echo" || name == "printf":
			for _, w := range step.Words {
				for _, v := range w.Vars {
					if secret(spec, v.Name) && step.Then != "|" {
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
	for _, name := range spec.Exported {
		if secret(spec, name) {
			hits = append(hits, Hit{At: model.Location{File: at.File, Line: at.Line, Path: at.Path}, Words: map[string]string{"what": name + " is exported to later stages in plain text", "phase": "env"}})
		}
	}
	return hits
}
