// Package buildspec reads buildspec files as far as the audit asks: the commands
// in the order they run, what each does with failures, and which variables hold
// secrets. It executes nothing and follows no reference.
package buildspec

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Spec is a buildspec.
type Spec struct {
	Variables map[string]string // env.variables, plain text
	Secret    []string          // variables from Secrets Manager or Parameter Store, sorted
	Refs      []Ref             // what these variables are taken from
	Exported  []string
	Commands  []Command // in the order they run
	Continue  []Phase   // phases with on-failure: CONTINUE
}

// Ref is a secret or parameter that the buildspec takes a variable from.
type Ref struct{ Kind, Name string } // SECRETS_MANAGER or PARAMETER_STORE

// Phase is a phase with its line.
type Phase struct {
	Name string
	Line int
}

// Command is one entry of a phase's commands, parsed.
type Command struct {
	Phase string
	Line  int
	Text  string
	Steps []Step
}

const (
	maxSize     = 1 << 20
	maxCommands = 5000
)

// order is the order of the phases; finally blocks run after each one's commands.
var order = []string{"install", "pre_build", "build", "post_build"}

// Parse reads a buildspec. Aliases are not expanded beyond the size of the text.
func Parse(text string) (*Spec, error) {
	if len(text) > maxSize {
		return nil, errors.New("the buildspec is larger than 1 MB")
	}
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader([]byte(text))).Decode(&doc); err != nil || len(doc.Content) != 1 {
		return nil, errors.New("the buildspec is no YAML")
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("the buildspec is no mapping")
	}
	s := &Spec{Variables: map[string]string{}}
	env := get(root, "env")
	each(get(env, "variables"), func(k string, v *yaml.Node) { s.Variables[k] = v.Value })
	for _, from := range []string{"secrets-manager", "parameter-store"} {
		kind := strings.ToUpper(strings.ReplaceAll(from, "-", "_"))
		each(get(env, from), func(k string, v *yaml.Node) {
			s.Secret, s.Refs = append(s.Secret, k), append(s.Refs, Ref{kind, v.Value})
		})
	}
	for _, kind := range []string{"build-list", "build-graph"} { // batch builds have variables of their own
		for _, b := range list(get(get(root, "batch"), kind)) {
			each(get(get(b, "env"), "variables"), func(k string, v *yaml.Node) {
				if _, ok := s.Variables[k]; !ok {
					s.Variables[k] = v.Value
				}
			})
		}
	}
	slices.Sort(s.Secret)
	for _, v := range list(get(env, "exported-variables")) {
		s.Exported = append(s.Exported, v.Value)
	}
	phases := get(root, "phases")
	for _, name := range order {
		p := get(phases, name)
		if v := get(p, "on-failure"); v != nil && strings.EqualFold(v.Value, "CONTINUE") {
			s.Continue = append(s.Continue, Phase{name, v.Line})
		}
		for _, block := range []string{"commands", "finally"} {
			for _, c := range list(get(p, block)) {
				if c.Kind == yaml.ScalarNode && len(s.Commands) < maxCommands {
					s.Commands = append(s.Commands, Command{name, c.Line, c.Value, Shell(c.Value)})
				}
			}
		}
	}
	return s, nil
}

func get(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func each(n *yaml.Node, f func(string, *yaml.Node)) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i+1])
	}
}

func list(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	}
	return nil
}
