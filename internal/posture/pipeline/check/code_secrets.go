package check

import (
	"slices"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/secret"
)

// plaintextSecrets finds credentials in environment variables and buildspecs. It
// says what kind stands where, and never what it is.
func plaintextSecrets(s *Subject) []Hit {
	p := s.owner.Project
	var hits []Hit
	add := func(at model.Location, where, kind string) {
		hits = append(hits, Hit{At: at, Words: map[string]string{"where": where, "kind": kind}})
	}
	if p.Env.Variables.Unknown() {
		hits = append(hits, Hit{Unknown: "the environment variables are not known: " + p.Env.Variables.Why})
	}
	for _, v := range p.Env.Variables.Or(nil) {
		if v.Value.Unknown() && v.Type.Or("PLAINTEXT") == "PLAINTEXT" {
			hits = append(hits, Hit{At: v.At, Unknown: "the value of " + v.Name.V + " is not known: " + v.Value.Why})
		}
		if kind := variableKind(v); kind != "" {
			add(v.At, "the variable "+v.Name.V, kind)
		}
	}
	spec, at, _ := s.spec()
	if spec == nil {
		return hits
	}
	var names []string
	for name := range spec.Variables {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if kind := secret.Kind(name, spec.Variables[name]); kind != "" {
			add(s.place(at, 0), "the buildspec's variable "+name, kind)
		}
	}
	for _, c := range spec.Commands {
		if kind := secret.Form(c.Text); kind != "" {
			add(s.place(at, c.Line), "a command of the phase "+c.Phase, kind)
		}
	}
	return hits
}
