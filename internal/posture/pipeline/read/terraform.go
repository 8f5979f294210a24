package read

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// terraform reads each folder of .tf files as a module: literals, locals,
// defaults of variables and pure functions are evaluated; what a caller, a
// provider or a loop decides is unknown.
func (r *reader) terraform() {
	for _, dir := range sorted(r.modules) {
		m := &module{r: r, locals: map[string]hcl.Expression{}, vars: map[string]*hclsyntax.Block{}, data: map[string]*hclsyntax.Block{}}
		for _, f := range r.modules[dir] {
			if len(f.data) > maxText {
				r.gap(f.name, "it is too large for a configuration")
				continue
			}
			if deepBrackets(f.data) {
				r.gap(f.name, errDeep.Error())
				continue
			}
			file, diags := hclsyntax.ParseConfig(f.data, f.name, hcl.InitialPos)
			if diags.HasErrors() {
				// The parser recovers: blocks before and after the fault are read
				// all the same, and the gap says that there may be more.
				r.gap(f.name, "it is no Terraform: "+diags[0].Summary)
			} else {
				r.inv.Read = append(r.inv.Read, f.name)
			}
			if file != nil {
				if body, ok := file.Body.(*hclsyntax.Body); ok {
					m.collect(body)
				}
			}
		}
		m.read()
	}
}

// deepBrackets guards the parser, which descends without a bound of its own.
func deepBrackets(data []byte) bool {
	depth := 0
	for _, c := range data {
		switch c {
		case '{', '[', '(':
			// Brackets in strings and comments count as well, hence the room: a
			// false alarm costs one file, named as a gap, a crash all of them.
			if depth++; depth > 4*maxDepth {
				return true
			}
		case '}', ']', ')':
			depth = max(0, depth-1)
		}
	}
	return false
}

// module is one folder.
type module struct {
	r         *reader
	resources []*hclsyntax.Block
	locals    map[string]hcl.Expression
	vars      map[string]*hclsyntax.Block
	data      map[string]*hclsyntax.Block // aws_iam_policy_document by name
	depth     int
	steps     int
}

// collect takes the blocks that matter out of one file. A name that stands twice is the
// last one's; Terraform refuses it.
func (m *module) collect(body *hclsyntax.Body) {
	for _, b := range body.Blocks {
		switch {
		case b.Type == "resource" && len(b.Labels) == 2:
			m.resources = append(m.resources, b)
		case b.Type == "data" && len(b.Labels) == 2 && b.Labels[0] == "aws_iam_policy_document":
			m.data[b.Labels[1]] = b
		case b.Type == "variable" && len(b.Labels) == 1:
			m.vars[b.Labels[0]] = b
		case b.Type == "locals":
			for name, a := range b.Body.Attributes {
				m.locals[name] = a.Expr
			}
		}
	}
}

// read evaluates the resources, once all files of the folder are there.
func (m *module) read() {
	var rs []resource
	for _, b := range m.resources {
		n := m.block(b, 0)
		rs = append(rs, resource{kind: b.Labels[0], address: b.Labels[0] + "." + b.Labels[1], body: n})
	}
	m.r.resources(rs, model.Terraform)
}

// functions are the pure ones that configurations use for names and patterns.
var functions = map[string]function.Function{
	// file, templatefile, timestamp and the like are left out on purpose: they would
	// let a configuration read this machine or make reports differ.
	"join": stdlib.JoinFunc, "format": stdlib.FormatFunc, "lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "concat": stdlib.ConcatFunc,
	"merge": stdlib.MergeFunc, "jsonencode": stdlib.JSONEncodeFunc, "replace": stdlib.ReplaceFunc, "split": stdlib.SplitFunc, "trimspace": stdlib.TrimSpaceFunc,
	"coalesce": stdlib.CoalesceFunc, "compact": stdlib.CompactFunc, "flatten": stdlib.FlattenFunc, "distinct": stdlib.DistinctFunc, "keys": stdlib.KeysFunc,
	"values": stdlib.ValuesFunc, "length": stdlib.LengthFunc, "toset": setOrList, "tolist": setOrList, "element": stdlib.ElementFunc, "sort": stdlib.SortFunc,
}

