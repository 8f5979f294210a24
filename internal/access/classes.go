package access

import (
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxFile bounds one content file; content can be overlaid by a user.
const maxFile = 1 << 20

// loadYAML refuses members that no field takes: a misspelt one would be content that
// silently decides nothing.
func loadYAML(fsys fs.FS, name string, to any) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read content: %w", err)
	}
	if len(raw) > maxFile {
		return fmt.Errorf("%s: larger than %d bytes", name, maxFile)
	}
	if err := yaml.Load(raw, to, yaml.WithKnownFields()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Class is a privilege class: what a set of actions amounts to for a responder.
type Class struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"` // what it is to have it, as "change who may do what"
	// Single actions: each is decided by itself, and a wildcard's answer would be about
	// all that it covers.
	Actions []string `yaml:"actions"`
}

// LoadClasses reads access/classes.yml of fsys.
func LoadClasses(fsys fs.FS) ([]Class, error) {
	const name = "access/classes.yml"
	var f struct {
		Classes []Class `yaml:"classes"`
	}
	if err := loadYAML(fsys, name, &f); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, c := range f.Classes {
		if c.ID == "" || c.Title == "" || len(c.Actions) == 0 || seen[c.ID] {
			return nil, fmt.Errorf("%s: class %q: wants an id of its own, a title and actions", name, c.ID)
		}
		seen[c.ID] = true
		for _, a := range c.Actions {
			if !strings.Contains(a, ":") || strings.ContainsAny(a, "*?") {
				return nil, fmt.Errorf("%s: class %s: %q is no single action", name, c.ID, a)
			}
		}
	}
	return f.Classes, nil
}

// Content is all that analysts contribute to access.
type Content struct {
	Classes    []Class
	Primitives []Primitive
	// Managed holds documents by ARN.
	Managed map[string][]byte
}

// LoadContent reads access/ of fsys.
func LoadContent(fsys fs.FS) (*Content, error) {
	var c Content
	var err error
	if c.Classes, err = LoadClasses(fsys); err != nil {
		return nil, err
	}
	if c.Primitives, err = LoadPrimitives(fsys); err != nil {
		return nil, err
	}
	if c.Managed, err = LoadManaged(fsys); err != nil {
		return nil, err
	}
	return &c, nil
}

// LoadManaged reads access/managed.yml of fsys: policies of AWS's own, by ARN,
// for evidence that names them and does not hold their documents.
func LoadManaged(fsys fs.FS) (map[string][]byte, error) {
	const name = "access/managed.yml"
	var f struct {
		Policies []struct {
			ARN      string `yaml:"arn"`
			Source   string `yaml:"source"`
			Document string `yaml:"document"`
		} `yaml:"policies"`
	}
	if err := loadYAML(fsys, name, &f); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, p := range f.Policies {
		if got := ParsePolicy(Identity, p.ARN, []byte(p.Document)); got.Problem != "" || p.Source == "" {
			return nil, fmt.Errorf("%s: %s: %s", name, p.ARN, got.Problem)
		}
		out[p.ARN] = []byte(p.Document)
	}
	return out, nil
}
