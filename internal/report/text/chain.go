package text

import (
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// account tells the gravest of it in order, for whoever reads no further.
func (d *document) account() {
	list := d.Account()
	if len(list) == 0 {
		return
	}
	d.section("IN SHORT")
	for _, c := range list {
		d.para("  • ", "    ", s(c.Text), s(" ("+c.ID+")", faint))
	}
}

// chain says how they came in and what credential led to which.
func (d *document) chain() {
	if len(d.Credentials) == 0 && len(d.Undecided()) == 0 {
		return
	}
	d.section("ENTRY AND CHAIN")
	// Where nobody broke in there is no chain, and a tree of the owners' credentials would look like one.
	if !slices.ContainsFunc(d.Credentials, outline.Held) && !slices.ContainsFunc(d.Timeline, func(e investigation.Entry) bool { return outline.Hostile(e.Actor) }) {
		d.para("  ", "  ", s("Nothing is held to be an intruder's. "+outline.Count(len(d.Credentials), "credential was", "credentials were")+" looked at (see json/html)."))
		d.undecided()
		return
	}
	for _, e := range d.Timeline { // which is in order of time
		if outline.Hostile(e.Actor) {
			d.para("  First hostile act: ", "    ", s(outline.Time(e.At)+" UTC ", bold), s(e.Text+" "), s("["+e.Event+"]", faint))
			if because := d.Why(e.Event); because != "" {
				d.para("  Held to be the intruder because: ", "    ", s(because+"."))
			}
			break
		}
	}
	d.WriteByte('\n')
	// Shared over all trees: the bound is on what is drawn, not on each of them. What is left
	// out is counted by subtree, so that shown and hidden add up to all credentials.
	shown, hidden := 0, 0
	for _, n := range d.Tree() {
		if !n.Hostile || shown >= maxTree {
			hidden += n.Size
			continue
		}
		shown++
		d.tree(n, "  ", "  ", &shown, &hidden)
	}
	if hidden > 0 {
		d.para("  ", "  ", s("… and "+outline.Count(hidden, "credential")+" of owners, services and responders, or too many to draw (see json/html)", faint))
	}
	d.undecided()
}

// undecided says what was looked at and settled for nobody: what to ask about next.
func (d *document) undecided() {
	list := d.Undecided()
	if len(list) == 0 {
		return
	}
	d.para("  ", "  ", s("Neither the owner's for certain nor an intruder's; ask whose it is:", bold))
	for _, u := range list {
		about := []span{s(u.Claim.Text), s(" ("+u.Claim.ID+")", faint)}
		if u.Because != "" {
			about = append(about, s(" Open because: "+u.Because+"."))
		}
		d.para("  • ", "    ", about...)
	}
}

// tree draws a node and what came of it; subtrees the intruder never reached are only counted.
// first stands before the node's own line and rest before what hangs below it: the bars of
// all levels above, which a wrapped line has to continue, too.
func (d *document) tree(n *outline.Node, first, rest string, shown, hidden *int) {
	c := n.Credential
	var head []span
	if c.IssuedBy != nil {
		head = append(head, s(outline.Words(c.IssuedBy.Rule)+fmt.Sprintf(" (tier %d, %s) → ", c.IssuedBy.Tier, c.IssuedBy.Confidence), faint))
		if c.IssuedBy.Credential == "" {
			head = append(head, s(outline.From(c.IssuedBy.Rule)+" → ", faint))
		}
	}
	head = append(head, s(c.ID, bold), s(" "), s(outline.Words(c.HeldBy), heldStyle(c)), s(", "+c.State))
	d.para(first, rest+"    ", head...)
	about := outline.Words(c.Kind) + " of " + outline.Short(c.Principal)
	if c.FirstSeen != "" {
		about += " · " + outline.Time(c.FirstSeen) + " → " + outline.Time(c.LastSeen)
	}
	if len(c.Networks) > 0 {
		about += " · " + list(c.Networks, 3)
	}
	var kids []*outline.Node
	for _, k := range n.Children {
		if k.Hostile && *shown < maxTree {
			// Counted before anything below is drawn: a deep first branch must not crowd out the
			// second, nor many branches together pass the bound.
			*shown++
			kids = append(kids, k)
		} else {
			*hidden += k.Size
		}
	}
	bar := "  "
	if len(kids) > 0 {
		bar = "│ "
	}
	d.para(rest+bar, rest+bar+"  ", s(about, faint))
	for i, k := range kids {
		if i == len(kids)-1 {
			d.tree(k, rest+"└─ ", rest+"   ", shown, hidden)
		} else {
			d.tree(k, rest+"├─ ", rest+"│  ", shown, hidden)
		}
	}
}

func heldStyle(c lineage.Credential) style {
	switch c.HeldBy {
	case "intruder":
		return red
	case "shared":
		return yellow
	case "owner":
		return green
	}
	return plain
}
