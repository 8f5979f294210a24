package diff

import (
	"cmp"
	"fmt"

	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// credentials compares who held what, in which state, and by whom it was issued.
func (d *Diff) credentials(before, after []lineage.Credential) {
	// A service issues by a rule and no credential: then the rule stands for the parent.
	parent := func(c lineage.Credential) string {
		if c.IssuedBy == nil {
			return ""
		}
		return cmp.Or(c.IssuedBy.Credential, c.IssuedBy.Rule)
	}
	pairs, gone, come := match(before, after, rules[lineage.Credential]{exact: func(c lineage.Credential) string { return c.ID }})
	for _, j := range come {
		c := after[j]
		text := fmt.Sprintf("%s %s of %s, held by %s, %s", words(c.Kind), c.ID, outline.Short(c.Principal), words(c.HeldBy), words(c.State))
		if p := parent(c); p != "" {
			text += ", issued by " + p
		}
		d.add(Change{Section: "credential", weight: place(holders, c.HeldBy), Kind: "added", ID: c.ID, Evidence: c.StateEvidence, Text: text + "."})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("held_by", a.HeldBy, b.HeldBy, "state", a.State, b.State, "issued_by", parent(a), parent(b)); len(f) > 0 {
			d.add(Change{Section: "credential", weight: place(holders, b.HeldBy), Kind: "changed", ID: b.ID, Fields: f, Evidence: b.StateEvidence, Text: fmt.Sprintf("%s %s: %s.", words(b.Kind), b.ID, told(f))})
		}
	}
	for _, i := range gone {
		c := before[i]
		d.add(Change{Section: "credential", weight: place(holders, c.HeldBy), Kind: "withdrawn", ID: c.ID, Evidence: c.StateEvidence, Text: fmt.Sprintf("%s %s (held by %s) is no longer listed.", words(c.Kind), c.ID, words(c.HeldBy))})
	}
}
