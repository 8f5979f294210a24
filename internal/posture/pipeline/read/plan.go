package read

import (
	"slices"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// plan reads `terraform show -json`: what will be after the change, with what is
// known only after it as unknown. What is destroyed is left out.
// A project that is replaced appears once, as it will be; a no-op stands there, too, so the
// list of changes is that of all managed resources.
func (r *reader) plan(n *model.Node) {
	var rs []resource
	for _, c := range n.Get("resource_changes").Values() {
		change := c.Get("change")
		// Data sources read and make nothing. Of a replacement the actions are two,
		// so equality with one "delete" keeps it.
		if c.Get("mode").Text().Or("managed") != "managed" || slices.Equal(change.Get("actions").Strings().V, []string{"delete"}) {
			continue
		}
		after := change.Get("after")
		if !after.Is() {
			continue
		}
		rs = append(rs, resource{c.Get("type").Text().V, c.Get("address").Text().V, unknownAfter(after, change.Get("after_unknown"), 0)})
	}
	if len(rs) == 0 { // `terraform show -json` of a state or a plan without changes
		for _, root := range []*model.Node{n.Path("planned_values", "root_module"), n.Path("values", "root_module")} {
			// Both roots are asked: a plan has the first, a state the second.
			rs = append(rs, planned(root, 0)...)
		}
	}
	r.resources(rs, model.Plan)
}

// planned are the resources of a module and those below it.
func planned(module *model.Node, depth int) []resource {
	if depth > maxDepth {
		return nil
	}
	var out []resource
	for _, res := range module.Get("resources").Values() {
		if v := res.Get("values"); v.Is() {
			out = append(out, resource{res.Get("type").Text().V, res.Get("address").Text().V, v})
		}
	}
	for _, child := range module.Get("child_modules").Values() {
		out = append(out, planned(child, depth+1)...)
	}
	return out
}

// unknownAfter lays the tree of what is not known yet over the values.
// "after" has null where something is not known yet, and the other tree has true there: read
// alone, the first would say that nothing is set.
func unknownAfter(after, unknown *model.Node, depth int) *model.Node {
	if !unknown.Is() || depth > maxDepth {
		return after
	}
	if b, ok := unknown.Scalar.(bool); ok && b {
		at := unknown.At
		return model.UnknownNode(at, "it is known only after apply")
	}
	if unknown.List {
		if !after.Is() || !after.List {
			return after
		}
		out := *after
		out.Items = slices.Clone(after.Items)
		for i, u := range unknown.Items {
			if i < len(out.Items) {
				out.Items[i] = unknownAfter(out.Items[i], u, depth+1)
			}
		}
		return &out
	}
	if unknown.Fields == nil || after == nil {
		return after
	}
	out := *after
	out.Fields = make(map[string]*model.Node, len(after.Fields))
	for k, v := range after.Fields {
		out.Fields[k] = v
	}
	for k, u := range unknown.Fields {
		// Nobody wrote the policy: the provider reads back the service's default after apply.
		if b, ok := scalarOf(u); k == "pull_request_build_policy" && ok && b && out.Fields[k] == nil {
			continue
		}
		if v := unknownAfter(out.Fields[k], u, depth+1); v != nil {
			out.Fields[k] = v
		}
	}
	return &out
}

// scalarOf is a node's truth value, if it is one.
func scalarOf(n *model.Node) (bool, bool) {
	if !n.Is() {
		return false, false
	}
	b, ok := n.Scalar.(bool)
	return b, ok
}
