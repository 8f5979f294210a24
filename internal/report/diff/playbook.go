package diff

import "github.com/trailhound/trailhound/internal/playbook"

// hypotheses compares the harmless explanations by their ids, which are those of the content
// pack. One that appears or goes with the kind of the case is no news.
func (d *Diff) hypotheses(before, after []playbook.Hypothesis) {
	pairs, _, _ := match(before, after, rules[playbook.Hypothesis]{exact: func(h playbook.Hypothesis) string { return h.ID }})
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("verdict", a.Verdict, b.Verdict); len(f) > 0 {
			d.add(Change{Section: "hypothesis", Kind: "changed", ID: b.ID, Fields: f, Text: b.Title + ": " + told(f) + "."})
		}
	}
}

// criteria compares what closes the case, met or not.
func (d *Diff) criteria(before, after []playbook.Criterion) {
	pairs, _, _ := match(before, after, rules[playbook.Criterion]{exact: func(c playbook.Criterion) string { return c.ID }})
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("status", a.Status, b.Status); len(f) > 0 {
			d.add(Change{Section: "criterion", Kind: "changed", ID: b.ID, Fields: f, Evidence: b.Refs, Text: told(f) + ": " + b.Text})
		}
	}
}
