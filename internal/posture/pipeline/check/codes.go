package check

import (
	"path"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// codes are the checks that parse something, by the name a check's file calls
// them.
var codes = map[string]func(*Subject) []Hit{
	"plaintext-secrets":  plaintextSecrets,
	"image-mutable":      imageMutable,
	"failures-swallowed": failuresSwallowed,
	"unpinned-download":  unpinnedDownload,
	"secret-echoed":      secretEchoed,
	"unquoted-webhook":   unquotedWebhook,
	"workflow-overrides": workflowOverrides,
}

// spec is the buildspec of the subject's project with where its lines stand, or a
// hit that says why there is none. A project without code has neither.
func (s *Subject) spec() (*buildspec.Spec, model.Location, *Hit) { return s.owner.spec() }

// buildspec parses what a project runs: the text in its definition, or the one file given
// that its path can mean. A file that was not given leaves the checks undecided.
func (s *Scene) buildspec(p *model.Project) (*buildspec.Spec, model.Location, *Hit) {
	b := p.Source.Buildspec
	at := b.At
	text := ""
	switch {
	case b.Unknown():
		return nil, at, &Hit{Unknown: "the buildspec is not known: " + b.Why}
	case p.Source.Type.V == "NO_SOURCE" && b.Absent():
		return nil, at, nil
	case b.Known() && specKind(b.V.Reveal()) == "inline":
		text = b.V.Reveal()
	default:
		file, why := s.specFile(b.Or(model.Hide("buildspec.yml")).Reveal())
		if file == "" {
			return nil, at, &Hit{Unknown: why}
		}
		text = s.Inventory.Buildspecs[file].Reveal()
		at = model.Location{File: file}
	}
	spec, err := s.parse(text)
	if err != nil {
		return nil, at, &Hit{Unknown: err.Error()}
	}
	return spec, at, nil
}

// parse parses a buildspec once, however many projects have the same.
func (s *Scene) parse(text string) (*buildspec.Spec, error) {
	type result struct {
		spec *buildspec.Spec
		err  error
	}
	if r, ok := s.specs.Load(text); ok {
		return r.(result).spec, r.(result).err
	}
	spec, err := buildspec.Parse(text)
	s.specs.Store(text, result{spec, err})
	return spec, err
}

// specFile finds the one buildspec file given that ends in the path; several that
// do are of several projects, and which is which cannot be told.
func (s *Scene) specFile(name string) (file, why string) {
	if name == "" {
		name = "buildspec.yml"
	}
	for f := range s.Inventory.Buildspecs {
		slash := strings.ReplaceAll(f, `\`, "/")
		// The files were given from any folder, so only their ends can be compared.
		if slash != name && !strings.HasSuffix(slash, "/"+path.Clean(name)) {
			continue
		}
		if file != "" {
			return "", "several buildspec files end in " + name
		}
		file = f
	}
	if file == "" {
		return "", "the buildspec file " + name + " was not given"
	}
	return file, ""
}

// place is where a line of the buildspec stands. Of an inline one only the
// project's own place is known: its lines are those of a string.
func (s *Subject) place(at model.Location, line int) model.Location {
	if at.Path == "" && at.File != "" && s.owner.Project.Source.Buildspec.At != at {
		at.Line = line
	}
	return at
}

// perStep runs f over every simple command of the buildspec.
func (s *Subject) perStep(f func(spec *buildspec.Spec, c buildspec.Command, i int, hit func(what string))) []Hit {
	spec, at, missing := s.spec()
	if missing != nil {
		return []Hit{*missing}
	}
	if spec == nil {
		return nil
	}
	var hits []Hit
	seen := map[string]bool{}
	for _, c := range spec.Commands {
		for i := range c.Steps {
			f(spec, c, i, func(what string) {
				key := c.Phase + what
				// The same thing in one phase is told once, and no buildspec fills a report.
				if seen[key] || len(hits) >= 20 {
					return
				}
				seen[key] = true
				hits = append(hits, Hit{At: s.place(at, c.Line), Words: map[string]string{"what": what, "phase": c.Phase}})
			})
		}
	}
	return hits
}

// word is the i-th word of a command, 0 being its name, "" where there is none.
func word(step buildspec.Step, i int) string {
	if i < len(step.Words) {
		return step.Words[i].Text
	}
	return ""
}

// scanners are programs whose verdict is a gate.
// Whether a scanner is set up to find anything, and whether its exit code counts, is
// not told by its name.
var scanners = []string{"ash", "semgrep", "opengrep", "checkov", "trivy", "grype", "gitleaks", "trufflehog", "bandit", "cfn-nag", "cfn_nag_scan", "snyk", "osv-scanner",
	"detect-secrets", "tfsec", "kics", "zizmor", "poutine", "govulncheck", "pip-audit", "safety"}

// scans says whether a command is a scanner at work.
func scans(s buildspec.Step) bool {
	name := s.Name()
	return slices.Contains(scanners, name) || name == "npm" && s.Has("audit") || (name == "python" || name == "python3") && s.Has("-m") && s.Has("bandit")
}

// builds says whether a command runs code of the repository or of its
// dependencies.
// npm install runs the scripts of every dependency, pip install that of the package,
// docker build the Dockerfile: each is the repository's code or a stranger's.
func builds(s buildspec.Step) bool {
	switch s.Name() {
	case "make", "mvn", "gradle", "gradlew", "ant", "sbt", "bazel", "rake", "tox", "pytest":
		return true
	case "npm", "yarn", "pnpm":
		return s.Has("install") || s.Has("ci") || s.Has("run") || s.Has("test") || s.Has("build")
	case "pip", "pip3":
		return s.Has("install") && (s.Has(".") || s.Has("-r") || s.Has("-e"))
	case "docker":
		return s.Has("build")
	case "go":
		return s.Has("generate") || s.Has("test")
	}
	return false
}
