package check

import (
	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
)

// failuresSwallowed finds commands whose failure is thrown away, phases that go on
// after one, and scanners that run only after code of the repository did.
func failuresSwallowed(s *Subject) []Hit {
	ran := ""
	hits := s.perStep(func(_ *buildspec.Spec, c buildspec.Command, i int, hit func(string)) {
		step := c.Steps[i]
		if step.Then == "||" && i+1 < len(c.Steps) {
			switch next := c.Steps[i+1]; {
			case next.Name() == "true" || next.Name() == ":" || next.Name() == "echo" && i+2 == len(c.Steps):
				hit("a failure of " + step.Name() + " is thrown away")
			case next.Name() == "exit" && word(next, 1) == "0":
				hit("a failure of " + step.Name() + " ends in success")
			}
		}
		if step.Name() == "set" && (step.Has("+e") || step.Has("+o") && step.Has("errexit")) {
			hit("set +e throws away what fails after it")
		}
		if scans(step) && ran != "" {
			hit(step.Name() + " looks only after " + ran + " has run code of the repository")
		}
		if builds(step) && ran == "" {
			ran = step.Name()
		}
	})
	spec, at, _ := s.spec()
	if spec == nil {
		return hits
	}
	for _, p := range spec.Continue {
		hits = append(hits, Hit{At: s.place(at, p.Line), Words: map[string]string{"what": "the phase " + p.Name + " goes on after a failure", "phase": p.Name}})
	}
	return hits
}
