package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// resourceType begins a snippet that is a resource of its own.
var resourceType = regexp.MustCompile(`^AWS::\w+::\w+$`)

// CDK writes a CloudFormation snippet as what a CDK app says: an override of the
// construct that synthesised the resource, or a resource beside it. Whatever a
// construct of a higher level would write, the override wins over it. "" when the
// snippet is no properties.
func CDK(construct, snippet string) string {
	if construct == "" || strings.TrimSpace(snippet) == "" {
		return ""
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(snippet), &doc); err != nil {
		return ""
	}
	head := "// the construct " + strings.TrimSuffix(construct, "/Resource") + "\n"
	if len(doc.Content) == 0 { // nothing but comments
		return head + strings.ReplaceAll("\n"+strings.TrimRight(snippet, "\n"), "\n#", "\n//")[1:] + "\n"
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return ""
	}
	top := fields(root)
	if t := top["Type"]; t != nil && resourceType.MatchString(t.Value) {
		props := any(map[string]any{})
		if p := top["Properties"]; p != nil {
			props = plain(p)
		}
		return fmt.Sprintf("new cdk.CfnResource(this, %s, { type: %s, properties: %s });\n", literal(t.Value[strings.LastIndexByte(t.Value, ':')+1:]), literal(t.Value), literal(props))
	}
	var b strings.Builder
	b.WriteString(head + "const cfn = construct.node.defaultChild as cdk.CfnResource;\n")
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		// A mapping is written member by member: an override of the whole would
		// throw away its other members.
		if value.Kind != yaml.MappingNode || value.Tag != "!!map" {
			fmt.Fprintf(&b, "cfn.addPropertyOverride(%s, %s);\n", literal(key), literal(plain(value)))
			continue
		}
		for j := 0; j+1 < len(value.Content); j += 2 {
			fmt.Fprintf(&b, "cfn.addPropertyOverride(%s, %s);\n", literal(key+"."+value.Content[j].Value), literal(plain(value.Content[j+1])))
		}
	}
	return b.String()
}

// fields are the members of a mapping; of one that stands twice the last counts.
func fields(n *yaml.Node) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		out[n.Content[i].Value] = n.Content[i+1]
	}
	return out
}

// plain is the value with short tags written out, which CDK passes on as they are.
func plain(n *yaml.Node) any {
	var v any
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for k, f := range fields(n) {
			m[k] = plain(f)
		}
		v = m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(item))
		}
		v = list
	default:
		v = n.Value
		switch {
		case n.Tag == "!!bool":
			v = n.Value == "true"
		case n.Tag == "!!int":
			v = json.Number(n.Value)
		}
	}
	if !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return v
	}
	switch name := n.Tag[1:]; name {
	case "Ref":
		if n.Value == "AWS::NoValue" {
			return nil
		}
		return map[string]any{"Ref": v}
	case "GetAtt":
		a, b, _ := strings.Cut(n.Value, ".")
		return map[string]any{"Fn::GetAtt": []any{a, b}}
	default:
		return map[string]any{"Fn::" + name: v}
	}
}

// literal is a value as TypeScript writes it, which JSON is; undefined removes a property.
func literal(v any) string {
	if v == nil {
		return "undefined"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return "undefined"
	}
	return strings.TrimSpace(b.String())
}
