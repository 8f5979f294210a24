package secret

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// The kinds of reference, in the API's words.
const (
	Stored    = "SECRETS_MANAGER"
	Parameter = "PARAMETER_STORE"
)

// Refs are the secrets and parameters that a project's variables and its buildspec
// take values from, each once, in the order they stand: kind, and name or ARN as
// written but for what follows the name (member, stage, version). spec is nil where
// there is none to read.
func Refs(p *model.Project, spec *buildspec.Spec) []buildspec.Ref {
	var out []buildspec.Ref
	add := func(kind, value string) {
		if ref := (buildspec.Ref{Kind: kind, Name: whole(kind, value)}); ref.Name != "" && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	for _, v := range p.Env.Variables.Or(nil) {
		if v.Type.V == Stored || v.Type.V == Parameter {
			add(v.Type.V, v.Value.V.Reveal())
		}
	}
	if spec != nil {
		for _, ref := range spec.Refs {
			add(ref.Kind, ref.Name)
		}
	}
	return out
}

// whole drops member, stage and version behind a secret's name or ARN, and the
// version or label behind a parameter's. Source: CodeBuild user guide, "Buildspec
// reference", env/secrets-manager and env/parameter-store.
func whole(kind, value string) string {
	keep := 1 // parts between colons that make up the name
	switch {
	case strings.HasPrefix(value, "arn:") && kind == Parameter:
		keep = 6
	case strings.HasPrefix(value, "arn:"):
		keep = 7
	}
	parts := strings.Split(value, ":")
	return strings.Join(parts[:min(keep, len(parts))], ":")
}

// Name is the name within a reference: of an ARN what follows secret: or parameter,
// else the reference itself. A secret's ARN ends in a dash and six characters that
// are no part of the name it was given; they stay.
func Name(ref string) string {
	f := strings.SplitN(ref, ":", 8)
	if f[0] != "arn" || len(f) < 6 {
		return whole("", ref)
	}
	if path, ok := strings.CutPrefix(f[5], "parameter"); ok {
		if strings.Count(path, "/") == 1 { // no hierarchy: the slash is the ARN's own
			return path[1:]
		}
		return path
	}
	if len(f) > 6 {
		return f[6]
	}
	return ref
}

// Names are the names by which references may mean the secret of that name and ARN,
// as Name gives them.
func Names(name, arn string) []string {
	own := Name(arn)
	out := []string{name, own, strings.TrimSuffix(own, suffix(own))}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// Same says whether a reference, by name or ARN, means the secret of that name and
// ARN.
func Same(ref, name, arn string) bool {
	return ref != "" && slices.Contains(Names(name, arn), Name(ref))
}

// suffix is the dash and six characters that Secrets Manager puts behind a name in
// its ARN, "" if they are not there.
func suffix(name string) string {
	if i := len(name) - 7; i > 0 && name[i] == '-' {
		return name[i:]
	}
	return ""
}