// setOrList leaves collections as they are: order and duplicates do not matter to
// what is read here.
var setOrList = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true}},
	Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0], nil },
})

// block turns a block into a node: attributes by name, blocks as lists.
func (m *module) block(b *hclsyntax.Block, depth int) *model.Node {
	n := &model.Node{State: model.Known, At: place(b.Range(), strings.Join(b.Labels, ".")), Fields: map[string]*model.Node{}}
	if depth > maxDepth {
		return model.UnknownNode(n.At, errDeep.Error())
	}
	for name, a := range b.Body.Attributes {
		if v := m.value(a.Expr); v != nil {
			v.At = place(a.Range(), "")
			n.Fields[name] = v
		}
	}
	for _, child := range b.Body.Blocks {
		if child.Type == "dynamic" && len(child.Labels) == 1 {
			// Blocks of the same kind that are written out beside it are lost with
			// it: together they are not known.
			n.Fields[child.Labels[0]] = model.UnknownNode(place(child.Range(), ""), "a dynamic block makes it")
			continue
		}
		list := n.Fields[child.Type]
		if list == nil {
			list = &model.Node{State: model.Known, At: place(child.Range(), ""), List: true}
			n.Fields[child.Type] = list
		}
		if list.Is() {
			list.Items = append(list.Items, m.block(child, depth+1))
		}
	}
	return n
}

// place is where something stands.
func place(r hcl.Range, path string) model.Location {
	return model.Location{File: r.Filename, Line: r.Start.Line, Path: path}
}

// value evaluates an expression to a node; nil is null.
func (m *module) value(e hcl.Expression) *model.Node {
	// Locals and documents may refer to each other in a circle or double: both are bounded.
	if m.steps++; m.steps > maxSteps || m.depth > 20 {
		return model.UnknownNode(model.Location{}, "it refers too deep")
	}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: functions}
	// Only what the expression names is put in the context. Evaluating every local
	// first would cost all of them for each attribute.
	why, symbolic := "", false
	for _, t := range e.Variables() {
		switch root := t.RootName(); root {
		case "var", "local":
			name := attr(t, 1)
			v, reason := m.named(root, name)
			add(ctx.Variables, []string{root, name}, v)
			if why == "" {
				why = reason
			}
		case "each", "count", "self":
			why = "a loop decides it"
			ctx.Variables[root] = cty.DynamicVal
		case "path", "terraform":
			add(ctx.Variables, []string{root, attr(t, 1)}, cty.StringVal("${"+root+"}"))
		default:
			steps := names(t)
			if document := m.document(steps); document != nil {
				return document
			}
			symbolic = true
			// A reference to another resource becomes the symbol of it, the same
			// that resources uses to join.
			add(ctx.Variables, steps, cty.StringVal("${"+strings.Join(steps, ".")+"}"))
		}
	}
	v, diags := e.Value(ctx)
	if diags.HasErrors() {
		if why == "" {
			why = "it is computed by what is not evaluated here: " + diags[0].Summary
		}
		return model.UnknownNode(model.Location{}, why)
	}
	if why == "" {
		why = "it is decided elsewhere"
	}
	return fromCty(v, why, symbolic, 0)
}

// names are the steps of a traversal as far as they are names; an index in
// between (count, for_each) is left out.
func names(t hcl.Traversal) []string {
	var out []string
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			out = append(out, s.Name)
		case hcl.TraverseAttr:
			out = append(out, s.Name)
		}
	}
	return out
}

