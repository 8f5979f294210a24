package html

import (
	"fmt"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// layout draws the trees that are kept, one after the other, from the top.
type layout struct {
	g      graph
	keep   map[*outline.Node]bool
	places map[string]int
	next   int // y of the next free row, 0 before the first
}

// place draws a node and its subtree and returns the y of the node's middle.
// Children come first, so that each parent can stand between its first and its last; rows
// are taken only by leaves and folds, so no two boxes of a layer overlap.
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

// left is the x of the boxes of one layer.
func left(depth int) int { return margin + depth*(nodeW+gapX) }

// box draws a credential. A root that has a parent shows that the parent is not in the report.
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

// add files a box and widens the picture to hold it; the height follows from the rows.
func (l *layout) add(n node) {
	n.W, n.H = nodeW, nodeH
	l.g.Nodes = append(l.g.Nodes, n)
	l.g.Width = max(l.g.Width, n.X+nodeW)
}

// curve goes from the right side of a parent to the left side of a child: a bend close to the
// parent and a straight line after it, above which the label stands.
func curve(x1, y1, x2, y2 int) edge {
	mid := x1 + 36
	return edge{Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %dH%d", x1, y1, mid, y1, x1, y2, mid, y2, x2), LX: x2 - 8, LY: y2 - 5, LBelow: y2 + 13}
}
