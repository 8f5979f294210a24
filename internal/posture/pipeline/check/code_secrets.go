package check

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/secret"
)

// plaintextSecrets finds credentials in the variables of projects, pipelines and
// builds, and in buildspecs. It says what kind stands where, and never what it is:
// not even a hash, for a short one of a weak password lets the reader guess it.
func plaintextSecrets(s *Subject) []Hit {
	switch data := s.data.(type) {
	case *model.Pipeline:
		return s.handed(data)
	case *model.Build:
		return s.overridden(data)
	}
	p := s.owner.Project
	var hits []Hit
	if p.Env.Variables.Unknown() {
		hits = append(hits, Hit{Unknown: "the environment variables are not known: " + p.Env.Variables.Why})
	}
	for _, v := range p.Env.Variables.Or(nil) {
		// Of the other types the value is a name, and not to know it is no doubt
		// about plain text.
		if v.Value.Unknown() && v.Type.Or("PLAINTEXT") == "PLAINTEXT" {
			hits = append(hits, Hit{At: v.At, Unknown: "the value of " + v.Name.V + " is not known: " + v.Value.Why})
		}
		if kind := s.scene.SecretKind(v); kind != "" {
			hits = append(hits, plainHit(v.At, "the variable "+v.Name.V, kind))
		}
	}
	spec, at, _ := s.spec()
	if spec == nil {
		return hits
	}
	// In order of name, so that findings stand in one order.
	var names []string
	for name := range spec.Variables {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if kind := s.scene.secretIn(name, spec.Variables[name]); kind != "" {
			hits = append(hits, plainHit(s.place(at, 0), "the buildspec's variable "+name, kind))
		}
	}
	for _, c := range spec.Commands {
		// The form of a credential (AKIA…, ghp_…) gives it away wherever it stands;
		// a password only the name it is assigned to.
		if kind := secret.Form(c.Text); kind != "" {
			hits = append(hits, plainHit(s.place(at, c.Line), "a command of the phase "+c.Phase, kind))
			continue
		}
		// One a command: a line of exports would else be told many times.
		for name, value := range assigned(c) {
			if kind := s.scene.secretIn(name, value); kind != "" {
				hits = append(hits, plainHit(s.place(at, c.Line), "a command of the phase "+c.Phase+", under the name "+name, kind))
				break
			}
		}
	}
	return hits
}

// plainHit names the place and the kind of credential, never its text.
func plainHit(at model.Location, where, kind string) Hit {
	return Hit{At: at, Words: map[string]string{"where": where, "kind": kind}}
}

// assigned are the variables that a command sets to a text of its own.
func assigned(c buildspec.Command) func(yield func(name, value string) bool) {
	return func(yield func(string, string) bool) {
		for _, step := range c.Steps {
			for _, w := range step.Words {
				name, value, ok := strings.Cut(w.Text, "=")
				// What is computed when the build runs is not written down here.
				if ok && len(w.Vars) == 0 && !strings.Contains(value, "$(") && !strings.HasPrefix(name, "-") && !yield(name, value) {
					return
				}
			}
		}
	}
}

// handed finds credentials that a pipeline hands to its builds.
func (s *Subject) handed(p *model.Pipeline) []Hit {
	var hits []Hit
	for _, st := range p.Stages.V {
		for _, a := range st.Actions.V {
			for _, v := range a.Plain {
				if kind := s.scene.SecretKind(v); kind != "" {
					hits = append(hits, plainHit(v.At, "the variable "+v.Name.V+" of the action "+a.Name.V, kind))
				}
			}
		}
	}
	return hits
}

// overridden finds credentials that somebody gave one build in place of what its
// project has: the record of the build keeps them.
func (s *Subject) overridden(b *model.Build) []Hit {
	var hits []Hit
	for _, v := range b.Env.Variables.Or(nil) {
		own := s.owner != nil && slices.ContainsFunc(s.owner.Project.Env.Variables.Or(nil), func(p model.Variable) bool {
			return p.Name.V == v.Name.V && p.Value.V.Reveal() == v.Value.V.Reveal()
		})
		if kind := s.scene.SecretKind(v); kind != "" && !own {
			hits = append(hits, plainHit(v.At, "the variable "+v.Name.V+" of the build "+b.ID.V, kind))
		}
	}
	return hits
}