// attr is the i-th step of a traversal, if it is a name.
func attr(t hcl.Traversal, i int) string {
	if i < len(t) {
		if a, ok := t[i].(hcl.TraverseAttr); ok {
			return a.Name
		}
	}
	return ""
}

// add sets a value below nested objects, so that a.b.c can be evaluated.
func add(vars map[string]cty.Value, path []string, v cty.Value) {
	if len(path) == 1 {
		if _, ok := vars[path[0]]; !ok {
			vars[path[0]] = v
		}
		return
	}
	below := map[string]cty.Value{}
	if old, ok := vars[path[0]]; ok && old.Type().IsObjectType() && old.IsKnown() && !old.IsNull() {
		for k, o := range old.AsValueMap() {
			below[k] = o
		}
	}
	add(below, path[1:], v)
	vars[path[0]] = cty.ObjectVal(below)
}

// named is the value of a variable's default or of a local.
func (m *module) named(root, name string) (cty.Value, string) {
	m.depth++
	defer func() { m.depth-- }()
	var expr hcl.Expression
	if root == "var" {
		b := m.vars[name]
		if b == nil || b.Body.Attributes["default"] == nil {
			return cty.DynamicVal, "the variable " + name + " has no default"
		}
		expr = b.Body.Attributes["default"].Expr
	} else if expr = m.locals[name]; expr == nil {
		return cty.DynamicVal, "the local " + name + " is not in this folder"
	}
	n := m.value(expr)
	if n == nil {
		return cty.NullVal(cty.DynamicPseudoType), ""
	}
	if n.State == model.Unknown {
		return cty.DynamicVal, n.Why
	}
	return toCty(n), ""
}

// document builds the JSON of data.aws_iam_policy_document.NAME.json.
func (m *module) document(steps []string) *model.Node {
	if len(steps) < 4 || steps[0] != "data" || steps[1] != "aws_iam_policy_document" || steps[3] != "json" || m.data[steps[2]] == nil {
		return nil
	}
	m.depth++ // a document may name itself
	defer func() { m.depth-- }()
	n := m.block(m.data[steps[2]], 0)
	// What is included may allow more or, as an override, replace a statement of
	// this one.
	if n.Get("source_policy_documents") != nil || n.Get("override_policy_documents") != nil {
		return model.UnknownNode(n.At, "the policy document includes others")
	}
	doc := &model.Node{State: model.Known, At: n.At, Fields: map[string]*model.Node{"Statement": {State: model.Known, At: n.At, List: true}}}
	if s := n.Get("statement"); s != nil && s.State == model.Unknown {
		return s
	}
	for _, s := range n.Get("statement").Values() {
		doc.Fields["Statement"].Items = append(doc.Fields["Statement"].Items, statement(s))
	}
	return doc
}

// statement writes a block of a policy document in IAM's names.
func statement(s *model.Node) *model.Node {
	out := &model.Node{State: model.Known, At: s.At, Fields: map[string]*model.Node{"Effect": {State: model.Known, Scalar: s.Get("effect").Text().Or("Allow")}}}
	for from, to := range map[string]string{"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource", "sid": "Sid"} {
		if v := s.Get(from); v != nil {
			out.Fields[to] = v
		}
	}
	principal := &model.Node{State: model.Known, At: s.At, Fields: map[string]*model.Node{}}
	for _, p := range s.Get("principals").Values() {
		principal.Fields[p.Get("type").Text().V] = p.Get("identifiers")
		out.Fields["Principal"] = principal
	}
	condition := &model.Node{State: model.Known, At: s.At, Fields: map[string]*model.Node{}}
	for _, c := range s.Get("condition").Values() {
		test := c.Get("test").Text().V
		if condition.Fields[test] == nil {
			condition.Fields[test] = &model.Node{State: model.Known, Fields: map[string]*model.Node{}}
		}
		condition.Fields[test].Fields[c.Get("variable").Text().V] = c.Get("values")
		out.Fields["Condition"] = condition
	}
	return out
}
