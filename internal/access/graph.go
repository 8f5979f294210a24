package access

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// MaxHops bounds a path: beyond it nobody follows, and a longer one is made of
// shorter ones that are listed.
const MaxHops = 6

// Graph finds the ways from one principal to another in a World. It keeps what
// it has found, and is for one goroutine.
// Its nodes are principals as they would be after the hops before ("alice with any
// policy"), so it has no fixed size; From bounds the depth, and every node is
// expanded once. The cost of a node is primitives × targets × decisions, which
// couldEver cuts to the primitives whose actions are allowed anywhere at all.
type Graph struct {
	world      *World
	primitives []Primitive
	edges      map[string][]edge
	services   map[string][]target // by primitive: the roles it can hand out
}

// NewGraph makes one.
func NewGraph(w *World, primitives []Primitive) *Graph {
	return &Graph{world: w, primitives: primitives, edges: map[string][]edge{}, services: map[string][]target{}}
}

// node is a principal as it would be at some point of a path.
type node struct {
	key   string // its ARN, with what was changed; or "administrator of ACCOUNT"
	p     *Principal
	admin bool
}

// administrator is where every path that ends in doing everything ends: one node an
// account, however it was come to.
func administrator(account string) *node {
	return &node{key: "administrator of " + account, admin: true}
}

// settle makes whoever may do everything an administrator.
// The principal stays with the node, so that a reader sees who it is.
func (g *Graph) settle(n *node) *node {
	if n.p != nil && g.world.Decide(n.p, "*", "*", policy.Context{}).Effect == Allow {
		a := administrator(n.p.Account)
		a.p = n.p
		return a
	}
	return n
}

// edge is a primitive that may be done, and who one is after it.
type edge struct {
	to  *node
	hop Hop
}

// from lists the edges that leave a node, certain ones first.
func (g *Graph) from(n *node) []edge {
	if n.admin { // everything else follows, and is no news
		return nil
	}
	if e, ok := g.edges[n.key]; ok {
		return e
	}
	var out []edge
	// Primitives share actions (iam:PassRole above all): each is asked once a node.
	may := map[string]Effect{}
	for i := range g.primitives {
		prim := &g.primitives[i]
		if !g.couldEver(prim, n.p, may) {
			continue
		}
		for _, t := range g.cached(prim, n.p) {
			hop, ok := g.try(prim, n.p, &t)
			if !ok {
				continue
			}
			to := g.gain(prim, n.p, &t)
			// It changed nothing: who joins the group a second time is named as before.
			if to.key == n.key {
				continue
			}
			hop.From, hop.To = n.key, to.key
			out = append(out, edge{to, hop})
		}
	}
	slices.SortStableFunc(out, func(a, b edge) int { return rank(a.hop.Effect) - rank(b.hop.Effect) })
	g.edges[n.key] = out
	return out
}

// rank orders effects, the best for the caller first.
func rank(effect string) int {
	return slices.Index([]string{string(Allow), string(CannotTell), string(Deny)}, effect)
}

// cached keeps the roles that services can be handed. They depend on who asks only by
// account and by being somebody else, so a principal after a hop shares them with
// itself before, as do the primitives of one service.
func (g *Graph) cached(prim *Primitive, p *Principal) []target {
	if prim.Target != "service-role" && prim.Target != "profile-role" {
		return g.targets(prim, p)
	}
	key := strings.Join(prim.Service, " ") + " " + p.label()
	list, ok := g.services[key]
	if !ok {
		list = g.targets(prim, p)
		g.services[key] = list
	}
	return list
}

// couldEver rules a primitive out if one of its actions may be done nowhere.
// Assuming a role is left to the role's trust policy.
func (g *Graph) couldEver(prim *Primitive, p *Principal, may map[string]Effect) bool {
	for _, n := range prim.Needs {
		some := false
		for _, alt := range n.alternatives() {
			action := kindly(alt.Do, p)
			if action == "sts:AssumeRole" {
				some = true
				break
			}
			effect, ok := may[action]
			if !ok {
				d, _ := g.world.Anywhere(p, action, withContext(alt.With, nil))
				effect = d.Effect
				may[action] = effect
			}
			if effect != Deny {
				some = true
				break
			}
		}
		if !some {
			return false
		}
	}
	return true
}

// kindly fills {Kind}: IAM's calls name the sort of principal.
func kindly(action string, p *Principal) string {
	kind := "User"
	if p.Kind == policy.Role {
		kind = "Role"
	}
	return strings.ReplaceAll(action, "{Kind}", kind)
}

// withContext sets the condition keys that the caller of a primitive chooses, as the
// service that a role is passed to. A value with an unfilled {…} is about something that
// this target does not have, and stays unknown.
func withContext(with map[string]string, fill *strings.Replacer) policy.Context {
	var c policy.Context
	for key, value := range with {
		if fill != nil {
			value = fill.Replace(value)
		}
		if !strings.Contains(value, "{") {
			c.Set(key, value)
		}
	}
	return c
}

// try decides a primitive on one target.
// All needs must hold; of alternatives the best counts. One that is denied ends it,
// one that cannot be told makes the hop uncertain. Caveats do not.
func (g *Graph) try(prim *Primitive, p *Principal, t *target) (Hop, bool) {
	hop := Hop{Primitive: prim.ID, Title: prim.Title, Target: t.arn, Effect: string(Allow), Caveat: prim.Caveat, Needs: []HopNeed{}}
	fill := strings.NewReplacer("{target}", t.arn, "{self}", p.ARN, "{provider}", t.provider)
	for _, n := range prim.Needs {
		best := HopNeed{Effect: string(Deny)}
		for _, alt := range n.alternatives() {
			action, on := kindly(alt.Do, p), fill.Replace(alt.On)
			ctx := withContext(alt.With, fill)
			var d Decision
			if on == "" {
				d, _ = g.world.Anywhere(p, action, ctx)
			} else {
				d = g.world.Decide(p, action, on, ctx)
			}
			if got := (HopNeed{action, on, string(d.Effect), reasonings(d.Reasons)}); rank(got.Effect) < rank(best.Effect) {
				best = got
			}
		}
		if best.Effect == string(Deny) {
			return Hop{}, false
		}
		if best.Effect == string(CannotTell) {
			hop.Effect = best.Effect
		}
		hop.Needs = append(hop.Needs, best)
	}
	for _, why := range []string{t.doubt, prim.Unseen} {
		if why != "" {
			hop.Effect = string(CannotTell)
			hop.Unseen = append(hop.Unseen, why)
		}
	}
	return hop, true
}
