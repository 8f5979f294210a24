package diff

import (
	"fmt"

	"github.com/trailhound/trailhound/internal/ledger"
)

// persistence compares what was left behind by kind and id. A change of status is neither stronger
// nor weaker: "removed" is good news and as certain as "live".
func (d *Diff) persistence(before, after []ledger.Persistence) {
	key := func(p ledger.Persistence) string { return p.Kind + "\x00" + p.ID }
	pairs, gone, come := match(before, after, rules[ledger.Persistence]{exact: key})
	for _, j := range come {
		p := after[j]
		d.add(Change{Section: "persistence", weight: place(present, p.Status), Kind: "added", ID: p.ID, Evidence: p.Evidence, Text: fmt.Sprintf("%s %s, %s.", words(p.Kind), p.ID, words(p.Status))})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("status", a.Status, b.Status); len(f) > 0 {
			d.add(Change{Section: "persistence", weight: place(present, b.Status), Kind: "changed", ID: b.ID, Fields: f, Evidence: b.Evidence, Text: fmt.Sprintf("%s %s: %s.", words(b.Kind), b.ID, told(f))})
		}
	}
	for _, i := range gone {
		p := before[i]
		d.add(Change{Section: "persistence", weight: place(present, p.Status), Kind: "withdrawn", ID: p.ID, Evidence: p.Evidence, Text: fmt.Sprintf("%s %s (was %s) is no longer listed.", words(p.Kind), p.ID, words(p.Status))})
	}
}
