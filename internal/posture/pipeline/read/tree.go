package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// Bounds of a tree: deep nesting and aliases that multiply are attacks.
const (
	// Templates and plans nest a dozen or two deep.
	maxDepth = 100
	maxNodes = 20_000_000 // of JSON, which cannot multiply
	maxYAML  = 300_000    // of YAML with its aliases expanded
)

var errDeep = fmt.Errorf("it is nested deeper than %d", maxDepth)

// parseJSON builds trees with line numbers and paths. What was read before an
// error is returned with it.
func parseJSON(file string, data []byte) ([]*model.Node, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	p := &jsonTree{file: file, data: data, dec: dec, line: 1}
	var docs []*model.Node
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		var n *model.Node
		if err == nil {
			n, err = p.from(t, "", 0)
		}
		if errors.Is(err, io.EOF) { // inside a document
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = fmt.Errorf("it is no JSON from byte %d on", dec.InputOffset())
			}
			return docs, err
		}
		docs = append(docs, n)
	}
}

// jsonTree builds the trees of one file. Lines are counted as the decoder goes.
type jsonTree struct {
	file  string
	data  []byte
	dec   *json.Decoder
	line  int
	done  int64 // bytes whose line feeds are counted
	nodes int
}

// at is the place of what the decoder has just read.
func (p *jsonTree) at(path string) model.Location {
	off := p.dec.InputOffset()
	// Each byte is looked at once in the whole file; counting from the start for
	// every node would be quadratic.
	p.line += bytes.Count(p.data[p.done:off], []byte("\n"))
	p.done = off
	return model.Location{File: p.file, Line: p.line, Path: path}
}

func (p *jsonTree) value(path string, depth int) (*model.Node, error) {
	t, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	return p.from(t, path, depth)
}

// from makes a node of a token and what belongs to it; nil is null, which is absent. Of a
// member that stands twice the last one counts.
func (p *jsonTree) from(t json.Token, path string, depth int) (*model.Node, error) {
	if p.nodes++; depth > maxDepth || p.nodes > maxNodes {
		return nil, errDeep
	}
	n := &model.Node{State: model.Known, At: p.at(path), Scalar: t}
	switch t := t.(type) {
	case nil:
		return nil, nil // null is absent
	case json.Delim:
		n.Scalar = nil
		if t == '[' {
			n.List = true
			for i := 0; p.dec.More(); i++ {
				item, err := p.value(path+"["+strconv.Itoa(i)+"]", depth+1)
				if err != nil {
					return nil, err
				}
				n.Items = append(n.Items, item)
			}
		} else {
			n.Fields = map[string]*model.Node{}
			for p.dec.More() {
				k, err := p.dec.Token()
				if err != nil {
					return nil, err
				}
				key, _ := k.(string)
				child, err := p.value(below(path, key), depth+1)
				if err != nil {
					return nil, err
				}
				n.Fields[key] = child
			}
		}
		_, err := p.dec.Token() // the closing one
		return n, err
	}
	return n, nil
}

// below is the path of a member.
func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// parseYAML builds a tree of the first document, CloudFormation's short tags
// written out. Aliases are expanded within bounds; a node that holds itself, or
// too much, is an error.
func parseYAML(file string, data []byte) (*model.Node, error) {
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); err != nil {
		return nil, errors.New("it is no YAML: " + strings.TrimPrefix(firstLine(err.Error()), "yaml: "))
	}
	if len(doc.Content) != 1 {
		return nil, errors.New("it is no YAML document")
	}
	p := &yamlTree{file: file}
	return p.from(doc.Content[0], "", 0)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// yamlTree builds the tree of one YAML document.
type yamlTree struct {
	file  string
	nodes int
}

