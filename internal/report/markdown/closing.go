package markdown

import (
	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// closing is the checklist of the playbook, and the way the case went.
func (d *document) closing() {
	p := d.Playbook
	if len(p.Criteria) == 0 {
		return
	}
	d.heading("What closes this case")
	d.p("%s: %s\n\n", esc(p.Title), esc(outline.CriteriaMet(p)))
	for _, c := range p.Criteria {
		then := ""
		if c.Status != playbook.Met { // what is met needs no advice
			then = esc(c.Then) + " "
		}
		d.p("- %s %s %s%s %s\n", strong(outline.Title(outline.Words(c.Status))+"."), esc(c.Text), then, esc(c.Because), codes(c.Refs))
	}
	d.p("\n")
	d.table([]string{"Decision", "Answer", "What follows", "Because", "Evidence"}, rows(p.Decisions, func(x playbook.Decision) []string {
		return []string{esc(x.Text), esc(outline.Words(x.Answer)), esc(x.Then), esc(x.Because), codes(x.Refs)}
	}))
	d.p("\n")
	d.table([]string{"Evidence wanted", "There", "Because", "Evidence"}, rows(p.Evidence, func(x playbook.Wanted) []string {
		return []string{esc(x.Text), esc(outline.Words(x.Present)), esc(x.Because), codes(x.Refs)}
	}))
	d.p("\n")
	d.table([]string{"Question", "Required", "Status"}, rows(p.Questions, func(q playbook.Asked) []string {
		return []string{code(q.ID), map[bool]string{true: "yes", false: "no"}[q.Required], esc(q.Status)}
	}))
}

// hypotheses are the harmless explanations, with all that speaks for and against each, and
// what would decide it.
func (d *document) hypotheses() {
	if len(d.Hypotheses) == 0 {
		return
	}
	d.heading("What else it could be")
	for _, h := range d.Hypotheses {
		d.p("- %s: %s\n", strong(h.Title), esc(outline.Words(h.Verdict)))
		for _, p := range h.For {
			d.p("  - For: %s. %s %s\n", esc(p.Text), esc(p.Because), codes(p.Refs))
		}
		for _, p := range h.Against {
			d.p("  - Against: %s. %s %s\n", esc(p.Text), esc(p.Because), codes(p.Refs))
		}
		if len(h.SetAside) > 0 {
			d.p("  - Already held to be this, and set aside: %s\n", codes(h.SetAside))
		}
		d.p("  - Would decide it: %s\n", esc(h.Decide))
	}
}
