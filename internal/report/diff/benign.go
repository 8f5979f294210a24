package diff

import (
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
)

// benign compares what was judged harmless. A row grows with the evidence, so it is the same row
// whatever its numbers; what left it for the intruder is told under attribution, too.
func (d *Diff) benign(before, after []investigation.Benign) {
	pairs, gone, come := match(before, after, rules[investigation.Benign]{
		exact: func(b investigation.Benign) string { return b.Text + "\x00" + b.Because },
		loose: func(b investigation.Benign) string { return shape(b.Text) },
		refs:  func(b investigation.Benign) []string { return b.Events },
	})
	for _, j := range come {
		b := after[j]
		d.add(Change{Section: "benign", Kind: "added", Evidence: events(b.Events), Text: strings.TrimSpace(b.Text + " " + b.Because)})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		f := fields("text", a.Text, b.Text, "because", a.Because, b.Because)
		if len(f) == 0 {
			continue
		}
		text := "now: " + b.Text
		if a.Because != b.Because { // the reason weighs more than the number
			text += " Because: " + b.Because + " It was: " + a.Because
		}
		d.add(Change{Section: "benign", Kind: "changed", Fields: f, Evidence: events(b.Events), Text: text})
	}
	for _, i := range gone {
		b := before[i]
		d.add(Change{Section: "benign", Kind: "withdrawn", Evidence: events(b.Events), Text: "no longer judged harmless, or no longer seen: " + b.Text})
	}
}

// events makes typed references of ids.
func events(ids []string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, "event:"+id)
	}
	return out
}
