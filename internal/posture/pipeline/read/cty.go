package read

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// fromCty turns an evaluated value into a node; nil is null.
// why is the reason for whatever turns out unknown; symbolic marks texts in which a
// reference to another resource stands.
func fromCty(v cty.Value, why string, symbolic bool, depth int) *model.Node {
	// Marks are Terraform's "sensitive": they change nothing about what is known.
	v, _ = v.Unmark()
	switch {
	case depth > maxDepth || !v.IsKnown():
		return model.UnknownNode(model.Location{}, why)
	case v.IsNull():
		return nil
	}
	n := &model.Node{State: model.Known}
	switch t := v.Type(); {
	case t == cty.String:
		n.Scalar, n.Symbolic = v.AsString(), symbolic
	case t == cty.Bool:
		n.Scalar = v.True()
	case t == cty.Number:
		// Numbers here are ports, days and counts, which a float64 holds exactly.
		f, _ := v.AsBigFloat().Float64()
		n.Scalar = f
	case t.IsObjectType() || t.IsMapType():
		n.Fields = map[string]*model.Node{}
		for k, e := range v.AsValueMap() {
			if c := fromCty(e, why, symbolic, depth+1); c != nil {
				n.Fields[k] = c
			}
		}
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		n.List = true
		for _, e := range v.AsValueSlice() {
			n.Items = append(n.Items, fromCty(e, why, symbolic, depth+1))
		}
	default:
		return model.UnknownNode(model.Location{}, why)
	}
	return n
}

// toCty is the way back, for what other expressions refer to. Unknown parts stay
// unknown.
// Lists become tuples, whose elements may differ in type as those of a list may not.
func toCty(n *model.Node) cty.Value {
	switch {
	case n == nil:
		return cty.NullVal(cty.DynamicPseudoType)
	case n.State != model.Known:
		return cty.DynamicVal
	case n.List:
		vals := make([]cty.Value, len(n.Items))
		for i, item := range n.Items {
			vals[i] = toCty(item)
		}
		return cty.TupleVal(vals)
	case n.Fields != nil:
		vals := make(map[string]cty.Value, len(n.Fields))
		for k, f := range n.Fields {
			vals[k] = toCty(f)
		}
		return cty.ObjectVal(vals)
	}
	switch v := n.Scalar.(type) {
	case string:
		return cty.StringVal(v)
	case bool:
		return cty.BoolVal(v)
	case float64:
		return cty.NumberFloatVal(v)
	}
	return cty.DynamicVal
}
