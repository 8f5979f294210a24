package diff

import (
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// quantity is how much, "" where the row does not say.
func quantity(i investigation.Impact) string {
	if i.Quantity == nil {
		return ""
	}
	return outline.Number(i.Quantity.Value) + " " + i.Quantity.Unit
}

// impact compares what was hit. A row whose number grew is the same row, so rows of one class and
// unit that share evidence are paired before any is called new.
func (d *Diff) impact(before, after []investigation.Impact) {
	pairs, gone, come := match(before, after, rules[investigation.Impact]{
		exact: func(i investigation.Impact) string { return i.Class + "\x00" + i.Text },
		loose: func(i investigation.Impact) string { return i.Class + "\x00" + unit(i) },
		refs:  func(i investigation.Impact) []string { return i.Evidence },
	})
	for _, j := range come {
		i := after[j]
		d.add(Change{Section: "impact", weight: place(levels, i.Level), Kind: "added", ID: i.Class, Evidence: i.Evidence, Text: words(i.Level) + ": " + i.Text})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		f := fields("level", a.Level, b.Level, "quantity", quantity(a), quantity(b))
		if len(f) == 0 {
			continue
		}
		d.add(Change{Section: "impact", weight: place(levels, b.Level), Kind: direction(a.Level, b.Level, levels), ID: b.Class, Fields: f, Evidence: b.Evidence, Text: told(f) + ": " + b.Text})
	}
	for _, k := range gone {
		i := before[k]
		d.add(Change{Section: "impact", weight: place(levels, i.Level), Kind: "withdrawn", ID: i.Class, Evidence: i.Evidence, Text: "was " + words(i.Level) + ": " + i.Text})
	}
}

// unit is of what a row counts, "" where it does not count.
func unit(i investigation.Impact) string {
	if i.Quantity == nil {
		return ""
	}
	return i.Quantity.Unit
}
