package read

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// intrinsics resolves a template's functions. What depends on the deployment is
// unknown; a reference to another resource stays as text, ${Name.Attribute}, by
// which resources are joined.
type intrinsics struct {
	params     *model.Node
	mappings   *model.Node
	conditions *model.Node
	resources  *model.Node
	steps      int
	exhausted  bool
}

// maxSteps bounds the work on one template, whose functions may nest and repeat.
// CloudFormation takes templates of at most 1 MB, which is tens of thousands of
// values.
const maxSteps = 500_000

func newIntrinsics(n *model.Node) *intrinsics {
	return &intrinsics{params: n.Get("Parameters"), mappings: n.Get("Mappings"), conditions: n.Get("Conditions"), resources: n.Get("Resources")}
}

// sorted are the keys in order: what is read must not depend on a map's.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// resolve is the node with its functions resolved; nil is AWS::NoValue. The template's own
// nodes stay as they are, for they may be referred to again.
// A node that is unknown, or a scalar, is its own result. Every node costs one step, and a
// template may refer to one node a thousand times, so steps are what is bounded, not nodes.
func (c *intrinsics) resolve(n *model.Node, depth int) *model.Node {
	if !n.Is() || n.Scalar != nil {
		return n
	}
	if c.steps++; depth > maxDepth || c.steps > maxSteps {
		// Too deep is the fault of one value; too many steps is that of the file,
		// which template then tells as a gap.
		c.exhausted = c.exhausted || c.steps > maxSteps
		return model.UnknownNode(n.At, "it is nested too deep or too large")
	}
	if n.List {
		out := *n
		out.Items = nil
		for _, item := range n.Items {
			if v := c.resolve(item, depth+1); v != nil { // AWS::NoValue leaves no gap in a list
				out.Items = append(out.Items, v)
			}
		}
		return &out
	}
	// An object of one such member is the function; with others beside it, it is data.
	if len(n.Fields) == 1 {
		for name, arg := range n.Fields {
			if name == "Ref" || strings.HasPrefix(name, "Fn::") {
				return c.function(name, arg, n.At, depth+1)
			}
		}
	}
	out := *n
	out.Fields = make(map[string]*model.Node, len(n.Fields))
	for _, k := range sorted(n.Fields) {
		if k == "Fn::Transform" || strings.HasPrefix(k, "Fn::ForEach") {
			return model.UnknownNode(n.At, "a macro writes it")
		}
		if v := c.resolve(n.Fields[k], depth+1); v != nil {
			out.Fields[k] = v
		}
	}
	return &out
}

// function resolves one. Arguments that are not known make the result unknown, with the
// first reason.
// A function that is not listed is one that only AWS can decide (Fn::GetAZs, Fn::Cidr, …).
func (c *intrinsics) function(name string, arg *model.Node, at model.Location, depth int) *model.Node {
	known := func(s string) *model.Node { return &model.Node{State: model.Known, At: at, Scalar: s} }
	cannot := func(why string) *model.Node { return model.UnknownNode(at, why) }
	switch name {
	case "Ref":
		return c.ref(arg.Text().V, at)
	case "Fn::GetAtt":
		var parts []string
		for _, p := range arg.Values() {
			parts = append(parts, p.Text().V)
		}
		// The symbol is the same text that Fn::Sub writes for it, so that both are
		// joined with the resource.
		n := known("${" + strings.Join(parts, ".") + "}")
		n.Symbolic = true
		return n
	case "Fn::Sub":
		return c.sub(arg, at, depth)
	case "Fn::If":
		return c.branch(arg, at, depth)
	case "Fn::FindInMap":
		arg = c.resolve(arg, depth)
		// Map, first key, second key. A default that a language extension allows is not looked at:
		// then the entry counts as unknown.
		n := c.mappings
		for i := range 3 {
			key := item(arg, i).Literal()
			if !key.Known() {
				return cannot("the mapping's key is not known")
			}
			n = n.Get(key.V)
		}
		if n == nil {
			return cannot("the mapping has no such entry")
		}
		return n
	case "Fn::Join":
		arg = c.resolve(arg, depth)
		return join(item(arg, 1), item(arg, 0).Text().V, at)
	case "Fn::Split":
		arg = c.resolve(arg, depth)
		s := item(arg, 1).Text()
		if !s.Known() {
			return cannot("what is split is not known")
		}
		out := &model.Node{State: model.Known, At: at, List: true}
		for part := range strings.SplitSeq(s.V, item(arg, 0).Text().V) {
			out.Items = append(out.Items, &model.Node{State: model.Known, At: at, Scalar: part, Symbolic: item(arg, 1).Symbolic})
		}
		return out
	case "Fn::Select":
		arg = c.resolve(arg, depth)
		i, err := strconv.Atoi(item(arg, 0).Text().V)
		if list := item(arg, 1); err == nil && list.Is() && list.List && i >= 0 && i < len(list.Items) {
			return list.Items[i]
		}
		return cannot("what is selected is not known")
	// The text itself is what checks look into; nothing here decodes it again.
	case "Fn::Base64":
		return c.resolve(arg, depth)
	case "Fn::ImportValue":
		return cannot("another stack exports it")
	}
	return cannot("the function " + name + " is decided at deployment")
}

// item is the i-th argument; a missing one is unknown and never nil.
func item(n *model.Node, i int) *model.Node {
	if n.Is() && n.List && i < len(n.Items) {
		return n.Items[i]
	}
	return model.UnknownNode(model.Location{}, "an argument is missing or not known")
}