func (p *yamlTree) from(y *yaml.Node, path string, depth int) (*model.Node, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	if p.nodes++; p.nodes > maxYAML {
		return nil, fmt.Errorf("its aliases expand to more than %d values", maxYAML)
	}
	n := &model.Node{State: model.Known, At: model.Location{File: p.file, Line: y.Line, Path: path}}
	var err error
	switch y.Kind {
	case yaml.AliasNode:
		return p.from(y.Alias, path, depth+1)
	case yaml.SequenceNode:
		n.List = true
		for i, item := range y.Content {
			child, err := p.from(item, path+"["+strconv.Itoa(i)+"]", depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, child)
		}
	case yaml.MappingNode:
		n.Fields = map[string]*model.Node{}
		for i := 0; i+1 < len(y.Content); i += 2 {
			key := y.Content[i].Value
			child, err := p.from(y.Content[i+1], below(path, key), depth+1)
			if err != nil {
				return nil, err
			}
			if key == "<<" && child.Is() { // a merge key: what is there already wins
				for k, v := range child.Fields {
					if _, ok := n.Fields[k]; !ok {
						n.Fields[k] = v
					}
				}
				continue
			}
			if child != nil {
				child.At.Line = y.Content[i].Line
			}
			n.Fields[key] = child
		}
	default:
		if n, err = scalar(y, n); err != nil {
			return nil, err
		}
	}
	return tagged(y.Tag, n), nil
}

// scalar reads a plain value by its tag, but keeps digits as they are written.
func scalar(y *yaml.Node, n *model.Node) (*model.Node, error) {
	switch y.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		n.Scalar = strings.EqualFold(y.Value, "true")
	case "!!int", "!!float":
		// An id keeps its digits: 0123 is octal to YAML and a pattern to CodeBuild.
		f, err := strconv.ParseFloat(y.Value, 64)
		if err != nil || number(f) != y.Value {
			n.Scalar = y.Value
		} else {
			n.Scalar = f
		}
	default:
		n.Scalar = y.Value
	}
	return n, nil
}

// number is how a whole number is written; a text that is written otherwise is no number.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// tagged writes a short tag out: !Ref x is {Ref: x}, !GetAtt a.b {Fn::GetAtt: [a, b]}.
func tagged(tag string, n *model.Node) *model.Node {
	if !strings.HasPrefix(tag, "!") || strings.HasPrefix(tag, "!!") || n == nil {
		return n
	}
	name := tag[1:]
	switch name {
	case "Ref", "Condition":
	case "GetAtt":
		if s, ok := n.Scalar.(string); ok {
			a, b, _ := strings.Cut(s, ".")
			n = &model.Node{State: model.Known, At: n.At, List: true, Items: []*model.Node{
				{State: model.Known, At: n.At, Scalar: a}, {State: model.Known, At: n.At, Scalar: b}}}
		}
		name = "Fn::GetAtt"
	default:
		name = "Fn::" + name
	}
	return &model.Node{State: model.Known, At: n.At, Fields: map[string]*model.Node{name: n}}
}

// embedded reads JSON that stands as text in a document, URL-encoded or not, as
// IAM writes policies. Other nodes are returned as they are.
func embedded(n *model.Node) *model.Node {
	s, ok := "", false
	if n.Is() {
		s, ok = n.Scalar.(string)
	}
	if !ok {
		return n
	}
	// IAM gives documents encoded as RFC 3986 has it. Source: IAM API reference,
	// GetRole.
	if strings.HasPrefix(s, "%7B") {
		s = unescape(s)
	}
	docs, err := parseJSON(n.At.File, []byte(s))
	if err != nil || len(docs) != 1 || docs[0] == nil {
		// A policy that cannot be read allows who knows what, and is never taken for
		// an empty one.
		return model.UnknownNode(n.At, "its policy is no JSON")
	}
	relocate(docs[0], n.At)
	return docs[0]
}

// relocate gives a tree the place of the text it stood in.
func relocate(n *model.Node, at model.Location) {
	if n == nil {
		return
	}
	n.At = at
	for _, f := range n.Fields {
		relocate(f, at)
	}
	for _, i := range n.Items {
		relocate(i, at)
	}
}
