package diff

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/response"
)

// containment compares the steps by what they do to what. That a step moved is no news, and its
// command follows from what it does.
func (d *Diff) containment(before, after []response.Step) {
	_, gone, come := match(before, after, rules[response.Step]{
		exact: func(s response.Step) string { return s.Phase + "\x00" + s.Action + "\x00" + s.Target },
	})
	for _, j := range come {
		s := after[j]
		d.add(Change{Section: "containment", Kind: "added", ID: s.Target, New: fmt.Sprint(s.Step), Text: fmt.Sprintf("step %d, %s: %s %s.", s.Step, s.Phase, s.Action, s.Target)})
	}
	for _, i := range gone {
		s := before[i]
		d.add(Change{Section: "containment", Kind: "withdrawn", ID: s.Target, Old: fmt.Sprint(s.Step), Text: fmt.Sprintf("no longer advised: %s %s.", s.Action, s.Target)})
	}
}

// limits compares what cannot be said. Here "withdrawn" is the good news: a gap was filled.
func (d *Diff) limits(before, after []investigation.Limit) {
	pairs, gone, come := match(before, after, rules[investigation.Limit]{
		exact: func(l investigation.Limit) string { return l.Kind + "\x00" + l.Text },
		loose: func(l investigation.Limit) string { return l.Kind + "\x00" + shape(l.Text) },
	})
	for _, i := range gone {
		l := before[i]
		d.add(Change{Section: "limit", Kind: "withdrawn", ID: l.Kind, Old: l.ID, Text: "lifted: " + l.Text})
	}
	for _, j := range come {
		l := after[j]
		d.add(Change{Section: "limit", Kind: "added", ID: l.Kind, New: l.ID, Text: strings.TrimSpace(l.Text + " " + l.Effect)})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("text", a.Text, b.Text); len(f) > 0 {
			d.add(Change{Section: "limit", Kind: "changed", ID: b.Kind, Old: a.ID, New: b.ID, Fields: f, Text: "now: " + b.Text})
		}
	}
}