// ref is what Ref gives: a parameter's default, or a symbol for a resource.
func (c *intrinsics) ref(name string, at model.Location) *model.Node {
	switch name {
	case "AWS::NoValue":
		return nil
	// Taken for the common one: left open, it would make every ARN of a template unknown.
	case "AWS::Partition":
		return &model.Node{State: model.Known, At: at, Scalar: "aws"}
	}
	if p := c.params.Get(name); p.Is() {
		kind := p.Get("Type").Text().V
		switch d := p.Get("Default"); {
		// Its default is the name of a parameter there, and not the value.
		case strings.HasPrefix(kind, "AWS::SSM::Parameter::Value"):
			return model.UnknownNode(at, "the parameter "+name+" comes from the parameter store")
		case d == nil:
			return &model.Node{State: model.Unknown, At: at, Why: "the parameter " + name + " has no default"}
		case strings.HasPrefix(kind, "List<") || kind == "CommaDelimitedList":
			list := &model.Node{State: model.Known, At: at, List: true}
			for part := range strings.SplitSeq(d.Text().V, ",") {
				list.Items = append(list.Items, &model.Node{State: model.Known, At: at, Scalar: strings.TrimSpace(part)})
			}
			return list
		default:
			// A copy, for the place of a value is where it is used, and one default
			// is used in many.
			v := *d
			v.At = at
			return &v
		}
	}
	return &model.Node{State: model.Known, At: at, Scalar: "${" + name + "}", Symbolic: true} // a resource, or a pseudo parameter
}

// sub fills ${…}. ${!x} is literal.
func (c *intrinsics) sub(arg *model.Node, at model.Location, depth int) *model.Node {
	text, extra := arg, (*model.Node)(nil)
	if arg.Is() && arg.List {
		text, extra = item(arg, 0), item(arg, 1)
	}
	s := text.Text()
	if !s.Known() {
		return model.UnknownNode(at, "the text is not known")
	}
	var b strings.Builder
	out := &model.Node{State: model.Known, At: at}
	rest := s.V
	for {
		before, after, ok := strings.Cut(rest, "${")
		name, tail, closed := strings.Cut(after, "}")
		if !ok || !closed {
			b.WriteString(rest)
			break
		}
		b.WriteString(before)
		rest = tail
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + literal + "}")
			continue
		}
		// Names of the second argument go before parameters and resources.
		v := c.resolve(extra.Get(name), depth)
		if v == nil || extra == nil {
			v = c.ref(name, at)
		}
		t := v.Text()
		if !t.Known() {
			return model.UnknownNode(at, t.Why)
		}
		out.Symbolic = out.Symbolic || v.Symbolic
		if b.WriteString(t.V); b.Len() > maxText {
			return model.UnknownNode(at, "it is too long")
		}
	}
	out.Scalar = b.String()
	return out
}

// join is Fn::Join; one part that is not known makes the whole unknown.
func join(list *model.Node, sep string, at model.Location) *model.Node {
	if !list.Is() {
		return model.UnknownNode(at, "what is joined is not known")
	}
	out := &model.Node{State: model.Known, At: at}
	var parts []string
	for _, p := range list.Values() {
		t := p.Text()
		if !t.Known() {
			return model.UnknownNode(at, t.Why)
		}
		out.Symbolic = out.Symbolic || p.Symbolic
		parts = append(parts, t.V)
	}
	out.Scalar = strings.Join(parts, sep)
	return out
}

// branch takes the branch of a decided condition. An undecided one leaves the
// value unknown unless both branches say the same.
// Both are resolved whatever the condition says, so that an undecided one can compare them.
func (c *intrinsics) branch(arg *model.Node, at model.Location, depth int) *model.Node {
	if !arg.Is() || len(arg.Items) != 3 {
		return model.UnknownNode(at, "Fn::If wants three arguments")
	}
	holds, decided := c.condition(arg.Items[0], depth)
	yes, no := c.resolve(arg.Items[1], depth+1), c.resolve(arg.Items[2], depth+1)
	switch {
	case decided && holds:
		return yes
	case decided:
		return no
	}
	if yes.Is() && no.Is() && yes.Scalar != nil && yes.Scalar == no.Scalar {
		return yes
	}
	return model.UnknownNode(at, "the condition "+arg.Items[0].Text().V+" is decided at deployment")
}

// condition decides a condition, three-valued.
func (c *intrinsics) condition(n *model.Node, depth int) (holds, decided bool) {
	if c.steps++; !n.Is() || depth > maxDepth || c.steps > maxSteps {
		return false, false
	}
	if s, ok := n.Scalar.(string); ok {
		return c.condition(c.conditions.Get(s), depth+1)
	}
	if len(n.Fields) != 1 { // no function, or several: which would count is not defined
		return false, false
	}
	for name, arg := range n.Fields {
		switch name {
		case "Condition":
			return c.condition(arg, depth+1)
		case "Fn::Not":
			holds, decided = c.condition(item(arg, 0), depth+1)
			return !holds, decided
		case "Fn::And", "Fn::Or":
			or, all := name == "Fn::Or", len(arg.Values()) > 0
			for _, a := range arg.Values() {
				h, d := c.condition(a, depth+1)
				// One that decides is enough, whatever the others are.
				if d && h == or {
					return or, true
				}
				all = all && d
			}
			return !or, all
		case "Fn::Equals":
			a, b := c.resolve(item(arg, 0), depth+1).Literal(), c.resolve(item(arg, 1), depth+1).Literal()
			return a.V == b.V, a.Known() && b.Known()
		}
	}
	return false, false
}
