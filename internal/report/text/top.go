package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// verdict is the box that must suffice if nothing else is read.
func (d *document) verdict() {
	v := d.Verdict
	border := severityStyle(v.Severity)
	if v.Status == "no_incident" {
		border = green
	}
	severity := v.Severity
	if p := outline.Priority(v.Severity); p != "" {
		severity += " (" + p + ")"
	}
	paras := [][]span{
		{s(strings.ToUpper(outline.Words(v.Status)), border), s("  ·  severity "), s(severity, border), s("  ·  confidence "), s(v.Confidence, bold)},
		{s(v.Headline, bold)}, nil,
	}
	add := func(word string, spans ...span) { paras = append(paras, append([]span{label(word)}, spans...)) }
	for i, c := range d.Seeds() {
		if i == 3 {
			add("", s(fmt.Sprintf("… and %d more", len(d.Seeds())-i)))
			break
		}
		add([]string{"Credential", "", ""}[i], s(c.ID, bold), s(" "+outline.Words(c.Kind)+" of "+outline.Short(c.Principal)+", now "+c.State))
	}
	if a := d.Activity(); a.Events > 0 {
		when := outline.Time(a.First) + " → " + outline.Time(a.Last) + " UTC"
		if b := outline.Between(a.First, a.Last); b != "" {
			when += " (" + b + ")"
		}
		add("When", s(fmt.Sprintf("%s, %s, %s failed", when, outline.Count(a.Events, "act"), outline.Number(int64(a.Failed)))))
	}
	if n := d.Networks(); len(n) > 0 {
		add("From", s(list(n, 5)))
	}
	live, active := d.Open()
	off := d.Blind()
	switch {
	case len(live)+len(active)+len(off) > 0:
		what := outline.Count(len(live), "way back live", "ways back live") + ", " + outline.Count(len(active), "credential") + " active"
		if len(off) > 0 {
			what += ", detection or logging off: " + list(off, 3)
		}
		add("Still open", s(what, alarm))
	case v.Status == "incident" || v.Status == "suspicious":
		add("Still open", s("nothing that the evidence shows"))
	}
	w := d.Scope.Window
	add("Evidence", s(fmt.Sprintf("%s → %s UTC, %s, %s", outline.Time(w.From), outline.Time(w.To),
		outline.Count(len(d.Scope.Accounts), "account"), outline.Count(len(d.Limits), "limit"))))
	d.box(border, paras)
	if t := strings.Join(strings.Fields(d.Case.Text), " "); t != "" {
		d.para("  Asked: ", "         ", s(t, faint))
		if w := d.Scope.Window; w.Basis != "" {
			// Whoever wrote "last night" must see which night was searched.
			d.para("  Read:  ", "         ", s(outline.Words(d.Case.Kind)+"; "+w.Basis, faint))
		}
	}
}

// list joins the first n items.
func list(items []string, n int) string {
	if len(items) > n {
		return strings.Join(items[:n], ", ") + fmt.Sprintf(" … and %d more", len(items)-n)
	}
	return strings.Join(items, ", ")
}

// chain says how they came in and what credential led to which.
func (d *document) chain() {
	if len(d.Credentials) == 0 {
		return
	}
	d.section("ENTRY AND CHAIN")
	if !slices.ContainsFunc(d.Credentials, outline.Held) && !slices.ContainsFunc(d.Timeline, func(e investigation.Entry) bool { return outline.Hostile(e.Actor) }) {
		d.para("  ", "  ", s("Nothing is held to be an intruder's. "+outline.Count(len(d.Credentials), "credential was", "credentials were")+" looked at (see json/html)."))
		return
	}
	for _, e := range d.Timeline {
		if outline.Hostile(e.Actor) {
			d.para("  First hostile act: ", "    ", s(outline.Time(e.At)+" UTC ", bold), s(e.Text+" "), s("["+e.Event+"]", faint))
			for _, row := range d.Attribution {
				if row.Event == e.Event && row.Because != "" {
					d.para("  Held to be the intruder because: ", "    ", s(attribution.Words(row.Because)+"."))
					break
				}
			}
			break
		}
	}
	d.WriteByte('\n')
	shown, hidden := 0, 0
	for _, n := range d.Tree() {
		if !n.Hostile || shown >= maxTree {
			hidden += n.Size
			continue
		}
		d.tree(n, "  ", "  ", &shown, &hidden)
	}
	if hidden > 0 {
		d.para("  ", "  ", s("… and "+outline.Count(hidden, "credential")+" of owners, services and responders, or too many to draw (see json/html)", faint))
	}
}

// tree draws a node and what came of it; subtrees the intruder never reached are only counted.
func (d *document) tree(n *outline.Node, first, rest string, shown, hidden *int) {
	*shown++
	c := n.Credential
	var head []span
	if c.IssuedBy != nil {
		head = append(head, s(outline.Words(c.IssuedBy.Rule)+fmt.Sprintf(" (tier %d, %s) → ", c.IssuedBy.Tier, c.IssuedBy.Confidence), faint))
		if c.IssuedBy.Credential == "" {
			head = append(head, s("issued by a service → ", faint))
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
		if k.Hostile && *shown+len(kids) < maxTree {
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
