package outline

import (
	"cmp"
	"slices"

	"github.com/trailhound/trailhound/internal/lineage"
)

// Node is one credential in the tree of lineage.
type Node struct {
	Credential lineage.Credential
	Children   []*Node
	Hostile    bool // the intruder held this credential or one that came of it
	Size       int  // nodes of this subtree, this one included
}

// Tree returns the lineage as trees, those the intruder reached first, each level in order of
// first use. Every row of the report stands in it exactly once, whatever the rows say: a parent
// that is missing makes a root, and a cycle is cut where its first row is met.
func (o *Outline) Tree() []*Node {
	rows := slices.Clone(o.Credentials)
	slices.SortStableFunc(rows, byFirstSeen)
	first := map[string]int{}
	for i, c := range rows {
		if _, ok := first[c.ID]; !ok {
			first[c.ID] = i
		}
	}
	children := make([][]int, len(rows))
	var roots []int
	for i, c := range rows {
		if c.IssuedBy != nil {
			if p, ok := first[c.IssuedBy.Credential]; ok && p != i {
				children[p] = append(children[p], i)
				continue
			}
		}
		roots = append(roots, i)
	}
	seen := make([]bool, len(rows))
	// Rows that form a cycle hang on no root; seen also keeps build from going round in one.
	var build func(i int) *Node
	build = func(i int) *Node {
		seen[i] = true
		n := &Node{Credential: rows[i], Hostile: Held(rows[i]), Size: 1}
		for _, c := range children[i] {
			if !seen[c] {
				child := build(c)
				n.Children = append(n.Children, child)
				n.Hostile = n.Hostile || child.Hostile
				n.Size += child.Size
			}
		}
		hostileFirst(n.Children)
		return n
	}
	var trees []*Node
	for _, i := range roots {
		trees = append(trees, build(i))
	}
	for i := range rows { // what is left hangs on a cycle
		if !seen[i] {
			trees = append(trees, build(i))
		}
	}
	hostileFirst(trees)
	return trees
}

// hostileFirst keeps the order within each half.
func hostileFirst(nodes []*Node) {
	slices.SortStableFunc(nodes, func(a, b *Node) int { return cmp.Compare(rank(a), rank(b)) })
}

func rank(n *Node) int {
	if n.Hostile {
		return 0
	}
	return 1
}
