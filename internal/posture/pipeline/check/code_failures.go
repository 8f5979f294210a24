package check

import (
	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
)

// failuresSwallowed finds commands whose failure is thrown away, phases that go on
// after one, scanners that run only after code of the repository did, and builds
// that nothing scans.
func failuresSwallowed(s *Subject) []Hit {
	// perStep goes over the commands in the order in which they run.
	ran, gate := "", false
	hits := s.perStep(func(_ *buildspec.Spec, c buildspec.Command, i int, hit func(string)) {
		step := c.Steps[i]
		if step.Then == "||" && i+1 < len(c.Steps) {
			switch next := c.Steps[i+1]; {
			// An echo counts only when nothing follows it: "|| echo failed && exit
			// 1" does fail.
			case next.Name() == "true" || next.Name() == ":" || next.Name() == "echo" && i+2 == len(c.Steps):
				hit("a failure of " + step.Name() + " is thrown away")
			case next.Name() == "exit" && word(next, 1) == "0":
				hit("a failure of " + step.Name() + " ends in success")
			}
		}
		if step.Name() == "set" && (step.Has("+e") || step.Has("+o") && step.Has("errexit")) {
			hit("set +e throws away what fails after it")
		}
		gate = gate || scans(step)
		if scans(step) && ran != "" {
			hit(step.Name() + " looks only after " + ran + " has run code of the repository")
		}
		// Only the first command that runs code is kept: whatever comes behind it
		// may already have been tampered with.
		if builds(step) && ran == "" {
			ran = step.Name()
		}
	})
	spec, at, _ := s.spec()
	if spec == nil {
		return hits
	}
	if !gate && ran != "" && !s.scannedElsewhere() {
		hits = append(hits, Hit{At: s.place(at, 0), Words: map[string]string{"what": "nothing looks at the code before " + ran + " runs it: no scanner is among its commands", "phase": "build"}})
	}
	for _, p := range spec.Continue {
		hits = append(hits, Hit{At: s.place(at, p.Line), Words: map[string]string{"what": "the phase " + p.Name + " goes on after a failure", "phase": p.Name}})
	}
	return hits
}

// scannedElsewhere says whether the code is declared to be scanned by something
// else, or a pipeline that builds the project has a test action.
func (s *Subject) scannedElsewhere() bool {
	if s.owner.declared.Scanned == "elsewhere" {
		return true
	}
	for _, p := range s.owner.pipes {
		for _, st := range p.Stages.V {
			for _, a := range st.Actions.V {
				if a.Category.V == "Test" {
					return true
				}
			}
		}
	}
	return false
}
