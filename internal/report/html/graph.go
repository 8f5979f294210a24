package html

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// graph is the lineage laid out: layers from left to right, one row per leaf, parents in the
// middle of their children. It is a forest, so no edge crosses another and nothing is left to
// chance: the same rows give the same picture.
type graph struct {
	Width, Height int
	Nodes         []node
	Edges         []edge
	Folded        int // credentials counted in a fold rather than drawn
}

// node is one box; fold boxes stand for credentials that are not drawn.
type node struct {
	X, Y               int
	W, H               int
	ID, Principal      string
	About, Held, State string
	Tip                string
	Place              int // row of the credentials table, 0 for a fold
	Fold               bool
}

// edge is one issuance, drawn as a curve, labelled at the child with rule and tier.
type edge struct {
	Path   string
	LX, LY int // where the label ends
	LBelow int
	Label  string // above the line
	Below  string // what found no room above it
	Held   string
}

// Sizes in pixels. The gap between layers holds the label.
const (
	nodeW, nodeH = 202, 58
	gapX, gapY   = 126, 14
	margin       = 8
)

// draw lays out the trees, at most maxNodes boxes of credentials.
func draw(trees []*outline.Node, places map[string]int) graph {
	l := &layout{keep: chosen(trees), places: places}
	folded := 0
	for _, t := range trees {
		if l.keep[t] {
			l.place(t, 0)
		} else {
			folded += t.Size
		}
	}
	if folded > 0 {
		l.fold(folded, 0)
	}
	if len(l.g.Nodes) > 0 {
		l.g.Width += margin
		l.g.Height = l.next - gapY + margin
	}
	return l.g
}

// chosen picks the credentials to draw, with the way up to their roots: the intruder's first,
// then by first use.
func chosen(trees []*outline.Node) map[*outline.Node]bool {
	parent := map[*outline.Node]*outline.Node{}
	var all []*outline.Node
	var walk func(n *outline.Node)
	walk = func(n *outline.Node) {
		all = append(all, n)
		for _, c := range n.Children {
			parent[c] = n
			walk(c)
		}
	}
	for _, t := range trees {
		walk(t)
	}
	interest := map[string]int{"intruder": 0, "shared": 1, "unknown": 2, "owner": 3}
	slices.SortStableFunc(all, func(a, b *outline.Node) int {
		return cmp.Or(interest[a.Credential.HeldBy]-interest[b.Credential.HeldBy], cmp.Compare(a.Credential.FirstSeen, b.Credential.FirstSeen),
			cmp.Compare(a.Credential.ID, b.Credential.ID))
	})
	keep := map[*outline.Node]bool{}
	for _, n := range all {
		var path []*outline.Node
		for p := n; p != nil && !keep[p]; p = parent[p] {
			path = append(path, p)
		}
		if len(keep)+len(path) > maxNodes {
			continue
		}
		for _, p := range path {
			keep[p] = true
		}
	}
	return keep
}

type layout struct {
	g      graph
	keep   map[*outline.Node]bool
	places map[string]int
	next   int // y of the next free row
}

// place draws a node and its subtree and returns the y of the node's middle.
func (l *layout) place(n *outline.Node, depth int) int {
	type child struct {
		y  int
		of *outline.Node
	}
	var kids []child
	folded := 0
	for _, k := range n.Children {
		if l.keep[k] {
			kids = append(kids, child{l.place(k, depth+1), k})
		} else {
			folded += k.Size
		}
	}
	if folded > 0 {
		kids = append(kids, child{l.fold(folded, depth+1), nil})
	}
	y := 0
	if len(kids) > 0 {
		y = (kids[0].y + kids[len(kids)-1].y) / 2
	} else {
		y = l.row()
	}
	l.box(n, depth, y)
	for _, k := range kids {
		e := curve(left(depth)+nodeW, y, left(depth+1), k.y)
		if k.of != nil {
			if i := k.of.Credential.IssuedBy; i != nil {
				e.Label, e.Below = labels(outline.Words(i.Rule), fmt.Sprintf(" · %d", i.Tier))
			}
			e.Held = k.of.Credential.HeldBy
		}
		l.g.Edges = append(l.g.Edges, e)
	}
	return y
}

// labelLen is how many letters of a label fit between two boxes.
const labelLen = 18

// labels breaks a rule at a space so that the gap between two boxes holds it; the tier stays
// with the last word.
func labels(rule, tier string) (above, below string) {
	if utf8.RuneCountInString(rule+tier) <= labelLen {
		return rule + tier, ""
	}
	at := 0
	for i, r := range rule {
		if r == ' ' && utf8.RuneCountInString(rule[:i]) <= labelLen {
			at = i
		}
	}
	if at == 0 {
		return inert.Clip(rule, labelLen), tier
	}
	return rule[:at], inert.Clip(rule[at+1:], labelLen-4) + tier
}

// row takes the next row and returns its middle.
func (l *layout) row() int {
	if l.next == 0 {
		l.next = margin
	}
	y := l.next + nodeH/2
	l.next += nodeH + gapY
	return y
}

func left(depth int) int { return margin + depth*(nodeW+gapX) }

func (l *layout) box(n *outline.Node, depth, y int) {
	c := n.Credential
	about := outline.Words(c.Kind) + " · " + c.State
	if i := c.IssuedBy; i != nil && i.Credential == "" {
		about += " · from AWS"
	} else if i != nil && depth == 0 {
		about += " · parent unknown"
	}
	tip := fmt.Sprintf("%s\n%s\nheld by %s, %s\n%s → %s UTC", c.ID, c.Principal, c.HeldBy, c.State, outline.Time(c.FirstSeen), outline.Time(c.LastSeen))
	l.add(node{X: left(depth), Y: y - nodeH/2, ID: inert.Clip(c.ID, 24), Principal: inert.Clip(outline.Short(c.Principal), 26),
		About: inert.Clip(about, 29), Held: c.HeldBy, State: c.State, Tip: tip, Place: l.places[c.ID]})
}

// fold draws the box for credentials that are not drawn.
func (l *layout) fold(n, depth int) int {
	y := l.row()
	l.g.Folded += n
	l.add(node{X: left(depth), Y: y - nodeH/2, ID: "+ " + outline.Count(n, "more credential"), Principal: "listed in the table below", Fold: true})
	return y
}

func (l *layout) add(n node) {
	n.W, n.H = nodeW, nodeH
	l.g.Nodes = append(l.g.Nodes, n)
	l.g.Width = max(l.g.Width, n.X+nodeW)
}

func curve(x1, y1, x2, y2 int) edge {
	mid := x1 + 36
	return edge{Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %dH%d", x1, y1, mid, y1, x1, y2, mid, y2, x2), LX: x2 - 8, LY: y2 - 5, LBelow: y2 + 13}
}
