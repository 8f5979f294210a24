package generate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Sizes that IAM allows, in characters without white space. Source: IAM User
// Guide, "IAM and AWS STS quotas".
const (
	maxManaged    = 6144
	maxInline     = 10240 // all inline policies of a role together
	maxInlineUser = 2048  // of a user
)

// Class says what a statement rests on.
type Class string

// The classes, in the order in which statements stand.
const (
	Observed  Class = "Observed"  // the log shows the permission in use on this resource
	Implied   Class = "Implied"   // no log shows it, but what the log shows needs it
	Unvouched Class = "Unvouched" // only builds used it of which nothing says what started them
	Review    Class = "Review"    // used, but on what cannot be told: look before you grant
)

var classes = []Class{Observed, Implied, Unvouched, Review}

// Statement is one statement of a policy document, in IAM's spelling.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`

	class Class
}

// Document is a policy document, in IAM's spelling.
type Document struct {
	Version   string
	Statement []Statement
}

// JSON is the document as it is attached: indented, with a newline at the end.
func (d *Document) JSON() []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil { // strings and maps of strings: cannot fail
		return nil
	}
	return []byte(b.String())
}

// size is what IAM counts.
func (d *Document) size() int {
	n := 0
	for _, r := range string(d.JSON()) {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// granted is one permission of the policy and the uses it stands for.
type granted struct {
	class   Class
	action  string
	pattern string
	with    map[string][]string
	why     string
	uses    []*held
}

// grants turns uses into permissions: names that many share are widened, and
// what takes no resources is held to the regions it was used in.
func (t *Table) grants(a *activity, extra []need) []*granted {
	for _, n := range extra {
		key := n.key("")
		if a.kept[key] == nil {
			a.kept[key] = &held{need: n, vouch: true}
		}
	}
	byKind := map[string][]*held{}
	for _, key := range slices.Sorted(maps.Keys(a.kept)) {
		h := a.kept[key]
		kind := h.action + "\x00" + string(h.class()) + "\x00" + withKey(h.with)
		byKind[kind] = append(byKind[kind], h)
	}
	out := map[string]*granted{}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		list := byKind[kind]
		var exact []string
		for _, h := range list {
			if h.res.pattern == escape(h.res.literal) {
				exact = append(exact, h.res.literal)
			}
		}
		wide := widen(exact, a.clear(list[0].action))
		for _, h := range list {
			pattern := h.res.pattern
			if w := wide[h.res.literal]; w != "" && pattern == escape(h.res.literal) {
				pattern = w
			}
			key := kind + "\x00" + pattern
			g := out[key]
			if g == nil {
				g = &granted{class: h.class(), action: h.action, pattern: pattern, with: map[string][]string{}, why: h.why()}
				for k, v := range h.with {
					g.with[k] = []string{v}
				}
				out[key] = g
			}
			g.uses = append(g.uses, h)
		}
	}
	list := slices.Collect(maps.Values(out))
	for _, g := range list {
		t.holdToRegions(g)
	}
	slices.SortFunc(list, func(x, y *granted) int {
		return cmp.Or(cmp.Compare(slices.Index(classes, x.class), slices.Index(classes, y.class)), strings.Compare(x.action, y.action),
			strings.Compare(x.pattern, y.pattern), strings.Compare(withKeys(x.with), withKeys(y.with)))
	})
	return list
}

// class is the weakest ground that the permission has.
func (h *held) class() Class {
	switch {
	case h.res.loose != "":
		return Review
	case !h.vouch:
		return Unvouched
	case h.implied != "":
		return Implied
	}
	return Observed
}

// why is what a reader must know of a permission that is not plainly observed.
func (h *held) why() string {
	var all []string
	for _, s := range []string{h.implied, h.res.loose} {
		if s != "" {
			all = append(all, s)
		}
	}
	if h.via != "" {
		all = append(all, "called by "+h.via+" with the principal's permissions")
	}
	return strings.Join(all, "; ")
}

// holdToRegions adds aws:RequestedRegion to a permission on everything.
// Services without regions report us-east-1, and a permission with a condition of its
// own is narrow already.
func (t *Table) holdToRegions(g *granted) {
	prefix, _, _ := strings.Cut(g.action, ":")
	if g.pattern != "*" || t.global[prefix] || len(g.with) > 0 {
		return
	}
	regions := map[string]bool{}
	for _, h := range g.uses {
		if h.region == "" {
			return
		}
		regions[h.region] = true
	}
	g.with["aws:RequestedRegion"] = slices.Sorted(maps.Keys(regions))
}

// clear says of a pattern for an action whether it lets in nothing that was
// refused or that only a stranger's build or an intruder did.
// A use of the principal's own on the same resource clears it again.
func (a *activity) clear(action string) func(string) bool {
	var avoid []string
	for _, set := range []map[string]*held{a.denied, a.untrusted, a.hostile} {
		for _, h := range set {
			if h.action == action && a.kept[h.key(h.region)] == nil {
				avoid = append(avoid, h.res.literal)
			}
		}
	}
	return func(pattern string) bool {
		m := compile(pattern)
		return !slices.ContainsFunc(avoid, m)
	}
}

// statements joins permissions: first the actions on one resource, then the
// resources of one set of actions.
func statements(list []*granted) []Statement {
	type row struct {
		class     Class
		with      map[string][]string
		resources []string
		actions   []string
	}
	byAction := map[string]*row{} // class, conditions, action: its resources
	var order []string
	for _, g := range list {
		key := string(g.class) + "\x00" + withKeys(g.with) + "\x00" + g.action
		if byAction[key] == nil {
			byAction[key] = &row{class: g.class, with: g.with, actions: []string{g.action}}
			order = append(order, key)
		}
		byAction[key].resources = append(byAction[key].resources, g.pattern)
	}
	joined := map[string]*row{} // class, conditions, resources: the actions
	var keys []string
	for _, k := range order {
		r := byAction[k]
		slices.Sort(r.resources)
		r.resources = covered(slices.Compact(r.resources))
		key := string(r.class) + "\x00" + withKeys(r.with) + "\x00" + strings.Join(r.resources, "\x00")
		if joined[key] == nil {
			joined[key] = r
			keys = append(keys, key)
			continue
		}
		joined[key].actions = append(joined[key].actions, r.actions...)
	}
	var out []Statement
	count := map[Class]int{}
	for _, k := range keys {
		r := joined[k]
		slices.Sort(r.actions)
		count[r.class]++
		s := Statement{Sid: fmt.Sprintf("%s%d", r.class, count[r.class]), Effect: "Allow", Action: slices.Compact(r.actions), Resource: r.resources, class: r.class}
		if len(r.with) > 0 {
			s.Condition = map[string]map[string][]string{}
			for key, values := range r.with {
				op := "StringEquals"
				if key == "ec2:Subnet" {
					op = "ArnEquals"
				}
				if s.Condition[op] == nil {
					s.Condition[op] = map[string][]string{}
				}
				s.Condition[op][key] = values
			}
		}
		out = append(out, s)
	}
	return out
}

// covered drops resources that another one of the list already stands for.
func covered(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		if strings.ContainsAny(s, "*?") {
			return false
		}
		return slices.ContainsFunc(list, func(p string) bool { return p != s && strings.ContainsAny(p, "*?") && compile(p)(s) })
	})
}

// documents divides statements into policies of a size that can be attached.
func documents(all []Statement) []Document {
	if len(all) == 0 {
		return nil // a document without a statement is none
	}
	var out []Document
	cur := Document{Version: "2012-10-17"}
	for _, s := range all {
		next := cur
		next.Statement = append(slices.Clone(cur.Statement), s)
		if len(cur.Statement) > 0 && next.size() > maxManaged {
			out = append(out, cur)
			next = Document{Version: "2012-10-17", Statement: []Statement{s}}
		}
		cur = next
	}
	return append(out, cur)
}

// withKey and withKeys write conditions as a key to group by.
func withKey(m map[string]string) string {
	k := ""
	for _, c := range slices.Sorted(maps.Keys(m)) {
		k += c + "=" + m[c] + "\x01"
	}
	return k
}

func withKeys(m map[string][]string) string {
	k := ""
	for _, c := range slices.Sorted(maps.Keys(m)) {
		k += c + "=" + strings.Join(m[c], ",") + "\x01"
	}
	return k
}
