package access

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Primitive is one way from a principal to more than it has. Format:
// docs/formats/access.md.
type Primitive struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"` // a clause after the principal's name
	Target  string   `yaml:"target"`
	Service []string `yaml:"service"` // of service-role: who the role must trust
	Gains   string   `yaml:"gains"`
	Needs   []need   `yaml:"needs"`
	Caveat  string   `yaml:"caveat"` // what a reader should know and what does not make it uncertain
	Unseen  string   `yaml:"unseen"` // what else it takes and evidence of IAM does not show: such a way is never certain

	Source string `yaml:"-"`
}

// need is one action, or one of several; check refuses a need that is both.
type need struct {
	Do   string            `yaml:"do"`
	On   string            `yaml:"on"` // "" is any resource
	With map[string]string `yaml:"with"`
	Any  []need            `yaml:"any"` // one of these is enough
}

// What a primitive acts on, and what it gains.
var (
	targetKinds = []string{"none", "self-user", "self-role", "self-bounded", "own-policy", "own-version", "own-group", "other-group",
		"own-denying-policy", "own-denying-inline", "user", "role", "service-role", "profile-role", "federated-role"}
	gainKinds = []string{"itself", "version", "target", "target-anything", "administrator", "unbounded", "undenied"}
)

// LoadPrimitives reads access/escalation/*.yml of fsys. An error names the file
// and the primitive.
func LoadPrimitives(fsys fs.FS) ([]Primitive, error) {
	names, err := fs.Glob(fsys, "access/escalation/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list primitives: %w", err)
	}
	var out []Primitive
	seen := map[string]bool{}
	for _, name := range names {
		var f struct {
			Source     string      `yaml:"source"`
			Primitives []Primitive `yaml:"primitives"`
		}
		if err := loadYAML(fsys, name, &f); err != nil {
			return nil, err
		}
		for _, p := range f.Primitives {
			p.Source = f.Source
			if err := p.check(); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, p.ID, err)
			}
			if seen[p.ID] {
				return nil, fmt.Errorf("%s: %s: defined twice", name, p.ID)
			}
			seen[p.ID] = true
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("list primitives: no access/escalation/*.yml")
	}
	slices.SortFunc(out, func(a, b Primitive) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// check refuses what would silently never fire.
func (p *Primitive) check() error {
	switch {
	case p.ID == "" || p.Title == "" || p.Source == "":
		return fmt.Errorf("wants an id, a title and the file's source")
	case !slices.Contains(targetKinds, p.Target):
		return fmt.Errorf("target %q is none of %s", p.Target, strings.Join(targetKinds, ", "))
	case !slices.Contains(gainKinds, p.Gains):
		return fmt.Errorf("gains %q is none of %s", p.Gains, strings.Join(gainKinds, ", "))
	case len(p.Needs) == 0:
		return fmt.Errorf("needs nothing")
	case (p.Target == "service-role" || p.Target == "profile-role") != (len(p.Service) > 0):
		return fmt.Errorf("a service goes with the target service-role or profile-role, and only with it")
	}
	for _, n := range p.Needs {
		for _, one := range n.alternatives() {
			if !strings.Contains(one.Do, ":") || len(one.Any) > 0 {
				return fmt.Errorf("a need is an action, or any of several")
			}
		}
	}
	return nil
}

func (n *need) alternatives() []need {
	if len(n.Any) > 0 {
		return n.Any
	}
	return []need{*n}
}
