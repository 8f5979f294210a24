// Package buildspec reads buildspec files as far as the audit asks: the commands
// in the order they run, what each does with failures, and which variables hold
// secrets. It executes nothing and follows no reference.
package buildspec

import (
	"bytes"
	"errors"
	"fmt"
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
	// No buildspec that a person writes comes near either. Both are for texts that a
	// stranger's branch brings.
	maxSize     = 1 << 20
	maxCommands = 5000
)

// order is the order of the phases; finally blocks run after each one's commands.
// Source: CodeBuild User Guide, "Build specification reference".
var order = []string{"install", "pre_build", "build", "post_build"}

// Parse reads a buildspec. Aliases and merge keys are followed; nothing is copied
// for them, so they expand to no more than maxCommands. A buildspec with more is
// refused: of one that is not wholly read nothing may be said.
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
				// env.variables is what a build gets when no batch is run, so its
				// values stand.
				if _, ok := s.Variables[k]; !ok {
					s.Variables[k] = v.Value
				}
			})
		}
	}
	slices.Sort(s.Secret)
	for _, v := range list(get(env, "exported-variables")) {
		s.Exported = append(s.Exported, follow(v).Value)
	}
	phases := get(root, "phases")
	for _, name := range order {
		p := get(phases, name)
		// Only CONTINUE makes a failure count for nothing. Without the member, or
		// with another word, the build fails, whichever phases still run.
		if v := get(p, "on-failure"); v != nil && strings.EqualFold(v.Value, "CONTINUE") {
			s.Continue = append(s.Continue, Phase{name, v.Line})
		}
		for _, block := range []string{"commands", "finally"} {
			for _, c := range list(get(p, block)) {
				if c = follow(c); c.Kind == yaml.ScalarNode {
					if len(s.Commands) == maxCommands {
						return nil, fmt.Errorf("the buildspec has more than %d commands", maxCommands)
					}
					s.Commands = append(s.Commands, Command{name, c.Line, c.Value, Shell(c.Value)})
				}
			}
		}
	}
	return s, nil
}

// follow gives what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// members calls f for the members of a mapping, its own before those that "<<"
// merges into it: the first of a name counts. It ends when f says so. Mappings may
// merge each other many times over; since a second visit can bring no new name, each
// is visited once.
func members(n *yaml.Node, f func(key string, v *yaml.Node) bool) {
	visited := map[*yaml.Node]bool{}
	for next := []*yaml.Node{n}; len(next) > 0; next = next[1:] {
		n := follow(next[0])
		if n == nil || visited[n] {
			continue
		}
		visited[n] = true
		if n.Kind == yaml.SequenceNode && len(visited) > 1 { // "<<: [*a, *b]"
			next = append(next, n.Content...)
		}
		if n.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, v := follow(n.Content[i]), follow(n.Content[i+1])
			if key.Value == "<<" {
				next = append(next, v)
			} else if !f(key.Value, v) {
				return
			}
		}
	}
}

// get is the member of a mapping, nil if there is none.
func get(n *yaml.Node, key string) (out *yaml.Node) {
	members(n, func(k string, v *yaml.Node) bool {
		if k == key {
			out = v
		}
		return out == nil
	})
	return out
}

// each calls f for every member of a mapping, once for a name.
func each(n *yaml.Node, f func(string, *yaml.Node)) {
	seen := map[string]bool{}
	members(n, func(k string, v *yaml.Node) bool {
		if !seen[k] {
			seen[k] = true
			f(k, v)
		}
		return true
	})
}

// list is the elements of a sequence; a scalar alone is one.
func list(n *yaml.Node) []*yaml.Node {
	switch n = follow(n); {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	}
	return nil
}
