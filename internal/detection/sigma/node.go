package sigma

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// fault is what is wrong at a line of a rule.
type fault struct {
	line   int
	reason string
}

func (f fault) Error() string { return f.reason }

// faultAt is a fault at the line of a node; without one, at none.
func faultAt(n *yaml.Node, format string, args ...any) error {
	line := 0
	if n != nil {
		line = n.Line
	}
	return fault{line, fmt.Sprintf(format, args...)}
}

// reader walks the nodes of one rule and counts them, so that aliases of
// aliases end at a bound.
// One for each rule: the bounds are on a rule, so that a large one takes nothing from the others
// of its file.
type reader struct {
	nodes int
	tests int
	// placeholders are what the expand modifier puts in.
	placeholders map[string][]string
}

// real follows an alias.
func (rd *reader) real(n *yaml.Node) (*yaml.Node, error) {
	for hops := 0; n != nil && n.Kind == yaml.AliasNode; hops++ {
		if hops > 8 {
			return nil, faultAt(n, "aliases lead to aliases")
		}
		n = n.Alias
	}
	if n == nil {
		return nil, faultAt(n, "an alias leads nowhere")
	}
	// Counted by visit: an alias that is followed a thousand times is a thousand nodes.
	if rd.nodes++; rd.nodes > maxNodes {
		return nil, faultAt(n, "the rule has more than %d parts", maxNodes)
	}
	return n, nil
}

// entry is one key of a mapping.
type entry struct {
	key   string
	at    *yaml.Node
	value *yaml.Node
}

// entries reads a mapping. A key given twice is an error: half of what its author
// meant would be lost.
func (rd *reader) entries(n *yaml.Node) ([]entry, error) {
	n, err := rd.real(n)
	if err != nil {
		return nil, err
	}
	if n.Kind != yaml.MappingNode {
		return nil, faultAt(n, "a mapping is needed")
	}
	seen := map[string]bool{}
	var out []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, err := rd.real(n.Content[i])
		if err != nil {
			return nil, err
		}
		v, err := rd.real(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		switch {
		case k.Kind != yaml.ScalarNode:
			return nil, faultAt(k, "a key must be text")
		case k.Value == "<<":
			return nil, faultAt(k, "merge keys are not supported: write the fields out")
		case seen[k.Value]:
			return nil, faultAt(k, "%q is given twice", short(k.Value))
		}
		seen[k.Value] = true
		out = append(out, entry{k.Value, k, v})
	}
	return out, nil
}

// items reads a list, or a single value as a list of one.
func (rd *reader) items(n *yaml.Node) ([]*yaml.Node, error) {
	n, err := rd.real(n)
	if err != nil {
		return nil, err
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}, nil
	}
	out := make([]*yaml.Node, 0, len(n.Content))
	for _, c := range n.Content {
		if c, err = rd.real(c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// texts reads a list of texts that are only shown; what is too much is cut.
func (rd *reader) texts(n *yaml.Node) ([]string, error) {
	list, err := rd.items(n)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range list {
		if c.Kind == yaml.ScalarNode && c.Tag != "!!null" && len(out) < maxList {
			out = append(out, shown(c.Value))
		}
	}
	return out, nil
}

// shown bounds text that people will read.
// Texts of strangers end up in terminals and reports; those escape what they must, this
// bounds.
func shown(s string) string {
	s = strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// short bounds text that is quoted in an error.
func short(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
