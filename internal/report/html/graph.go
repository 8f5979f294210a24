package html

import (
	"cmp"
	"slices"

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
		// A credential without its way up would look like one that nobody issued.
		for p := n; p != nil && !keep[p]; p = parent[p] {
			path = append(path, p)
		}
		// The way to a deep one may be too long where that to a shallow one still fits.
		if len(keep)+len(path) > maxNodes {
			continue
		}
		for _, p := range path {
			keep[p] = true
		}
	}
	return keep
}
