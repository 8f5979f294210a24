package access

import (
	"slices"
	"strings"
)

// Reach is where a principal can get, by at most MaxHops hops.
type Reach struct {
	Principal string `json:"principal"`
	ID        string `json:"id"`
	Session   string `json:"session,omitempty"` // key or ARN of the session that was asked about
	At        string `json:"at"`
	// Administrator is the best answer to whether it can come to do everything
	// in its account: allow, cannot tell, or deny for no way known.
	Administrator string `json:"administrator"`
	// Open is why it cannot be told whether it may do everything already: policies
	// whose documents are not in the evidence. No path is made of that.
	Open     []Reasoning `json:"open,omitempty"`
	Paths    []Path      `json:"paths"` // the shortest to each thing reached; certain ones first, then by length
	Assumed  []string    `json:"assumed"`
	Notes    []string    `json:"notes"`
	Evidence []string    `json:"evidence"`
}

// Path is one way to one principal, or to an administrator.
type Path struct {
	To     string `json:"to"`
	Effect string `json:"effect"` // allow if every hop is; else cannot tell
	Hops   []Hop  `json:"hops"`
}

// Hop is one primitive on one target.
type Hop struct {
	Primitive string    `json:"primitive"`
	Title     string    `json:"title"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	Target    string    `json:"target"` // what the primitive acts on; "" for nothing there yet
	Effect    string    `json:"effect"`
	Needs     []HopNeed `json:"needs"`
	Caveat    string    `json:"caveat,omitempty"`
	Unseen    []string  `json:"unseen,omitempty"` // what else it takes and the evidence does not show
}

// HopNeed is one action of a hop and why it is allowed, or may be.
type HopNeed struct {
	Action   string      `json:"action"`
	Resource string      `json:"resource"` // "" is any
	Effect   string      `json:"effect"`
	Reasons  []Reasoning `json:"reasons"`
}

// Administers says whether the path ends in doing everything in an account.
func (p *Path) Administers() bool { return strings.HasPrefix(p.To, "administrator of ") }

// From finds where a principal can get: first by certain hops alone, then by
// hops of which some cannot be told.
func (g *Graph) From(p *Principal) Reach {
	out := Reach{Principal: p.ARN, Session: p.session(), ID: p.ID, At: stamp(g.world.At), Administrator: string(Deny), Paths: []Path{},
		Assumed: g.world.assumptions(p), Notes: append([]string{}, g.world.Notes...), Evidence: p.cited()}
	start := &node{key: p.label(), p: p}
	// What is reached for certain is not told again as a maybe.
	seen := map[string]bool{start.key: true}
	if d := g.world.everything(p); d.Effect == CannotTell && !slices.ContainsFunc(d.Reasons, func(r Reason) bool { return !r.Missing }) {
		out.Open = reasonings(d.Reasons)
	} else if d.Effect != Deny {
		to := administrator(p.Account).key
		out.Administrator = string(d.Effect)
		title := "may do everything already"
		if d.Effect == CannotTell {
			title = "may do everything already where the reason below holds"
		}
		out.Paths = append(out.Paths, Path{To: to, Effect: string(d.Effect), Hops: []Hop{{
			Title: title, From: p.label(), To: to, Effect: string(d.Effect),
			Needs: []HopNeed{{"*", "*", string(d.Effect), reasonings(d.Reasons)}},
		}}})
		if d.Effect == Allow {
			return out
		}
	}
	for _, certain := range []bool{true, false} {
		for _, path := range g.search(start, certain) {
			if seen[path.To] || path.Administers() && rank(path.Effect) >= rank(out.Administrator) && out.Administrator != string(Deny) {
				continue
			}
			seen[path.To] = true
			if path.Administers() && out.Administrator != string(Allow) {
				out.Administrator = path.Effect
			}
			out.Paths = append(out.Paths, path)
		}
	}
	if out.Open != nil && out.Administrator == string(Deny) {
		out.Administrator = string(CannotTell)
	}
	slices.SortStableFunc(out.Paths, func(a, b Path) int {
		if c := rank(a.Effect) - rank(b.Effect); c != 0 {
			return c
		}
		if a.Administers() != b.Administers() {
			if a.Administers() {
				return -1
			}
			return 1
		}
		if c := len(a.Hops) - len(b.Hops); c != 0 {
			return c
		}
		return strings.Compare(a.To, b.To)
	})
	return out
}

// search is breadth first, so that the first path to anything is a shortest one.
func (g *Graph) search(start *node, certain bool) (out []Path) {
	type step struct {
		n    *node
		hops []Hop
	}
	seen := map[string]bool{start.key: true}
	queue := []step{{n: start}}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if len(at.hops) == MaxHops {
			continue
		}
		for _, e := range g.from(at.n) {
			if seen[e.to.key] || certain && e.hop.Effect != string(Allow) {
				continue
			}
			seen[e.to.key] = true
			// Clip: several paths share their beginning.
			hops := append(slices.Clip(at.hops), e.hop)
			path := Path{To: e.to.key, Effect: string(Allow), Hops: hops}
			for _, h := range hops {
				if h.Effect != string(Allow) {
					path.Effect = string(CannotTell)
				}
			}
			out = append(out, path)
			queue = append(queue, step{e.to, hops})
		}
	}
	return out
}
